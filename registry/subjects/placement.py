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
    """

    corners: tuple[Corner, Corner, Corner, Corner]
    source: str
    size: tuple[int, int]
    sample: str = ""

    def record(self) -> dict[str, Any]:
        """As JSON, for a step's facts."""
        return {
            "corners": [[round(x, 3), round(y, 3)] for x, y in self.corners],
            "source": self.source,
            "size": list(self.size),
            "sample": self.sample,
        }

    @classmethod
    def of(cls, source: Subject, corners: Any) -> Placement:
        """The square with these corners [4, 2] in `source`, rounded as its record is."""
        rounded = tuple((round(float(x), 3), round(float(y), 3)) for x, y in corners)
        sample = "" if source.lineage else source.sample_id
        return cls(rounded, source.sha256, source.size, sample)  # type: ignore[arg-type]


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
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    side = math.hypot(numbers[6] - numbers[0], numbers[7] - numbers[1])
    if not all(math.isfinite(value) and abs(value) < 1e6 for value in numbers) or not 4 <= side < 1e5:
        return None
    if not (isinstance(source, str) and isinstance(sample, str) and type(width) is int and type(height) is int):
        return None
    corners = tuple((numbers[at], numbers[at + 1]) for at in (0, 2, 4, 6))
    return Placement(corners, source, (width, height), sample)  # type: ignore[arg-type]
