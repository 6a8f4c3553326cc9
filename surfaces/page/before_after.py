"""What the stage shows the current picture beside: the one it was made from, or the photograph it was put back into."""

from __future__ import annotations

from collections.abc import Mapping

from registry.subjects import Subject, placement_of
from surfaces.page.history.entry import Entry
from surfaces.page.photograph import photograph_of
from surfaces.page.session import Session


def elsewhere(subject: Subject) -> bool:
    """Whether the last edit cut the picture out of another one, or put it back: places do not carry over."""
    facts = subject.lineage[-1].get("facts") if subject.lineage else None
    return isinstance(facts, Mapping) and "placement" in facts


def lies_over(session: Session, entry: Entry) -> Subject | None:
    """The picture that one of the history covers when both are compared, or None where nothing does."""
    if entry is session.current and session.shown is not entry.subject:
        return photograph_of(session)  # the switch is on
    now, source = entry, session.entries.get(entry.parent or 0)
    if source is not None and elsewhere(now.subject):
        source = _photograph(session, source.subject)
    if source is None or not _close_shape(source.outline.size, now.outline.size):
        return None
    return source.subject


def _photograph(session: Session, square: Subject) -> Entry | None:
    """What a square was cut from, if the session still has it."""
    where = placement_of(square)
    if where is None:
        return None
    return next((each for each in list(session.entries.values()) if each.outline.sha256 == where.source), None)


def _close_shape(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two sizes have the same proportions within 2 %, so that one can lie over the other."""
    return abs(first[0] / first[1] - second[0] / second[1]) < 0.02 * first[0] / first[1]
