"""Several processes, and what happens when they or the whole batch are killed."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from surfaces.batch import local
from tests.batch.test_batch import STYLE, bytes_of
from tests.conftest import ROOT

SLOW = '''
import os, time
from facet import Step, Subject, editor, hookimpl

@editor("slow_copy", "Slow copy", task="restyle", gpu_seconds=0)
def slow_copy(ctx, *, subject: Subject):
    """The picture as it is, after a while; the first time, the process that meets p2 ends without a word."""
    time.sleep(0.2)
    mark = os.path.join(os.environ["FACET_HOME"], "died")
    if subject.size[0] == 42 and os.environ.get("DIES") and not os.path.exists(mark):
        open(mark, "w").close()
        os._exit(9)
    yield Step(subject.pixels, done=1.0)

@hookimpl
def register_editors():
    return [slow_copy]
'''


@pytest.fixture
def slow(facet_home):
    (facet_home / "editors" / "slow_copy.py").write_text(SLOW)


def command(shots, out, *more):
    words = ["app.py", "batch", "slow_copy", "--in", shots, "--out", out, "--threads", 1, "--json", *more]
    return [sys.executable, *map(str, words)]


def env(**more):
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path} | more


class Pool:
    """Processes of which one is found dead when the item with that number is handed in, or dies of it."""

    def __init__(self, told, found_at=None, dies_of=()):
        self.told, self.found_at, self.dies_of = told, found_at, dies_of

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit(self, do, task):
        if task == self.found_at and task not in self.told:
            self.told.append(task)
            raise BrokenProcessPool
        future = Future()
        if task in self.dies_of:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(task)
        return future


def test_a_process_that_is_found_dead_between_two_items_loses_nothing(monkeypatch):
    told = []
    monkeypatch.setattr(local, "_pool", lambda order, workers: Pool(told, found_at=3))
    rows = list(local.in_processes(None, range(6), 2, lambda: False))
    assert sorted(rows) == [0, 1, 2, 3, 4, 5]
    assert told == [3]


def test_what_kills_every_process_is_left_out_and_the_rest_is_made(monkeypatch):
    monkeypatch.setattr(local, "_pool", lambda order, workers: Pool([], dies_of=(1,)))
    monkeypatch.setattr(local, "lost", lambda task: f"lost {task}")
    rows = list(local.in_processes(None, range(4), 1, lambda: False))
    assert sorted(map(str, rows)) == ["0", "2", "3", "lost 1"]


@pytest.mark.slow
def test_processes_make_what_one_makes_and_one_that_dies_loses_nothing(slow, shots, tmp_path):
    alone = subprocess.run(command(shots, tmp_path / "a"), cwd=ROOT, env=env(), capture_output=True, timeout=120)
    assert alone.returncode == 0
    ran = subprocess.run(
        command(shots, tmp_path / "b", "--workers", 2), cwd=ROOT, env=env(DIES="1"), capture_output=True, timeout=240
    )
    told = json.loads(ran.stdout)
    assert (told["done"], told["failed"]) == (6, 0)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    lines = (tmp_path / "b" / ".facet-batch" / "1of1.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["name"] for line in lines) == ["more/p5", "p0", "p1", "p2", "p3", "p4"]  # none twice


@pytest.mark.slow
def test_after_kill_9_the_same_command_goes_on(slow, shots, tmp_path):
    out = tmp_path / "out"
    first = subprocess.Popen(command(shots, out), cwd=ROOT, env=env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    journal = out / ".facet-batch" / "1of1.jsonl"
    until = time.monotonic() + 100
    while time.monotonic() < until and not (journal.is_file() and journal.read_bytes().count(b"\n") >= 2):
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    finished = journal.read_bytes().count(b"\n")
    assert 2 <= finished < 6
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    again = subprocess.run(command(shots, out), cwd=ROOT, env=env(), capture_output=True, timeout=120)
    told = json.loads(again.stdout)
    assert (told["before"], told["done"]) == (finished, 6 - finished)
    untouched = [path for path, changed in before.items() if path.stat().st_mtime_ns == changed]
    assert len(untouched) == finished  # one that was whole but not yet noted may have been made again
    whole = subprocess.run(command(shots, tmp_path / "w"), cwd=ROOT, env=env(), capture_output=True, timeout=120)
    assert whole.returncode == 0
    assert bytes_of(out) == bytes_of(tmp_path / "w")


@pytest.mark.soak
def test_on_ray_nothing_is_lost_when_an_actor_dies(cli, slow, shots, tmp_path, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setenv("DIES", "1")
    done = subprocess.run(
        command(shots, tmp_path / "r", "--workers", 2, "--ray"), cwd=ROOT, env=env(), capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["done"], told["failed"]) == (6, 0)
    subprocess.run(command(shots, tmp_path / "a"), cwd=ROOT, env=env(), capture_output=True, timeout=120)
    assert bytes_of(tmp_path / "r") == bytes_of(tmp_path / "a")
    refused = cli("batch", "colour_transfer", "--in", shots, "--out", tmp_path / "o", *STYLE, "--ray", "127.0.0.1:1")
    assert refused.code == 2
    assert "ray: finds no cluster at" in refused.err
