"""Several runs in a row: order, progress, stop, and errors that stay with their run."""

import pytest
from PIL import Image

from facet import BadInput
from registry.conformance.sample_inputs import small_picture
from registry.execution import Halt, PlannedRun, run_plan
from registry.plugins.loader import load_registry
from registry.subjects import Subject


@pytest.fixture
def registry(drop_in, monkeypatch):
    drop_in("good_one", "broken/raises_mid_run")
    monkeypatch.setenv("FACET_EDITORS", "good_one,raises_mid_run")
    return load_registry()


@pytest.fixture
def subject():
    return Subject(small_picture(48, 32))


def sweep(subject, *strengths):
    return [PlannedRun(f"strength={s}", "good_one", {"subject": subject, "strength": s}) for s in strengths]


def last(states):
    return list({state.index: state for state in states}.values())


def test_one_after_the_other_with_progress(registry, subject):
    states = list(run_plan(registry, sweep(subject, 0, 0.5, 1)))
    assert [state.state for state in states[:3]] == ["waiting"] * 3
    moving = states[3:]
    assert [state.index for state in moving] == sorted(state.index for state in moving)
    assert [state.overall for state in moving] == sorted(state.overall for state in moving)
    assert moving[-1].overall == 1
    ends = last(states)
    assert [state.label for state in ends] == ["strength=0", "strength=0.5", "strength=1"]
    assert len({state.result.subject.sha256 for state in ends}) == 3
    assert all(state.seconds > 0 for state in ends)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"strength": 7}, "strength: must be a number from 0 to 1"),
        ({"subject": "nowhere.png"}, "subject: no such file"),
        ({"volume": 1}, "volume: is no input of good_one"),
    ],
)
def test_what_is_wrong_with_one_run_stays_with_it(registry, subject, values, sentence):
    plan = sweep(subject, 1)
    plan.insert(0, PlannedRun("wrong", "good_one", {"subject": subject} | values))
    plan.insert(1, PlannedRun("broken", "raises_mid_run", {"subject": subject}))
    wrong, broken, good = last(run_plan(registry, plan))
    assert (wrong.state, broken.state, good.state) == ("failed", "failed", "done")
    assert sentence.lower() in wrong.error.lower()
    assert "ZeroDivisionError" in broken.error
    assert wrong.result is None


def test_halt_keeps_the_best_and_leaves_out_the_rest(registry, subject):
    halt, ends = Halt(), {}
    plan = sweep(subject, 0.5, 1)
    plan[0].values["steps"] = 1000
    for state in run_plan(registry, plan, halt=halt):
        ends[state.index] = state
        if state.done > 0:
            halt.set()
    assert (ends[0].state, ends[1].state, ends[1].note) == ("stopped", "stopped", "left out")
    assert 0 < ends[0].result.recipe["steps"] < 1000
    assert ends[1].result is None


def test_pictures_are_read_when_their_turn_comes(registry, subject, tmp_path):
    later = tmp_path / "later.png"
    plan = [*sweep(subject, 1), PlannedRun("later", "good_one", {"subject": str(later)})]
    for state in run_plan(registry, plan):
        if state.index == 0 and state.finished:
            Image.fromarray(state.result.subject.pixels).save(later)
    assert state.state == "done"


def test_an_editor_that_is_not_there_is_refused_at_once(registry, subject):
    with pytest.raises(BadInput, match="Did you mean good_one"):
        run_plan(registry, [PlannedRun("x", "god_one", {"subject": subject})])


def test_an_empty_plan_is_over(registry):
    assert list(run_plan(registry, [])) == []
