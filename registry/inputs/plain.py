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
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

from registry.errors import BadInput, BadSpec
from registry.inputs.kind import LONGEST, Kind, Option, Uploads, as_number, shown
from registry.inputs.pictures import NO_LATENT, Latent, Picture, SourcePicture

__all__ = [
    "NO_LATENT",
    "Choice",
    "Kind",
    "Latent",
    "Option",
    "SourcePicture",
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

    def option(self) -> Option:
        """A number."""
        return Option("SEED")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """An emptied field draws a seed."""
        return -1 if raw in (None, "") else raw

    def wrong_values(self) -> list[Any]:
        """Beyond the ends, and no whole number."""
        return [-2, 2**32, 0.5, "a seed", math.nan]


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

    def limits(self) -> str:
        """The options."""
        return f"One of: {', '.join(self.labels)}."

    def takes(self) -> str:
        """The options."""
        return " · ".join(f"`{option}`" for option in self.labels)

    def option(self) -> Option:
        """The options."""
        return Option("{" + ",".join(self.labels) + "}", example=next(iter(self.labels)))

    def end_values(self) -> list[Any]:
        """Every option."""
        return list(self.labels)

    def wrong_values(self) -> list[Any]:
        """No option."""
        return ["no such choice", 7]


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

    def schema(self) -> dict[str, Any]:
        """A bool."""
        return {"type": "boolean"}

    def takes(self) -> str:
        """A bool."""
        return "yes or no"

    def option(self) -> Option:
        """Given alone, it means yes."""
        return Option("yes|no", bare="yes")

    def end_values(self) -> list[Any]:
        """Both."""
        return [False, True]

    def wrong_values(self) -> list[Any]:
        """Neither."""
        return ["perhaps", 2]


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

    def limits(self) -> str:
        """Length limit."""
        return f"At most {self.most} characters."

    def takes(self) -> str:
        """Text."""
        return "text"

    def option(self) -> Option:
        """Text."""
        return Option("TEXT")

    def wrong_values(self) -> list[Any]:
        """Too long, or no text."""
        return ["x" * (self.most + 1), "\x00", object()]
