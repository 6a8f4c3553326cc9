"""On ZeroGPU: the one door through the real `spaces` package, in a process of its own."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytest.importorskip("spaces")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zero")
    with (folder / "said.txt").open("w") as said:  # a pipe would stay open as long as the warm worker lives
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.zero.scenario", str(folder)],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1", "HOME": str(folder)},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=200)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # with its worker
            process.wait()
    assert code == 0, (folder / "said.txt").read_text()[-2000:]
    return json.loads((folder / "seen.json").read_text())


def test_a_run_happens_in_the_worker_and_its_frames_arrive(seen):
    assert seen["run"]["pid"] != seen["main_pid"]
    assert (seen["run"]["previews"], seen["run"]["steps"]) == (4, 4)
    assert seen["picture_kept"]


def test_the_worker_stays_warm(seen):
    assert seen["again_pid"] == seen["run"]["pid"]


def test_an_editor_that_needs_no_gpu_asks_for_none(seen):
    assert seen["local_pid"] == seen["main_pid"]
    assert seen["local_calls"] == 0


def test_stop_reaches_the_worker_and_keeps_the_best(seen):
    assert seen["stop"]["stopped"]
    assert 1 <= seen["stop"]["steps"] < 1000


def test_a_long_run_goes_on_in_another_loan(seen):
    assert seen["slices"]["steps"] == 6
    assert seen["slices"]["schedules"] > 1
    assert not seen["slices"]["stopped"]


def test_errors_cross_the_border_whole(seen):
    assert seen["no_face"] == ["NoFace", "There is no face in the picture."]
    name, sentence = seen["broken"]
    assert name == "EditorFailed"
    assert "KeyError" in sentence
    assert seen["after_errors"] == 4


def test_it_asks_for_as_long_as_the_editor_says_and_never_more_than_a_minute(seen):
    asked = {int(seconds) for seconds in seen["asked_seconds"]}
    assert max(asked) <= 60
    assert 10 in asked  # `lent` says 4 seconds; a loan is at least 10
