"""What may be wrong with the points and the mask of a drag: refused where nothing can come of it, else a warning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from editors.drag.settings import Point, Scaled
from facet import BadInput, Mask


def check_pairs(handles: Sequence[Point], targets: Sequence[Point], scaled: Scaled) -> None:
    """Refuse drags that go nowhere or tear one spot apart; points in pixels of the generator's image.

    A handle on its own target is an anchor, so only a drag of nothing but anchors is refused.

    Raises:
        BadInput: naming the pairs by their numbers, from 1.
    """
    if all(math.dist(handle, target) <= 1 for handle, target in zip(handles, targets, strict=True)):
        which = "pairs 1" if len(handles) == 1 else "pairs"
        why = "has its target on its handle" if len(handles) == 1 else "have all their targets on their handles"
        raise BadInput(which, why, "Move a target at least 2 pixels away.")
    for first, second in combinations(range(len(handles)), 2):
        apart = math.dist(handles[first], handles[second])
        pulled = math.dist(targets[first], targets[second])
        if apart <= scaled.radius and pulled > apart + 3 * scaled.radius:
            why = f"starts where pair {first + 1} does and pulls elsewhere, which tears one spot in two"
            raise BadInput(f"pairs {second + 1}", why, "Remove one of them, or move their targets together.")


def frozen(handles: Sequence[Point], mask: Mask | None) -> list[int]:
    """Numbers, from 1, of the pairs whose handle lies where the mask allows no change; the mask in the image's size."""
    if mask is None:
        return []
    return [number for number, (x, y) in enumerate(handles, 1) if not mask[round(y), round(x)]]


def warnings(fixed: Sequence[int], even: Sequence[int]) -> str:
    """What to tell beside the progress; empty when all is well."""
    said = []
    if fixed:
        said.append(f"{_points(fixed)} outside the mask, which holds {_them(fixed)} back")
    if even:
        said.append(f"{_points(even)} on even ground, where nothing tells one place from the next")
    return "; ".join(said)


def _points(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"point {numbers[0]} lies"
    shown = ", ".join(str(number) for number in numbers[:4]) + (", …" if len(numbers) > 4 else "")
    return f"points {shown} lie"


def _them(numbers: Sequence[int]) -> str:
    return "it" if len(numbers) == 1 else "them"
