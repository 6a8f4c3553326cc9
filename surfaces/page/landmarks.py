"""What marks on the canvas snap to: the landmarks of the puppet on the stage."""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import Any

from registry.directions import w_space
from registry.subjects import Placement, Subject
from surfaces.compare.measures import network

PUPPETS = "puppets"
"""The W space whose pictures the judges know; on others they would put landmarks where there are none."""


def landmarks_of(subject: Subject) -> dict[str, tuple[float, float]]:
    """Name → (x, y) in the subject's pixels; empty for pictures that no judge knows."""
    if subject.generator is None or w_space(subject.generator.id) != PUPPETS:
        return {}
    return _seen(_Picture(subject))


def landmarks_on(subject: Subject, where: Placement | None) -> list[list[Any]]:
    """[name, x, y] in the subject's pixels, or in those of the photograph that it was cut from, if `where` says so."""
    found = landmarks_of(subject)
    if where is not None:
        found = {name: where.out(point, subject.size[0]) for name, point in found.items()}
    return [[name, x, y] for name, (x, y) in found.items()]


class _Picture:
    """A subject as a key that does not keep it alive: two of the same pixels are one, and looked at once."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self._sha256 = weakref.ref(subject), subject.sha256

    def __hash__(self) -> int:
        return hash(self._sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Picture) and other._sha256 == self._sha256


@lru_cache(maxsize=16)
def _seen(picture: _Picture) -> dict[str, tuple[float, float]]:
    judges, subject = network("puppets_judges"), picture.subject()
    if judges is None or subject is None:
        return {}
    from metrics.landmarks import named_landmarks  # brings nets along; only a puppet on the stage needs them

    return named_landmarks(subject.pixels, judges)
