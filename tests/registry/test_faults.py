"""Editors that load well and run badly: named as faulty, while the next edit works."""

import sys
import threading

import numpy as np
import pytest

from facet import EditorError, EditorFailed, finish, load_registry, run
from registry.faults import faults_of, forget_faults

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


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setenv("FACET_SILENCE_SECONDS", "1")


@pytest.fixture
def registry(drop_in):
    drop_in("good_one", *(f"broken/{name}" for name in [*FAULTS, "leaks_a_thread", "swallows_stop", "exits_mid_run"]))
    loaded = load_registry()
    for spec in loaded:
        forget_faults(spec.id)
    return loaded


def finish_good(registry):
    return finish(registry.get("good_one"), {"subject": PICTURE})


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_sentence_and_the_next_edit_works(name, registry, cli):
    with pytest.raises(EditorFailed, match=FAULTS[name]):
        finish(registry.get(name), {"subject": PICTURE})
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
    with pytest.raises(EditorError):
        finish(registry.get("exits_mid_run"), {"subject": PICTURE})
    finish_good(registry)


def test_an_editor_that_swallows_the_stop_is_given_up(registry):
    with pytest.raises(EditorFailed, match="said nothing"):
        finish(registry.get("swallows_stop"), {"subject": PICTURE})
    sys.modules["facet_file_swallows_stop"].release.set()
    finish_good(registry)


def test_closing_a_run_of_an_endless_editor_frees_the_device(registry, monkeypatch):
    monkeypatch.setenv("FACET_SILENCE_SECONDS", "60")
    events = run(registry.get("endless_loop"), {"subject": PICTURE})
    next(events)
    events.close()
    finish_good(registry)
    assert not [thread for thread in threading.enumerate() if thread.name == "facet-run-endless_loop"]


def test_the_same_fault_is_noted_once(registry):
    for _ in range(2):
        with pytest.raises(EditorFailed):
            finish(registry.get("yields_nothing"), {"subject": PICTURE})
    assert len(faults_of("yields_nothing")) == 1
