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
from registry.subject import Subject


@dataclass(frozen=True)
class Kind:
    """What all inputs have in common.

    Attributes:
        doc: one sentence: what the input does. It is the tooltip, the ``--help`` line and the MCP description.
        label: how the page calls it; by default the argument's name in words.
        advanced: kept folded away on the page.
    """

    _: KW_ONLY
    doc: str = ""
    label: str = ""
    advanced: bool = False

    accepts: ClassVar[tuple[type, ...]] = ()  # what the annotation may say

    def check(self, value: Any, field: str) -> Any:
        """The value, converted; raises BadInput naming `field`."""
        raise NotImplementedError

    def record(self, value: Any) -> Any:
        """The value as JSON for a recipe; `check` accepts it back, except for pictures, which are kept by sha256."""
        return value

    def describe(self) -> dict[str, Any]:
        """Kind and limits as JSON, for ``facet list --json`` and the docs."""
        return {"kind": type(self).__name__.lower()}

    def verify(self, annotation: type) -> None:
        """Raise BadSpec if the kind itself is declared wrongly; called once, at load."""
        if annotation not in self.accepts:
            wanted = " or ".join(kind.__name__ for kind in self.accepts)
            raise BadSpec(
                f"{type(self).__name__} describes {wanted}, not {getattr(annotation, '__name__', annotation)}"
            )
        if not self.doc.strip():
            raise BadSpec(f'{type(self).__name__} needs doc="…": one sentence on what the input does')


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
        number = _number(value)
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
        number = _number(value)
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


@dataclass(frozen=True)
class Picture(Kind):
    """A picture. The argument called ``subject`` is the one being edited and comes from the bar all tabs share."""

    _: KW_ONLY
    doc: str = "The picture that is edited."
    samples: str = "samples"  # which bundled collection the page offers

    accepts: ClassVar[tuple[type, ...]] = (Subject,)

    def check(self, value: Any, field: str) -> Subject:
        """Whatever `Subject.read` takes."""
        if value is None or (isinstance(value, str) and not value.strip()):
            raise BadInput(field, "is missing", "Choose a picture.")
        return Subject.read(value, field)

    def record(self, value: Subject) -> dict[str, Any]:
        """sha256 and size, and the sample's id if it is an unedited one; never a path, never pixels."""
        width, height = value.size
        row: dict[str, Any] = {"sha256": value.sha256, "width": width, "height": height}
        if value.sample_id and not value.lineage:
            row["sample"] = value.sample_id
        return row

    def describe(self) -> dict[str, Any]:
        """Which samples go with it."""
        return super().describe() | {"samples": self.samples}


@dataclass(frozen=True)
class Origin(Picture):
    """The picture that `on` was cut from; a surface that still has it gives it by itself (`placement_of`)."""

    _: KW_ONLY
    on: str = "subject"


NO_LATENT = "Run “Bring into a generator” on it first, or make a picture in the Latent tab."


@dataclass(frozen=True)
class Latent(Picture):
    """A picture together with its latent code; `ctx.generator_of(subject)` gives the generator it belongs to."""

    def check(self, value: Any, field: str) -> Subject:
        """A subject that carries a latent."""
        subject = super().check(value, field)
        if subject.latent is None:
            raise BadInput(field, "has no latent code, which this editor needs", NO_LATENT)
        return subject

    def record(self, value: Subject) -> dict[str, Any]:
        """As for a picture, and which generator its code belongs to."""
        ref = value.generator
        return super().record(value) | ({"generator": ref.id, "delta": ref.delta_sha256} if ref else {})


def shown(value: Any) -> str:
    """A value in a refusal: short, and never a whole document."""
    text = repr(value) if not isinstance(value, str) else f"“{value}”"
    return text if len(text) <= 60 else text[:57] + "…"


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
