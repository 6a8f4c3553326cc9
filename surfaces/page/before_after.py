"""What the stage shows the current picture beside: the one it was made from, or the photograph it was put back into."""

from __future__ import annotations

from collections.abc import Mapping

from registry.subjects import Subject, placement_of
from surfaces.page.photograph import photograph_of
from surfaces.page.session import Session


def elsewhere(subject: Subject) -> bool:
    """Whether the last edit cut the picture out of another one, or put it back: places do not carry over."""
    facts = subject.lineage[-1].get("facts") if subject.lineage else None
    return isinstance(facts, Mapping) and "placement" in facts


def lies_over(session: Session) -> Subject | None:
    """The picture that the current one covers when both are compared, or None where nothing does."""
    now, before = session.current, session.before
    if now is not None and session.shown is not now.subject:
        return photograph_of(session)  # the switch is on
    if now is not None and before is not None and elsewhere(now.subject):
        before = _photograph(session, before)
    if now is None or before is None or not _close_shape(before.size, now.subject.size):
        return None
    return before


def _photograph(session: Session, square: Subject) -> Subject | None:
    """What a square was cut from, if the session still has it."""
    where = placement_of(square)
    if where is None:
        return None
    return next((each.subject for each in session.entries.values() if each.subject.sha256 == where.source), None)


def _close_shape(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two sizes have the same proportions within 2 %, so that one can lie over the other."""
    return abs(first[0] / first[1] - second[0] / second[1]) < 0.02 * first[0] / first[1]
