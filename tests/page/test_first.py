"""The card of the first minute: its picture can be dragged, and a page whose editors cannot shows none."""

import json

import numpy as np

from facet.app import load_registry
from registry.execution import finish
from registry.plugins import Registry
from surfaces.page.choosing import choose
from surfaces.page.first import FOLDER, first_subject, first_view
from surfaces.page.session import Session


def test_the_bundled_puppet_has_a_code_and_the_pull_lies_on_it():
    subject, title, pairs = first_subject()
    width, height = subject.size
    assert title
    assert subject.latent is not None
    assert all(0 <= x < width and 0 <= y < height for row in pairs for x, y in (row[:2], row[2:]))
    assert (FOLDER / "puppet.png").stat().st_size < 400_000


def test_one_press_pulls_it_nearer(facet_home):
    registry = load_registry()
    editor = first_view(registry)["editor"]
    subject, _, pairs = first_subject()
    result = finish(registry.get(editor), {"subject": subject, "pairs": pairs, "steps": 4})
    before = np.hypot(*np.subtract(pairs[0][:2], pairs[0][2:]))
    assert result.metrics["distance_left_px"] < before
    assert not np.array_equal(result.subject.pixels, subject.pixels)


def test_the_press_brings_the_picture_and_the_pull():
    session = Session()
    stage, bar, strip, _ = choose(session, {"first": True})
    assert stage["kind"] == "rest"
    assert stage["latent"]
    told = json.loads((FOLDER / "first.json").read_text(encoding="utf-8"))
    assert bar["first"] == {"entry": 1, "pairs": told["pairs"]}
    assert len(strip["entries"]) == 1


def test_without_an_editor_that_drags_there_is_no_card():
    assert first_view(Registry()) is None
