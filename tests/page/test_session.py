"""The history of a session."""

import copy

import numpy as np
import pytest

from registry.errors import BadInput
from registry.execution.stop import Stop
from registry.subjects.subject import Subject
from surfaces.page.history import tree as sessions
from surfaces.page.session import Session


def picture(level: int, side: int = 16) -> Subject:
    return Subject(np.full((side, side, 3), level, np.uint8))


@pytest.fixture
def session():
    made = Session()
    first = made.choose(picture(1), "first")
    made.edited(picture(2), "edit", first, {})
    return made


def test_undo_goes_to_what_it_was_made_from_and_redo_back(session):
    assert (session.can_undo, session.can_redo) == (True, False)
    session.undo()
    assert session.current.title == "first"
    assert (session.can_undo, session.can_redo) == (False, True)
    session.undo()
    assert session.current.title == "first"
    session.redo()
    assert session.current.title == "edit"
    session.redo()
    assert session.current.title == "edit"


def test_editing_after_an_undo_drops_nothing_but_the_redo(session):
    session.undo()
    session.edited(picture(3), "another", session.current, {})
    assert [entry.title for entry in session.entries.values()] == ["first", "edit", "another"]
    assert not session.can_redo
    session.undo()
    assert session.current.title == "first"


def test_any_entry_becomes_the_subject_again(session):
    session.choose(picture(9), "other")
    assert not session.can_undo
    assert session.go_to(2).title == "edit"
    assert session.subject.pixels[0, 0, 0] == 2
    assert session.before.pixels[0, 0, 0] == 1
    with pytest.raises(BadInput, match="no longer has that picture"):
        session.go_to(77)


def test_no_picture_is_a_sentence():
    with pytest.raises(BadInput, match="Choose a picture first"):
        _ = Session().subject


def test_the_oldest_make_way_but_not_the_current_and_its_source(monkeypatch):
    monkeypatch.setattr(sessions, "SESSION_ENTRIES", 3)
    session = Session()
    first = session.choose(picture(0), "0")
    for number in range(1, 6):
        session.choose(picture(number), str(number))
    assert [entry.title for entry in session.entries.values()] == ["3", "4", "5"]
    assert first.number not in session.entries
    monkeypatch.setattr(sessions, "SESSION_BYTES", 1)
    source = session.current
    session.edited(picture(7), "7", source, {})
    assert [entry.title for entry in session.entries.values()] == ["5", "7"]
    assert session.can_undo


def test_one_run_at_a_time_and_it_can_be_stopped():
    session = Session()
    assert not session.stop()
    with session.running() as stop:
        assert isinstance(stop, Stop)
        with pytest.raises(BadInput, match="still going on"), session.running():
            pass
        assert session.stop()
        assert stop.is_set()
    stop.clear()
    with session.running() as again:
        assert not again.is_set()


def test_a_copy_is_a_fresh_visit(session):
    assert copy.deepcopy(session).entries == {}


def test_a_further_picture_is_gone_on_with_as_any_other(session):
    from surfaces.page.choosing import take

    recipes = [{"editor": "latent", "seed": seed} for seed in (5, 6)]
    made, other = (Subject(picture(4 + seed).pixels, lineage=(recipe,)) for seed, recipe in enumerate(recipes))
    more = {"seed 5": "data:a", "seed 6": "data:b", "error": "data:c"}
    session.edited(made, "Latent", session.entries[1], {"seed": "5", "time": "1 s"}, more, None, {"seed 6": other})
    stage, *_ = take(session, {"take": "seed 6"})
    assert session.current.title == "Latent · seed 6"
    assert session.subject is other
    assert session.current.facts["seed"] == "6"
    assert session.current.parent == 1
    assert [each["own"] for each in stage["more"]] == [False, True, False]
    session.take("seed 6")
    assert session.current.title == "Latent · seed 6"
    assert session.current.nbytes == 2 * other.pixels.nbytes
    for wrong in ("error", "seed 9"):
        refused, *_ = take(session, {"take": wrong})
        assert "no longer kept" in refused["sentence"]
    before = session.current
    take(session, {"take": 3})
    take(session, {"accept": {}})
    assert session.current is before
