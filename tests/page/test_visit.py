"""The history of a visit."""

import copy

import numpy as np
import pytest

from registry.errors import BadInput
from registry.execution.stop import Stop
from registry.subjects.subject import Subject
from surfaces.page import visit as visits
from surfaces.page.visit import Visit


def picture(level: int, side: int = 16) -> Subject:
    return Subject(np.full((side, side, 3), level, np.uint8))


@pytest.fixture
def visit():
    made = Visit()
    first = made.choose(picture(1), "first")
    made.edited(picture(2), "edit", first, {})
    return made


def test_undo_goes_to_what_it_was_made_from_and_redo_back(visit):
    assert (visit.can_undo, visit.can_redo) == (True, False)
    visit.undo()
    assert visit.current.title == "first"
    assert (visit.can_undo, visit.can_redo) == (False, True)
    visit.undo()
    assert visit.current.title == "first"
    visit.redo()
    assert visit.current.title == "edit"
    visit.redo()
    assert visit.current.title == "edit"


def test_editing_after_an_undo_drops_nothing_but_the_redo(visit):
    visit.undo()
    visit.edited(picture(3), "another", visit.current, {})
    assert [entry.title for entry in visit.entries.values()] == ["first", "edit", "another"]
    assert not visit.can_redo
    visit.undo()
    assert visit.current.title == "first"


def test_any_entry_becomes_the_subject_again(visit):
    visit.choose(picture(9), "other")
    assert not visit.can_undo
    assert visit.go_to(2).title == "edit"
    assert visit.subject.pixels[0, 0, 0] == 2
    assert visit.before.pixels[0, 0, 0] == 1
    with pytest.raises(BadInput, match="no longer has that picture"):
        visit.go_to(77)


def test_no_picture_is_a_sentence():
    with pytest.raises(BadInput, match="Choose a picture first"):
        _ = Visit().subject


def test_the_oldest_make_way_but_not_the_current_and_its_source(monkeypatch):
    monkeypatch.setattr(visits, "VISIT_ENTRIES", 3)
    visit = Visit()
    first = visit.choose(picture(0), "0")
    for number in range(1, 6):
        visit.choose(picture(number), str(number))
    assert [entry.title for entry in visit.entries.values()] == ["3", "4", "5"]
    assert first.number not in visit.entries
    monkeypatch.setattr(visits, "VISIT_BYTES", 1)
    source = visit.current
    visit.edited(picture(7), "7", source, {})
    assert [entry.title for entry in visit.entries.values()] == ["5", "7"]
    assert visit.can_undo


def test_one_run_at_a_time_and_it_can_be_stopped():
    visit = Visit()
    assert not visit.stop()
    with visit.running() as stop:
        assert isinstance(stop, Stop)
        with pytest.raises(BadInput, match="still going on"), visit.running():
            pass
        assert visit.stop()
        assert stop.is_set()
    stop.clear()
    with visit.running() as again:
        assert not again.is_set()


def test_a_copy_is_a_fresh_visit(visit):
    assert copy.deepcopy(visit).entries == {}


def test_a_further_picture_is_gone_on_with_as_any_other(visit):
    from surfaces.page.edit import take

    recipes = [{"editor": "latent", "seed": seed} for seed in (5, 6)]
    made, other = (Subject(picture(4 + seed).pixels, lineage=(recipe,)) for seed, recipe in enumerate(recipes))
    more = {"seed 5": "data:a", "seed 6": "data:b", "error": "data:c"}
    visit.edited(made, "Latent", visit.entries[1], {"seed": "5", "time": "1 s"}, more, None, {"seed 6": other})
    stage, *_ = take(visit, {"take": "seed 6"})
    assert visit.current.title == "Latent · seed 6"
    assert visit.subject is other
    assert visit.current.facts["seed"] == "6"
    assert visit.current.parent == 1
    assert [each["own"] for each in stage["more"]] == [False, True, False]
    visit.take("seed 6")
    assert visit.current.title == "Latent · seed 6"
    assert visit.current.nbytes == 2 * other.pixels.nbytes
    for wrong in ("error", "seed 9"):
        refused, *_ = take(visit, {"take": wrong})
        assert "no longer kept" in refused["sentence"]
    before = visit.current
    take(visit, {"take": 3})
    take(visit, {"accept": {}})
    assert visit.current is before
