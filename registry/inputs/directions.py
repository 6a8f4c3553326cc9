"""Inputs that name directions of a picture's generator: strengths of some, and a choice of some."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from registry.directions import Direction, directions_of, find, w_space
from registry.errors import BadInput
from registry.inputs.kind import Kind, Option, Uploads, as_number, shown
from registry.subjects import Subject

DEFAULT_GENERATOR = "puppets"
"""Whose directions a picture without a latent code is offered: it is brought into the embedded generator first."""


def generator_id(subject: Subject) -> str:
    """The id of the generator whose directions a picture has."""
    return subject.generator.id if subject.generator is not None else DEFAULT_GENERATOR


@dataclass(frozen=True)
class Strengths(Kind):
    """How far to move along directions of the generator of another input; arrives as ``{direction id: strength}``.

    A strength of 0 changes nothing and is left out.
    """

    _: KW_ONLY
    on: str = "subject"
    most: int = 64

    accepts: ClassVar[tuple[Any, ...]] = (dict[str, float],)

    def check(self, value: Any, field: str) -> dict[str, float]:
        """A mapping, JSON of one, ``"smile=1.5, yaw=-2"``, or a list of such texts; `check_on` knows the names."""
        found: dict[str, float] = {}
        for name, strength in _pairs(value, field):
            number = as_number(strength)
            if number is None:
                raise BadInput(field, f"{name[:40]} must be a number, not {shown(strength)}", "Write e.g. smile=1.5.")
            if name in found:
                raise BadInput(field, f"{name[:40]} is given twice", "Give it once.")
            found[name] = number
        if len(found) > self.most:
            raise BadInput(field, f"names {len(found)} directions, the most is {self.most}")
        return {name: number for name, number in found.items() if number}

    def check_on(self, value: dict[str, float], subject: Subject, field: str) -> None:
        """Raise BadInput for a direction that the picture's generator lacks, or a strength out of its range."""
        for name, strength in value.items():
            direction = find(generator_id(subject), name, field)
            if subject.latent is not None:
                direction.fit(subject.latent, field)
            if not direction.low <= strength <= direction.high:
                limits = f"from {direction.low:g} to {direction.high:g}"
                raise BadInput(field, f"{name} must be {limits} {direction.unit}".rstrip() + f", not {strength:g}")

    def describe(self) -> dict[str, Any]:
        """Whose directions, and the embedded generator's names."""
        return super().describe() | {"on": self.on, "most": self.most, "directions": _embedded_names()}

    def moved(self, row: Any) -> list[str]:
        """Those with a strength."""
        return list(row) if isinstance(row, Mapping) else []

    def schema(self) -> dict[str, Any]:
        """Numbers by name."""
        return {"type": "object", "additionalProperties": {"type": "number"}}

    def limits(self) -> str:
        """Which names."""
        return f"Numbers by name, {_offered_on(self.on)}"

    def takes(self) -> str:
        """Strengths."""
        return f"strengths of directions that the generator of `{self.on}` offers"

    def option(self) -> Option:
        """One at a time, or several."""
        return Option("NAME=NUMBER", _named_hint(), repeated=True, example="smile=1")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What the sliders send, or an object of a client."""
        return _sent(raw, "values", {})

    def end_values(self) -> list[Any]:
        """Both ends of every eighth direction."""
        return [{each.id: end} for each in _embedded()[::8] for end in (each.low, each.high)]

    def wrong_values(self) -> list[Any]:
        """No such direction, no number, out of range."""
        return ["smile", {"no such direction": 1}, {"smile": math.nan}, {"smile": 1e9}, ["smile=much"], 7]


@dataclass(frozen=True)
class DirectionNames(Kind):
    """Some of the directions of another input's generator, by id; arrives as a list."""

    _: KW_ONLY
    on: str = "subject"
    most: int = 64

    accepts: ClassVar[tuple[Any, ...]] = (list[str],)

    def check(self, value: Any, field: str) -> list[str]:
        """A list of names, JSON of one, or names between commas; `check_on` knows which there are."""
        if isinstance(value, str):
            value = _json(value, field) if value.lstrip().startswith("[") else value.replace(",", " ").split()
        if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
            raise BadInput(field, f"must be a list of names, not {shown(value)}", "Write e.g. age, glasses.")
        names = list(dict.fromkeys(part for name in value for part in name.replace(",", " ").split()))
        if len(names) > self.most:
            raise BadInput(field, f"names {len(names)} directions, the most is {self.most}")
        return names

    def check_on(self, value: list[str], subject: Subject, field: str) -> None:
        """Raise BadInput for a direction that the picture's generator lacks."""
        for name in value:
            direction = find(generator_id(subject), name, field)
            if subject.latent is not None:
                direction.fit(subject.latent, field)

    def describe(self) -> dict[str, Any]:
        """Whose directions, and the embedded generator's names."""
        return super().describe() | {"on": self.on, "most": self.most, "directions": _embedded_names()}

    def schema(self) -> dict[str, Any]:
        """A list of names."""
        return {"type": "array", "items": {"type": "string"}}

    def limits(self) -> str:
        """Which names."""
        return f"A list of names, {_offered_on(self.on)}"

    def takes(self) -> str:
        """Names."""
        return f"names of directions that the generator of `{self.on}` offers"

    def option(self) -> Option:
        """One at a time, or several."""
        return Option("NAME", _named_hint(), repeated=True, example="smile")

    def received(self, raw: Any, field: str, uploads: Uploads) -> Any:
        """What the buttons send, or a list of a client."""
        return _sent(raw, "names", [])

    def end_values(self) -> list[Any]:
        """Every eighth direction at once."""
        return [[each.id for each in _embedded()[::8]]]

    def wrong_values(self) -> list[Any]:
        """No such direction, no names."""
        return ["no_such_direction", [7], 7, {"smile": 1}]


def _embedded() -> list[Direction]:
    return [found for found in directions_of(w_space(DEFAULT_GENERATOR)).values() if found.source == "embedded"]


def _embedded_names() -> list[str]:
    return [found.id for found in _embedded()]


def _offered_on(on: str) -> str:
    return f"as the generator of {on} offers them; Puppets has {', '.join(_embedded_names())}."


def _named_hint() -> str:
    return f"Can be given several times; for Puppets: {', '.join(_embedded_names())}."


def _sent(raw: Any, key: str, empty: Any) -> Any:
    if not isinstance(raw, Mapping) or "rev" not in raw:
        return empty if raw is None else raw
    return raw.get(key)


def _pairs(value: Any, field: str) -> Iterator[tuple[str, Any]]:
    """(name, strength) of every form that strengths may have."""
    if isinstance(value, str):
        if value.lstrip().startswith("{"):
            value = _json(value, field)
        else:
            value = [part for part in value.replace(";", ",").split(",") if part.strip()]
    if isinstance(value, Mapping):
        for name, strength in value.items():
            yield str(name).strip(), strength
        return
    if not isinstance(value, (list, tuple)):
        raise BadInput(field, f"must be names with numbers, not {shown(value)}", "Write e.g. smile=1.5, yaw=-20.")
    for part in value:
        if isinstance(part, str) and ("," in part or part.lstrip().startswith("{")):
            yield from _pairs(part, field)
            continue
        name, equals, strength = part.partition("=") if isinstance(part, str) else ("", "", "")
        if not equals or not name.strip():
            raise BadInput(field, f"holds {shown(part)}, which is no name with a number", "Write e.g. smile=1.5.")
        yield name.strip().replace("-", "_"), strength.strip()


def _json(text: str, field: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(field, "is no JSON", 'Write e.g. {"smile": 1.5}.') from None
