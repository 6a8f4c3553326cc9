"""Downloads: written once and whole, whatever is clicked meanwhile."""

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from registry.saved import subject_png
from registry.subjects.subject import Subject

RECIPE = {"facet": 1, "editor": "good_one", "version": "1", "inputs": {"seed": 0}, "seed": 3, "steps": 1}


@pytest.fixture
def saved(monkeypatch, tmp_path):
    monkeypatch.setattr("surfaces.page.saved.get_upload_folder", lambda: str(tmp_path))
    from surfaces.page import saved

    return saved


def made(seed: int) -> Subject:
    pixels = np.random.default_rng(seed).integers(0, 255, (96, 96, 3), dtype=np.uint8)
    return Subject(pixels, lineage=(RECIPE,))


def test_a_picture_is_written_once(saved):
    path = saved.save(made(1))
    before = path.stat()
    os.utime(path, (1, 1))
    assert saved.save(made(1)) == path
    after = path.stat()
    assert after.st_ino == before.st_ino
    assert after.st_mtime > 1, "it stays, for it was asked for again"
    assert path.name == "good_one-3.png"
    assert saved.save(made(2)).parent != path.parent


def test_one_that_was_cut_short_or_cleared_away_is_written_again(saved):
    path = saved.save(made(1))
    whole = path.read_bytes()
    for spoil in (lambda: path.write_bytes(b""), lambda: path.write_bytes(whole[:99]), path.unlink):
        spoil()
        assert saved.save(made(1)).read_bytes() == whole


def test_no_fetch_is_torn_while_the_history_is_clicked(saved):
    path, subjects = saved.save(made(0)), [made(0), made(0)]
    whole, torn, over = path.read_bytes(), [], threading.Event()

    def fetch():
        while not over.is_set():
            if path.read_bytes() != whole:
                torn.append(1)

    reader = threading.Thread(target=fetch)
    reader.start()
    for _ in range(100):
        for subject in subjects:
            saved.save(subject)
    over.set()
    reader.join()
    assert torn == []


def test_a_picture_that_comes_meanwhile_is_the_one_to_download(saved, monkeypatch):
    first, second = made(1), made(2)
    session = SimpleNamespace(current=SimpleNamespace(subject=first), shown=first)
    written = []

    def png(session):
        written.append(session.shown)
        content = subject_png(session.shown)
        session.shown = second  # the stage's switch is pressed while the file is made
        return content

    monkeypatch.setattr(saved, "_png", png)
    update = saved.download(session)
    assert written == [first, second]
    assert Path(update["value"]).read_bytes() == subject_png(second)
    assert update["interactive"]
