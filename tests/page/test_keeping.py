"""What sessions keep in memory: bounded for each, for an address and for all; nobody loses by a stranger's doing."""

import gc
import threading
import weakref

import numpy as np
import pytest

from registry.errors import BadInput
from registry.subjects.subject import Subject
from surfaces.page import keeping
from surfaces.page.history import tree as sessions
from surfaces.page.keeping import Ledger, remembered
from surfaces.page.landmarks import _Picture
from surfaces.page.session import Session
from surfaces.page.views import strip_view

SIDE = 100
ONE = 3 * SIDE * SIDE  # bytes of a picture


def picture(side=SIDE, level=0):
    return Subject(np.full((side, side, 3), level, np.uint8))


@pytest.fixture
def ledger(monkeypatch):
    """Room for forty pictures: a share of two for each of ten sessions, and twenty to lend."""
    made = Ledger(most=40 * ONE, sessions=10)
    monkeypatch.setattr(sessions, "LEDGER", made)
    return made


def stay(address, pictures=0):
    made = Session()
    made.address = address
    for level in range(pictures):
        made.choose(picture(level=level), str(level))
    return made


def test_a_visit_borrows_half_of_the_stock_and_no_more(ledger):
    greedy = stay("a", 20)
    assert greedy.nbytes == (2 + 10) * ONE
    assert greedy.current.title == "19"
    assert stay("a", 9).nbytes == 2 * ONE  # the address has its half
    other = stay("b", 20)
    assert other.nbytes == (2 + 10) * ONE
    assert stay("c", 20).nbytes == 2 * ONE


def test_a_picture_that_cannot_be_kept_is_a_sentence_and_everything_stays(ledger):
    flood = [stay("a", 12), stay("b", 12)]
    victim = stay("c", 2)
    kept = [list(each.entries) for each in (*flood, victim)]
    with pytest.raises(BadInput) as refusal:
        victim.choose(picture(side=2 * SIDE), "large")
    said = "subject: needs room for 0.0 megapixels, and this server has 0.0 left for you."
    assert str(refusal.value) == f"{said} Make it smaller, or come back later."
    assert [list(each.entries) for each in (*flood, victim)] == kept
    assert victim.choose(picture(), "small").title == "small"


def test_what_one_gives_back_another_can_have(ledger):
    flood = [stay("a", 12), stay("b", 12)]
    with pytest.raises(BadInput, match="needs room"):
        stay("c").choose(picture(side=2 * SIDE), "large")
    del flood[0]
    gc.collect()
    assert stay("c").choose(picture(side=2 * SIDE), "large")


def test_a_result_is_kept_even_where_its_source_has_to_go(ledger):
    _full = [stay("a", 12), stay("b", 12)]
    session = stay("c", 2)
    made = session.edited(picture(), "edit", session.current, {})
    assert made.parent == 2
    assert session.can_undo
    larger = session.edited(picture(side=2 * SIDE), "larger", made, {})
    assert list(session.entries.values()) == [larger]
    assert not session.can_undo


def test_all_together_never_keep_more_than_that(ledger):
    stays = [stay(f"{n % 7}") for n in range(10)]
    many = [threading.Thread(target=_crowd, args=(each,)) for each in stays]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()
    assert sum(each.nbytes for each in stays) <= ledger.most


def _crowd(session):
    for level in range(30):
        session.choose(picture(level=level), "x")


def test_the_limit_can_be_set(monkeypatch):
    monkeypatch.setenv("FACET_SESSIONS_MEMORY_MB", "100")
    assert Ledger().most == 100 * 2**20
    assert Ledger().share == 50 * 2**20 // keeping.SESSIONS


def test_a_thumbnail_keeps_no_picture_alive():
    session = Session()
    session.choose(picture(), "gone")
    strip_view(session)
    gone = weakref.ref(session.current.subject)
    session.entries.clear()
    session.current = None
    gc.collect()
    assert gone() is None


def test_remembered_looks_once():
    class Thing:
        pass

    seen = []
    look = remembered(lambda thing: seen.append(thing) or len(seen))
    one, two = Thing(), Thing()
    assert [look(one), look(one), look(two)] == [1, 1, 2]


def test_landmarks_keep_no_picture_alive():
    subject = picture()
    key = _Picture(subject)
    assert key == _Picture(picture())
    assert key != _Picture(picture(level=1))
    gone = weakref.ref(subject)
    del subject
    gc.collect()
    assert gone() is None
