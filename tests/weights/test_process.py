"""What only shows across processes and on real disks: kills, full disks, settings that are read at import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry.errors import WeightsMissing
from registry.weights import hub
from registry.weights.fetch import fetch
from registry.weights.locations import hub_cache
from registry.weights.prune import leftovers, remove
from tests.weights.conftest import BODY, PINNED, SHA256
from tests.weights.fake_hub import FakeHub, Fault, wait_until

ROOT = Path(__file__).resolve().parents[2]
CODE = f"""
from registry.errors import EditorError
from registry.weights import Weights
from registry.weights.fetch import fetch
try:
    print(fetch(Weights({PINNED.repo!r}, {PINNED.file!r}, {PINNED.revision!r}, {SHA256!r})).sha256)
except EditorError as problem:
    print(type(problem).__name__, problem)
"""


def start(**environment: str) -> subprocess.Popen[str]:
    """Fetch in a process of its own, with the present environment and some more."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.Popen([sys.executable, "-c", CODE], env=settings, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def outcome(process: subprocess.Popen[str]) -> str:
    text, _ = process.communicate(timeout=120)
    return text.strip()


def test_a_process_killed_half_way_leaves_a_cache_that_works(fake: FakeHub) -> None:
    fake.faults[PINNED.file] = Fault("stall", times=1, at=1000)
    process = start()
    try:
        parts = hub_cache() / "models--owner--nets" / "blobs"
        assert fake.arrived.wait(60)
        assert wait_until(lambda: list(parts.glob("*.incomplete")))
    finally:
        process.kill()
        process.communicate()
    left = list(parts.glob("*"))
    assert len(left) == 1
    assert left[0].name.endswith(".incomplete")
    assert outcome(start()) == SHA256
    hour_ago = time.time() - 3600
    os.utime(left[0], (hour_ago, hour_ago))
    gone = leftovers([PINNED])
    assert [leftover.why for leftover in gone] == ["an interrupted download"]
    remove(gone)
    assert [path.read_bytes() for path in parts.iterdir()] == [BODY]


def test_the_hub_clients_own_offline_setting_is_kept(fake: FakeHub) -> None:
    assert "offline" in outcome(start(HF_HUB_OFFLINE="1"))
    assert fake.log == []
    assert outcome(start()) == SHA256
    assert [request.method for request in fake.log] == ["HEAD", "HEAD", "GET"]
    assert all("/resolve/" in request.path for request in fake.log), "the file is asked for, and nothing else"
    asked = len(fake.log)
    assert outcome(start(HF_HUB_OFFLINE="1")) == SHA256
    assert outcome(start(FACET_OFFLINE="1")) == SHA256
    assert outcome(start()) == SHA256
    assert len(fake.log) == asked, "a start with everything in the cache makes no request"


def test_two_processes_may_fetch_the_same_file_at_once(fake: FakeHub) -> None:
    both = [start(), start()]
    assert [outcome(process) for process in both] == [SHA256, SHA256]


def test_too_little_room_is_told_before_the_download(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda path: usage(10_000, 3000, 7000))
    with pytest.raises(WeightsMissing, match=r"is full \(16.5 kB needed, 7.0 kB free\). Free some space"):
        fetch(PINNED)
    assert fake.count("GET") == 0
    monkeypatch.undo()


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 256 kB for the Hub's cache."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True)
    if not made or made.returncode:
        pytest.skip("a disk of its own can only be mounted by root")
    monkeypatch.setenv("HF_HUB_CACHE", str(disk / "hub"))
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_disk_that_is_full_before_the_download(fake: FakeHub, small_disk: Path) -> None:
    fake.repos["owner/nets"].files["large.bin"] = bytes(1 << 20)
    with pytest.raises(WeightsMissing, match=r"is full \(1.0 MB needed, 26\d.\d kB free\)"):
        fetch(replace(PINNED, file="large.bin", sha256="", size=0))
    assert fake.count("GET") == 0
    assert fetch(PINNED).sha256 == SHA256, "a smaller file still fits"


def test_a_disk_that_becomes_full_during_the_download(
    fake: FakeHub, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.repos["owner/nets"].files["large.bin"] = bytes(1 << 20)
    monkeypatch.setattr(hub, "_make_room", lambda remote: None)  # as if another program took the room meanwhile
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1 << 30, 0, 1 << 30))
    with pytest.raises(WeightsMissing, match="the disk became full. Free some space"):
        fetch(replace(PINNED, file="large.bin", sha256="", size=0))
    assert [path for path in small_disk.rglob("*") if path.is_file() and path.stat().st_size > 10_000] == []
    assert fetch(PINNED).sha256 == SHA256
