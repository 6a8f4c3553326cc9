"""What marks on the canvas snap to: the landmarks of the puppet on the stage."""

from __future__ import annotations

from functools import lru_cache

from registry.directions import w_space
from registry.subject import Subject
from surfaces.compare.measures import network

PUPPETS = "puppets"
"""The W space whose pictures the judges know; on others they would put landmarks where there are none."""


def landmarks_of(subject: Subject) -> dict[str, tuple[float, float]]:
    """Name → (x, y) in the subject's pixels; empty for pictures that no judge knows."""
    if subject.generator is None or w_space(subject.generator.id) != PUPPETS:
        return {}
    return _seen(_Picture(subject))


class _Picture:
    """A subject as a key: two of the same pixels are one, and looking at it again costs nothing."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def __hash__(self) -> int:
        return hash(self.subject.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Picture) and other.subject.sha256 == self.subject.sha256


@lru_cache(maxsize=16)
def _seen(picture: _Picture) -> dict[str, tuple[float, float]]:
    judges = network("puppets_judges")
    if judges is None:
        return {}
    from metrics.landmarks import named_landmarks  # brings nets along; only a puppet on the stage needs them

    return named_landmarks(picture.subject.pixels, judges)
