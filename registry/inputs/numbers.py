"""Kinds for numbers: a slider, and the seed of what is random. Numbers may arrive as text, as from a command line."""

from __future__ import annotations

import math
import secrets
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

from registry.errors import BadInput, BadSpec
from registry.inputs.kind import Kind, Option, Uploads, as_number, shown


@dataclass(frozen=True)
class Slider(Kind):
    """A number from `low` to `high`, both included; an int or a float by the argument's annotation."""

    low: float
    high: float
    step: float | None = None
    _: KW_ONLY
    unit: str = ""
    whole: bool = False  # set from the annotation at load

    accepts: ClassVar[tuple[type, ...]] = (int, float)

    def verify(self, annotation: type) -> None:
        """Limits must be finite and in order."""
        super().verify(annotation)
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise BadSpec(f"Slider needs finite limits with low < high, not {self.low} and {self.high}")
        if self.step is not None and not 0 < self.step <= self.high - self.low:
            raise BadSpec(f"Slider step must be from 0 to {self.high - self.low}, not {self.step}")

    def declared(self, annotation: type) -> Slider:
        """Whole if the annotation is int."""
        self.verify(annotation)
        return replace(self, whole=annotation is int)

    def check(self, value: Any, field: str) -> int | float:
        """A finite number within the limits; whole if the annotation is int."""
        sort = "a whole number" if self.whole else "a number"
        wanted = f"must be {sort} from {self.low:g} to {self.high:g}" + (f" {self.unit}" if self.unit else "")
        number = as_number(value)
        if number is None or not self.low <= number <= self.high or (self.whole and number != int(number)):
            raise BadInput(field, f"{wanted}, not {shown(value)}")
        return int(number) if self.whole else number

    def describe(self) -> dict[str, Any]:
        """Limits, step, unit."""
        return super().describe() | {
            "low": self.low,
            "high": self.high,
            "step": self.step or (1 if self.whole else None),
            "unit": self.unit,
            "whole": self.whole,
        }

    def schema(self) -> dict[str, Any]:
        """A number."""
        return {"type": "integer" if self.whole else "number"}

    def limits(self) -> str:
        """Its range."""
        return f"A {self.takes()}.".replace("number, ", "number from ")

    def takes(self) -> str:
        """Its range."""
        sort = "whole number" if self.whole else "number"
        return f"{sort}, {self.low:g} to {self.high:g} {self.unit}".strip()

    @property
    def span(self) -> tuple[float, float]:
        """Its range."""
        return self.low, self.high

    def option(self) -> Option:
        """Its range and unit."""
        hint = f"In {self.unit}." if self.unit else ""
        return Option(f"{self.low:g}..{self.high:g}", hint, example=f"{self.low:g}")

    def end_values(self) -> list[Any]:
        """Both ends."""
        return [int(end) if self.whole else end for end in (self.low, self.high)]

    def wrong_values(self) -> list[Any]:
        """Beyond the ends, and no number."""
        return [self.high + 1, self.low - 1, math.nan, math.inf, "many", "x", [], True]


@dataclass(frozen=True)
class Seed(Kind):
    """The number that fixes every random choice of a run. -1 draws one, which the recipe then records."""

    _: KW_ONLY
    doc: str = "Fixes every random choice; -1 draws a new one."

    accepts: ClassVar[tuple[type, ...]] = (int,)
    fixes_run: ClassVar[bool] = True
    highest: ClassVar[int] = 2**32 - 1

    def check(self, value: Any, field: str) -> int:
        """A whole number from 0 to 2³²−1; -1 is replaced by a drawn one."""
        number = as_number(value)
        if number is None or number != int(number) or not -1 <= number <= self.highest:
            raise BadInput(field, f"must be a whole number from -1 to {self.highest}, not {shown(value)}")
        return secrets.randbelow(self.highest + 1) if number == -1 else int(number)

    def schema(self) -> dict[str, Any]:
        """A whole number."""
        return {"type": "integer"}

    def takes(self) -> str:
        """A number."""
        return "whole number"

    @property
    def span(self) -> tuple[float, float]:
        """All seeds."""
        return 0, self.highest

    def option(self) -> Option:
        """A number."""
        return Option("SEED")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """An emptied field draws a seed."""
        return -1 if raw in (None, "") else raw

    def wrong_values(self) -> list[Any]:
        """Beyond the ends, and no whole number."""
        return [-2, 2**32, 0.5, "a seed", math.nan]
