"""Executors: which one is in force, and that a third one needs nothing but the protocol."""

import json
import os
import pickle

import pytest

from facet import EditorError, NoFace
from facet.app import EditorFailed, Result, Stop, finish, new_stop, run, use_executor
from registry.conformance.sample_inputs import small_picture
from registry.execution import executor, stop_of, watch
from registry.execution.local import ThisProcess
from registry.plugins.known import register_spec
from registry.subjects import Subject
from tests.execution.editors import ALL, deaf, faceless, telling
from tests.execution.elsewhere import Elsewhere

PICTURE = Subject(small_picture(40, 30))


@pytest.fixture(scope="module")
def one():
    for spec in ALL:
        register_spec(spec)
    mine = Elsewhere()
    yield mine
    mine.end()


@pytest.fixture
def elsewhere(one):
    before = use_executor(one)
    yield one
    use_executor(before)


def test_nothing_is_decided_when_the_registry_is_imported(process):
    code = (
        "import registry.execution, surfaces.cli, facet.app, sys;"
        "from registry.execution import chosen; print(chosen._chosen, 'spaces' in sys.modules)"
    )
    assert process("-c", code, SPACES_ZERO_GPU="true").out.split() == ["None", "False"]


def test_this_process_is_in_force_where_nobody_chose():
    before = use_executor(None)
    try:
        assert isinstance(executor(), ThisProcess)
        assert executor() is executor()
        assert isinstance(new_stop(), Stop)
    finally:
        use_executor(before)


def test_a_run_happens_in_another_process_with_the_same_picture(elsewhere):
    *previews, result = run(telling, {"subject": PICTURE})
    assert result.metrics["pid"] == elsewhere.worker.pid != os.getpid()
    assert [round(event.done, 2) for event in previews] == [0.33, 0.67, 1.0]
    assert all(event.jpeg.startswith(b"\xff\xd8") for event in previews)
    here = finish(telling, {"subject": PICTURE}, on=ThisProcess())
    assert here.metrics["pid"] == os.getpid()
    assert result.subject.sha256 == here.subject.sha256
    assert result.recipe == here.recipe


def test_stop_crosses_the_network_and_keeps_the_best(elsewhere):
    stop = new_stop()
    events = run(telling, {"subject": PICTURE, "steps": 1000}, stop=stop)
    next(events)
    stop.set()
    *_, result = events
    assert isinstance(result, Result)
    assert result.stopped
    assert 1 <= result.recipe["steps"] < 1000


def test_a_stop_of_files_reaches_the_other_process_too(elsewhere):
    stop = Stop()
    events = run(telling, {"subject": PICTURE, "steps": 1000}, stop=stop)
    next(events)
    stop.set()
    assert list(events)[-1].stopped
    assert not stop.is_set(), "its mark is cleared at the end of the run"


def test_errors_come_back_whole(elsewhere):
    with pytest.raises(NoFace, match="There is no face in the picture"):
        finish(faceless, {"subject": PICTURE})


def test_a_worker_that_hears_nothing_is_ended(elsewhere, monkeypatch):
    finish(telling, {"subject": PICTURE})  # it lives, and will not end because it was never there
    for name, seconds in (("_PROMPT", 0.05), ("_PATIENCE", 0.2), ("_LAST", 0.4)):
        monkeypatch.setattr(watch, name, seconds)
    stop = new_stop()
    stop.set()
    with pytest.raises(EditorFailed, match="did not stop"):
        finish(deaf, {"subject": PICTURE}, stop=stop, on=elsewhere)
    assert elsewhere.worker.returncode is not None


def test_a_worker_that_dies_is_a_sentence(elsewhere):
    events = run(telling, {"subject": PICTURE, "steps": 1000})
    next(events)
    elsewhere.worker.kill()
    with pytest.raises(EditorFailed, match="broke off without a result"):
        list(events)


def test_leaving_a_run_ends_its_worker(elsewhere):
    events = run(telling, {"subject": PICTURE, "steps": 1000})
    next(events)
    events.close()
    assert elsewhere.worker.returncode is not None


def test_a_stop_is_plain_data():
    stop = Stop()
    other = stop_of(json.loads(json.dumps(dict(stop.plain()))))
    assert not other.is_set()
    stop.set()
    assert other.is_set()
    assert pickle.loads(pickle.dumps(stop)).is_set()
    other.clear()
    assert not stop.is_set()


@pytest.mark.parametrize("name", ["notes.txt", "facet-stop-", "facet-stop-" + "0" * 31 + "/../notes.txt"])
def test_a_stop_out_of_a_message_touches_no_other_file(tmp_path, name):
    with pytest.raises(EditorError, match="path of another file"):
        stop_of({"form": "file", "path": str(tmp_path / name)})


def test_a_form_nobody_understands_is_a_sentence():
    with pytest.raises(EditorError, match="does not understand stops of the form “carrier pigeon”"):
        stop_of({"form": "carrier pigeon"})
