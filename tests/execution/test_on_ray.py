"""Edits on a Ray cluster: a stand-in for it by default, Ray itself with “make soak”."""

import os
import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from facet import BadInput, EditorError
from facet.app import EditorFailed, Result, Stop, finish, load_registry, run
from registry.artifacts import own, rename
from registry.belongings import Guest, kept_in
from registry.conformance import small_picture
from registry.execution import OnRay, joined, on_ray, watch
from registry.execution.ray_workers import LOST, RayWorkers
from registry.subjects import Subject
from tests.execution.loopback_ray import LoopbackRay

PICTURE = Subject(small_picture(40, 30))


@pytest.fixture(scope="module", params=["stand-in", pytest.param("ray", marks=pytest.mark.soak)])
def far(request, tmp_path_factory):
    """Two workers with a home of their own, and the same editors here."""
    home = tmp_path_factory.mktemp("far-home")
    (home / "editors").mkdir()
    shutil.copy(Path(__file__).with_name("far_editors.py"), home / "editors")
    patch = pytest.MonkeyPatch()
    patch.setenv("FACET_HOME", str(home))
    patch.setenv("FACET_EDITORS", "far_editors")
    patch.setenv("PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]))
    registry = load_registry()
    if request.param == "ray":
        pytest.importorskip("ray")
        with joined("", 2) as ray:
            yield _begun(ray, registry)
    else:
        ray = LoopbackRay()
        yield _begun(ray, registry)
        ray.shutdown()
    patch.undo()


def _begun(ray, registry):
    workers = RayWorkers(ray, 2)
    workers.begin(registry)
    return SimpleNamespace(on=OnRay(workers), registry=registry, ray=ray)


def test_previews_stream_in_and_the_result_is_the_one_made_here(far):
    spec = far.registry.get("telling")
    *previews, result = run(spec, {"subject": PICTURE}, on=far.on)
    assert result.metrics["pid"] != os.getpid()
    assert [round(event.done, 2) for event in previews] == [0.33, 0.67, 1.0]
    assert all(event.jpeg.startswith(b"\xff\xd8") for event in previews)
    here = finish(spec, {"subject": PICTURE})
    assert {**result.recipe, "when": 0} == {**here.recipe, "when": 0}
    assert result.subject.sha256 == here.subject.sha256


def test_a_stop_reaches_the_worker_and_keeps_the_best_so_far(far):
    stop = Stop()
    for event in run(far.registry.get("slow"), {"subject": PICTURE}, on=far.on, stop=stop):
        if isinstance(event, Result):
            assert event.stopped
            assert event.recipe["steps"] < 60
        elif event.done >= 0.02:
            stop.set()


def test_two_edits_go_on_at_a_time(far):
    spec, pids = far.registry.get("slow"), set()
    both = threading.Barrier(2, timeout=30)

    def one():
        pids.add(finish(far.registry.get("telling"), {"subject": PICTURE}, on=far.on).metrics["pid"])
        stop = Stop()
        for event in run(spec, {"subject": PICTURE}, on=far.on, stop=stop):
            if not isinstance(event, Result) and event.jpeg and not stop.is_set():
                both.wait()  # both have begun: neither waits for the other
                stop.set()

    threads = [threading.Thread(target=one) for _ in range(2)]
    [each.start() for each in threads]
    [each.join(60) for each in threads]
    assert not both.broken
    assert not any(each.is_alive() for each in threads)


def test_a_worker_that_dies_is_begun_anew_and_its_edit_is_done_again(far):
    *previews, result = run(far.registry.get("dying"), {"subject": PICTURE, "lives": "1"}, on=far.on)
    assert "its worker ended; another one begins it again" in [event.note for event in previews]
    assert result.recipe["steps"] == 2


def test_an_edit_whose_workers_always_die_ends_with_a_sentence(far, monkeypatch):
    monkeypatch.setattr(on_ray, "LIVES", 1)
    with pytest.raises(EditorFailed) as refusal:
        finish(far.registry.get("dying"), {"subject": PICTURE, "lives": "9"}, on=far.on)
    assert str(refusal.value) == LOST
    assert finish(far.registry.get("telling"), {"subject": PICTURE}, on=far.on).metrics["pid"]


def test_an_editor_that_hears_nothing_is_given_up_and_its_worker_begun_anew(far, monkeypatch):
    monkeypatch.setattr(watch, "_PATIENCE", 0.5)
    monkeypatch.setattr(watch, "_LAST", 1.0)
    stop = Stop()
    events = run(far.registry.get("deaf"), {"subject": PICTURE}, on=far.on, stop=stop)
    assert next(event for event in events if event.jpeg)
    stop.set()
    with pytest.raises(EditorFailed, match="did not stop within"):
        list(events)
    pids = {finish(far.registry.get("telling"), {"subject": PICTURE}, on=far.on).metrics["pid"] for _ in range(2)}
    assert len(pids) == 2  # both workers are there


def test_what_an_edit_leaves_comes_home_and_goes_to_the_workers_by_its_sha256(far):
    finish(far.registry.get("leaving"), {"subject": PICTURE}, on=far.on)
    (kept,) = own()
    assert (kept.name, kept.path.is_file()) == ("far style", True)
    for _ in range(2):
        assert finish(far.registry.get("using"), {"subject": PICTURE}, on=far.on).metrics["total"] == 15.0
    rename(kept, "another name")
    using = {"subject": PICTURE, "name": "another name"}
    assert finish(far.registry.get("using"), using, on=far.on).metrics["total"] == 15.0


def test_what_a_visitors_edit_leaves_is_theirs_alone(far):
    guest = Guest()
    with kept_in(guest.belongings):
        finish(far.registry.get("leaving"), {"subject": PICTURE}, on=far.on)
        assert [each.name for each in own()] == ["far style"]
    assert own() == ()
    with pytest.raises(EditorError, match="nothing of yours is called"):
        finish(far.registry.get("using"), {"subject": PICTURE}, on=far.on)


def test_a_worker_with_another_version_is_refused_before_any_work(far):
    other = [replace(spec, version="9.9") if spec.id == "slow" else spec for spec in far.registry]
    workers, sent_away = RayWorkers.__new__(RayWorkers), []
    workers.__dict__ |= vars(far.on.workers) | {"notes": []}
    workers.ray = SimpleNamespace(get=far.ray.get, kill=sent_away.append)
    with pytest.raises(EditorError, match=r"was refused: it has slow .* \(here 9.9\). Install the same versions"):
        workers.begin(other)
    assert len(sent_away) == 2


@pytest.mark.parametrize(
    ("module", "address", "why"),
    [
        (None, "", "ray: needs Ray: pip install “facet-editors.ray.”, on every machine of the cluster"),
        (
            SimpleNamespace(),
            "127.0.0.1:1",
            "ray: finds no cluster at .* Begin one with “ray start --head”",
        ),
    ],
)
def test_without_ray_or_a_cluster_one_sentence_says_so(monkeypatch, module, address, why):
    monkeypatch.setitem(sys.modules, "ray", module)
    with pytest.raises(BadInput, match=why), joined(address, 1):
        pass
