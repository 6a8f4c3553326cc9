"""Editors that load well and run badly: named as faulty, while the next edit works."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from facet import EditorError, Step, Subject, editor
from facet.app import EditorFailed, Stop, finish, load_registry, run
from registry.execution import watch
from registry.plugins import faults
from registry.plugins.faults import faults_of

PICTURE = np.full((32, 40, 3), 90, np.uint8)
FAULTS = {  # what the user is told
    "wrong_yield": "yielded dict where a Step is due",
    "raises_mid_run": "ZeroDivisionError",
    "endless_loop": "said nothing for 1 seconds",
    "goes_backwards": "done=0.2",
    "not_a_number": "done=nan",
    "yields_nothing": "ended without a picture",
    "no_picture": "image must be a picture",
    "bad_estimate": "cannot say how long it needs",
}


ENDLESS = ("endless_loop", "swallows_stop")


def finish_bad(registry, name):
    """Run an editor that is at fault. Only one that never speaks again is given up after a second."""
    with pytest.MonkeyPatch.context() as patch:
        if name in ENDLESS:
            patch.setenv("FACET_SILENCE_SECONDS", "1")
        return finish(registry.get(name), {"subject": PICTURE})


@pytest.fixture
def registry(drop_in):
    drop_in("good_one", *(f"broken/{name}" for name in [*FAULTS, "leaks_a_thread", "swallows_stop", "exits_mid_run"]))
    loaded = load_registry()
    for spec in loaded:
        faults._faults.pop(spec.id, None)
    return loaded


def finish_good(registry):
    return finish(registry.get("good_one"), {"subject": PICTURE})


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_sentence_and_the_next_edit_works(name, registry, cli):
    with pytest.raises(EditorFailed, match=FAULTS[name]):
        finish_bad(registry, name)
    (fault,) = faults_of(name)
    row = next(row for row in registry.rows if row.name == name)
    assert row.loaded
    assert row.faults == (f"{name}: {fault}",)
    assert fault in cli("list").out
    assert finish_good(registry).subject.size == (40, 32)


def test_a_leaked_thread_is_named(registry):
    result = finish(registry.get("leaks_a_thread"), {"subject": PICTURE})
    assert result.subject.size == (40, 32)
    assert faults_of("leaks_a_thread") == ("left a thread running after a run: left-behind",)
    sys.modules["facet_file_leaks_a_thread"].release.set()
    finish_good(registry)


def test_an_exit_inside_a_run_ends_only_the_run(registry):
    with pytest.raises(EditorFailed, match=r"“Exits mid run” tried to end the whole program, exit\(3\): a fault"):
        finish(registry.get("exits_mid_run"), {"subject": PICTURE})
    assert faults_of("exits_mid_run") == ("called exit(3) while it ran",)
    finish_good(registry)


@pytest.mark.parametrize("ending", [SystemExit(0), SystemExit(), KeyboardInterrupt(), asyncio.CancelledError()])
def test_whatever_ends_a_handler_is_a_whole_sentence_that_names_it(ending):
    @editor("quitter", "Quitter", task="restyle", gpu_seconds=0)
    def quitter(ctx, *, subject: Subject) -> Iterator[Step]:
        """Leave before it is done."""
        yield Step(subject.image, done=0.5)
        raise ending

    with pytest.raises(EditorFailed, match=r"^“Quitter” .{20,}: a fault of the (add-on|editor)\.$"):
        finish(quitter, {"subject": PICTURE})


def test_an_editor_that_swallows_the_stop_is_given_up(registry):
    with pytest.raises(EditorFailed, match="said nothing"):
        finish_bad(registry, "swallows_stop")
    sys.modules["facet_file_swallows_stop"].release.set()
    finish_good(registry)


@pytest.fixture
def deaf(registry, monkeypatch):
    """A run of an editor that swallows the stop; the editor is let go at the end."""
    monkeypatch.setenv("FACET_SILENCE_SECONDS", "60")
    for name, seconds in (("_PROMPT", 0.05), ("_PATIENCE", 0.2), ("_LAST", 0.4)):
        monkeypatch.setattr(watch, name, seconds)
    stop = Stop()
    yield run(registry.get("swallows_stop"), {"subject": PICTURE}, stop=stop), stop
    sys.modules["facet_file_swallows_stop"].release.set()


def in_background(events):
    """What a run ends with, once it is over."""
    ends = []

    def take():
        try:
            ends.extend(events)
        except EditorError as error:
            ends.append(error)

    thread = threading.Thread(target=take)
    thread.start()
    return thread, ends


def until(true):
    """Wait until something is so, and fail if it never is."""
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come about")


def test_while_an_editor_swallows_the_stop_the_others_go_on(registry, deaf):
    events, stop = deaf
    thread, ends = in_background(events)
    until(lambda: [each for each in threading.enumerate() if each.name == "facet-run-swallows_stop"])
    stop.set()
    finish_good(registry)  # would wait for its turn until the other one is over, which is never
    thread.join(30)
    (error,) = ends
    told = "did not stop within 0.4 seconds of being told to"
    assert str(error) == f"The editor swallows_stop {told} and was given up: a fault of the add-on."
    assert faults_of("swallows_stop")[0] == told
    assert [each for each in threading.enumerate() if each.name == "facet-run-swallows_stop"]  # it is still at it


def test_closing_a_run_of_an_endless_editor_frees_the_device(registry, monkeypatch):
    monkeypatch.setenv("FACET_SILENCE_SECONDS", "60")
    monkeypatch.setattr(watch, "_PATIENCE", 0.2)
    events = run(registry.get("endless_loop"), {"subject": PICTURE})
    next(events)
    events.close()
    finish_good(registry)  # at once
    until(lambda: "facet-run-endless_loop" not in {thread.name for thread in threading.enumerate()})


def test_the_same_fault_is_noted_once(registry):
    for _ in range(2):
        with pytest.raises(EditorFailed):
            finish(registry.get("yields_nothing"), {"subject": PICTURE})
    assert len(faults_of("yields_nothing")) == 1
