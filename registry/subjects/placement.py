"""Where in another picture a subject was cut from, as its lineage tells; edits in between do not matter.

An editor that cuts a square out says so in ``Step.facts["placement"]`` (`Placement.record`), one that puts it back says
``None`` there. So however many edits come between, the last one that says anything is right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.subjects.subject import Subject

Corner = tuple[float, float]


@dataclass(frozen=True)
class Placement:
    """A square of another picture.

    Attributes:
        corners: (x, y) in pixels of that picture: top left, bottom left, bottom right, top right.
        source: sha256 of that picture's pixels (`Subject.sha256`).
        size: its (width, height).
        sample: its id if it is a bundled sample, else empty.
        eyes: (x, y) of the left and the right one in it, where the square was cut out around a face.
    """

    corners: tuple[Corner, Corner, Corner, Corner]
    source: str
    size: tuple[int, int]
    sample: str = ""
    eyes: tuple[Corner, Corner] | None = None

    def record(self) -> dict[str, Any]:
        """As JSON, for a step's facts."""
        eyes = {} if self.eyes is None else {"eyes": [[round(x, 3), round(y, 3)] for x, y in self.eyes]}
        return {
            "corners": [[round(x, 3), round(y, 3)] for x, y in self.corners],
            "source": self.source,
            "size": list(self.size),
            "sample": self.sample,
            **eyes,
        }

    def into(self, point: Corner, side: int) -> Corner:
        """Where a point (x, y) of that picture lies in the square, drawn with `side` pixels."""
        (ax, ay), (bx, by), determinant = self._axes()
        x, y = point[0] - self.corners[0][0], point[1] - self.corners[0][1]
        across, down = (x * by - y * bx) / determinant, (y * ax - x * ay) / determinant
        return across * side - 0.5, down * side - 0.5

    def out(self, point: Corner, side: int) -> Corner:
        """Where a point (x, y) of the square, drawn with `side` pixels, lies in that picture."""
        (ax, ay), (bx, by), _ = self._axes()
        across, down = (point[0] + 0.5) / side, (point[1] + 0.5) / side
        left, top = self.corners[0]
        return left + across * ax + down * bx, top + across * ay + down * by

    def _axes(self) -> tuple[Corner, Corner, float]:
        """The square's upper and left side, and the (signed) area they span."""
        (x, y), (left, low), _, (right, high) = self.corners
        across, down = (right - x, high - y), (left - x, low - y)
        return across, down, across[0] * down[1] - across[1] * down[0]

    def eyes_within(self) -> list[Corner] | None:
        """Where the eyes lie in the square, in shares of its sides; None where nobody knows."""
        if self.eyes is None:
            return None
        return [(x + 0.5, y + 0.5) for x, y in (self.into(eye, 1) for eye in self.eyes)]

    @classmethod
    def of(cls, source: Subject, corners: Any, eyes: Any = None) -> Placement:
        """The square with these corners [4, 2], and eyes [2, 2], in `source`, rounded as its record is."""
        rounded, known = (
            None if points is None else tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)
            for points in (corners, eyes)
        )
        sample = "" if source.lineage else source.sample_id
        return cls(rounded, source.sha256, source.size, sample, known)  # type: ignore[arg-type]


def placement_of(subject: Subject) -> Placement | None:
    """Where the subject was cut from, or None. A lineage may be a stranger's: what does not make sense is None too."""
    for recipe in reversed(subject.lineage):
        facts = recipe.get("facts")
        if isinstance(facts, Mapping) and "placement" in facts:
            return _parsed(facts["placement"])
    return None


def _parsed(row: Any) -> Placement | None:
    try:
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = row["corners"]
        width, height = row["size"]
        numbers = [float(value) for value in (x0, y0, x1, y1, x2, y2, x3, y3, width, height)]
        source, sample = row["source"], row.get("sample", "")
        eyes = _eyes(row.get("eyes"))
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    side = math.hypot(numbers[6] - numbers[0], numbers[7] - numbers[1])
    if not all(math.isfinite(value) and abs(value) < 1e6 for value in numbers) or not 4 <= side < 1e5:
        return None
    if abs((x3 - x0) * (y1 - y0) - (y3 - y0) * (x1 - x0)) < 1:
        return None  # no square: its corners lie on a line
    if not (isinstance(source, str) and isinstance(sample, str) and type(width) is int and type(height) is int):
        return None
    corners = tuple((numbers[at], numbers[at + 1]) for at in (0, 2, 4, 6))
    return Placement(corners, source, (width, height), sample, eyes)  # type: ignore[arg-type]


def _eyes(row: Any) -> tuple[Corner, Corner] | None:
    """Both of them; None where there are none. Raises ValueError or TypeError for what makes no sense."""
    if row is None:
        return None
    (x0, y0), (x1, y1) = row
    numbers = [float(value) for value in (x0, y0, x1, y1)]
    if not all(math.isfinite(value) and abs(value) < 1e6 for value in numbers):
        raise ValueError("eyes: no places in a picture")
    return (numbers[0], numbers[1]), (numbers[2], numbers[3])
