"""Key frames as text: ``0: smile=0; 1.5: smile=2, yaw=-1; 3: smile=0``.

    film   = frame { ";" frame }            a line's end does for “;”
    frame  = time ":" [ value { "," value } ]
    value  = name "=" number
    time   = number [ "s" ]                 seconds, each later than the one before

Every attribute has a track of its own. It starts at 0, goes from each of its key frames to the next, and holds after
its last. A frame without values only makes the film longer.
"""

from __future__ import annotations

import math
import re
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

from facet import BadInput, Subject, Text
from facet.stylegan import Strengths

EXAMPLE = "E.g. 0: smile=0; 1.5: smile=1, yaw=-0.5; 3: smile=0"
MOST_KEYS = 200


class Key(NamedTuple):
    """One attribute's value at one time; `at` is where its text begins, counted from 1."""

    time: float
    name: str
    value: float
    at: int


class Script(NamedTuple):
    """All key frames of a film and its length in seconds."""

    keys: list[Key]
    seconds: float

    def tracks(self) -> dict[str, list[tuple[float, float]]]:
        """(time, value) by attribute, in the order of time, from time 0 on."""
        found: dict[str, list[tuple[float, float]]] = {}
        for key in self.keys:
            track = found.setdefault(key.name, [] if key.time == 0 else [(0.0, 0.0)])
            track.append((key.time, key.value))
        return found


def parse(text: str, field: str, most_seconds: float) -> Script:
    """Read a script. Raises BadInput that says at which character it cannot be read, and why."""
    keys: list[Key] = []
    times: list[float] = []
    for start, part in _parts(text, r"[;\n]", 1):
        head, colon, tail = part.partition(":")
        if not colon:
            raise _wrong(field, start, f"“{part[:40]}” has no time", "Each key frame begins with its time and a colon.")
        time = _number(head.strip().removesuffix("s"), field, start, "a time in seconds")
        if not 0 <= time <= most_seconds:
            raise _wrong(field, start, f"{time:g} s is no time of a film: it lasts at most {most_seconds:g} s")
        if times and time <= times[-1]:
            raise _wrong(field, start, f"{time:g} s is not later than the key frame before it, {times[-1]:g} s")
        times.append(time)
        keys += _values(tail, time, field, start + len(head) + 1)
    if not times or times[-1] == 0:
        raise BadInput(field, "need at least one time after 0 s: the last one is how long the film is", EXAMPLE)
    if not keys:
        raise BadInput(field, "name no attribute", EXAMPLE)
    if len(keys) > MOST_KEYS:
        raise BadInput(field, f"hold {len(keys)} values, the most is {MOST_KEYS}")
    return Script(keys, times[-1])


def _values(text: str, time: float, field: str, offset: int) -> list[Key]:
    found: dict[str, Key] = {}
    for at, part in _parts(text, ",", offset):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise _wrong(field, at, f"“{part[:40]}” is no name with a value", EXAMPLE)
        if name in found:
            raise _wrong(field, at, f"{name} has two values at {time:g} s")
        found[name] = Key(time, name, _number(number, field, at, f"a number for {name}"), at)
    return list(found.values())


def _parts(text: str, separator: str, offset: int) -> list[tuple[int, str]]:
    """The parts that are not empty, stripped, each with the position where it begins."""
    found, start = [], 0
    for end in [*(match.start() for match in re.finditer(separator, text)), len(text)]:
        part = text[start:end]
        if part.strip():
            found.append((offset + start + len(part) - len(part.lstrip()), part.strip()))
        start = end + 1
    return found


def _number(text: str, field: str, at: int, wanted: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _wrong(field, at, f"“{text.strip()[:40]}” is not {wanted}", EXAMPLE)
    return number


def _wrong(field: str, at: int, why: str, fix: str = "") -> BadInput:
    return BadInput(field, f"at character {at}: {why}", fix)


@dataclass(frozen=True)
class KeyFrames(Text):
    """A script of key frames for the attributes of another input's generator; stays text. Empty means none."""

    most: int = 4000
    _: KW_ONLY
    on: str = "subject"
    most_seconds: float = 60

    def check(self, value: Any, field: str) -> str:
        """Text that `parse` can read, or an empty one."""
        text = super().check(value, field)
        if text:
            parse(text, field, self.most_seconds)
        return text

    def check_on(self, value: str, subject: Subject, field: str) -> None:
        """Raise BadInput for an attribute that the generator lacks, or a value out of its range."""
        for key in parse(value, field, self.most_seconds).keys if value else ():
            try:
                Strengths().check_on({key.name: key.value}, subject, field)
            except BadInput as problem:
                raise _wrong(field, key.at, problem.why, problem.fix) from None

    def describe(self) -> dict[str, Any]:
        """As a text, for the surfaces need nothing else."""
        return super().describe() | {"kind": "text"}
