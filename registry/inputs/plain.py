"""Kinds for a choice, a switch and a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Literal, get_args, get_origin

from registry.errors import BadInput, BadSpec
from registry.inputs.kind import LONGEST, Kind, Option, shown


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words, annotated as str or as a Literal. `options`: values, or a mapping of value to label."""

    options: Sequence[str] | Mapping[str, str]

    accepts: ClassVar[tuple[type, ...]] = (str,)

    @property
    def labels(self) -> dict[str, str]:
        """Value → label."""
        if isinstance(self.options, Mapping):
            return dict(self.options)
        return {option: option.replace("_", " ") for option in self.options}

    def verify(self, annotation: type) -> None:
        """At least two different options; an annotation as a Literal has the same ones."""
        literal = get_origin(annotation) is Literal
        super().verify(str if literal else annotation)
        if literal and set(get_args(annotation)) != set(self.labels):
            raise BadSpec("the Literal and its Choice have different options")
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

    def listed(self) -> dict[Any, str]:
        """The options."""
        return dict(self.labels)

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

    def listed(self) -> dict[Any, str]:
        """No and yes."""
        return {False: "no", True: "yes"}

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
