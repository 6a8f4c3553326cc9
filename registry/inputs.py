"""The kinds of input an editor can declare: what a value may be, and how it is checked, shown and recorded.

A kind sits in the annotation of a handler's argument: ``steps: Annotated[int, Slider(1, 500, doc="…")] = 100``. `check`
is the one place where a value is judged; page, command line, HTTP, MCP and replay all go through it, so all of them
refuse the same things in the same words. Numbers may arrive as text, as they do from a command line.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.errors import BadInput, BadSpec
from registry.kind import LONGEST, Kind, as_number, shown
from registry.picture_inputs import NO_LATENT, Latent, Origin, Picture

__all__ = [
    "NO_LATENT",
    "Choice",
    "Kind",
    "Latent",
    "Origin",
    "Picture",
    "Seed",
    "Slider",
    "Switch",
    "Text",
    "as_number",
    "shown",
]


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


@dataclass(frozen=True)
class Seed(Kind):
    """The number that fixes every random choice of a run. -1 draws one, which the recipe then records."""

    _: KW_ONLY
    doc: str = "Fixes every random choice; -1 draws a new one."

    accepts: ClassVar[tuple[type, ...]] = (int,)
    highest: ClassVar[int] = 2**32 - 1

    def check(self, value: Any, field: str) -> int:
        """A whole number from 0 to 2³²−1; -1 is replaced by a drawn one."""
        number = as_number(value)
        if number is None or number != int(number) or not -1 <= number <= self.highest:
            raise BadInput(field, f"must be a whole number from -1 to {self.highest}, not {shown(value)}")
        return secrets.randbelow(self.highest + 1) if number == -1 else int(number)


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words. `options` is a sequence of values, or a mapping of value to the label that is shown."""

    options: Sequence[str] | Mapping[str, str]

    accepts: ClassVar[tuple[type, ...]] = (str,)

    @property
    def labels(self) -> dict[str, str]:
        """Value → label."""
        if isinstance(self.options, Mapping):
            return dict(self.options)
        return {option: option.replace("_", " ") for option in self.options}

    def verify(self, annotation: type) -> None:
        """At least two different options."""
        super().verify(annotation)
        if isinstance(self.options, str) or len(self.labels) < 2 or len(self.labels) != len(self.options):
            raise BadSpec("Choice needs at least two different options")

    def check(self, value: Any, field: str) -> str:
        """One of the options' values."""
        if not isinstance(value, str) or value not in self.labels:
            raise BadInput(field, f"must be one of {', '.join(self.labels)}, not {shown(value)}")
        return value

    def describe(self) -> dict[str, Any]:
        """The options with their labels."""
        return super().describe() | {"options": self.labels}


@dataclass(frozen=True)
class Switch(Kind):
    """Yes or no."""

    accepts: ClassVar[tuple[type, ...]] = (bool,)
    _words: ClassVar[dict[str, bool]] = {"true": True, "yes": True, "on": True, "1": True} | {
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }

    def check(self, value: Any, field: str) -> bool:
        """A bool, or one of true/false, yes/no, on/off, 1/0."""
        if isinstance(value, bool):
            return value
        answer = self._words.get(str(value).strip().lower())
        if answer is None:
            raise BadInput(field, f"must be yes or no, not {shown(value)}")
        return answer


@dataclass(frozen=True)
class Text(Kind):
    """A line of text of at most `most` characters."""

    most: int = 500
    _: KW_ONLY
    needed: bool = False  # whether an empty text is refused

    accepts: ClassVar[tuple[type, ...]] = (str,)

    def bound(self, value: Any, field: str) -> None:
        """At most `most` characters, and some blanks around them."""
        if isinstance(value, str):
            if len(value) > self.most + LONGEST:
                raise BadInput(field, f"has {len(value)} characters, the most is {self.most}")
        else:
            super().bound(value, field)

    def check(self, value: Any, field: str) -> str:
        """Text without control characters, stripped."""
        if not isinstance(value, str):
            raise BadInput(field, f"must be text, not {shown(value)}")
        text = value.strip()
        if len(text) > self.most:
            raise BadInput(field, f"has {len(text)} characters, the most is {self.most}")
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
            raise BadInput(field, "holds control characters", "Remove them.")
        if self.needed and not text:
            raise BadInput(field, "is empty", "Write something.")
        return text

    def describe(self) -> dict[str, Any]:
        """Length limit."""
        return super().describe() | {"most": self.most}
