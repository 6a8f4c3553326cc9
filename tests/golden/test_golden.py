"""Every family of editors draws what it drew when its golden picture was made and looked at.

Where an editor is meant to draw something else, raise its version and run `python -m tests.golden.make NAME`.
"""

import json

import numpy as np
import pytest

from facet import Subject
from facet.app import load_registry, replay
from registry.belongings import replaying
from registry.saved import read_lineage
from tests.golden.cases import CASES, HERE, MACHINE, MOST_BYTES, PHOTO, machine

LEVELS, SHARE = 2, 0.995
"""Elsewhere than on the machine that made them, so many pixels lie within so many levels."""


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def difference(made, golden):
    """(largest, share of pixels beyond `LEVELS`)."""
    apart = np.abs(made.pixels.astype(int) - golden.pixels.astype(int)).max(axis=2)
    return int(apart.max()), float((apart > LEVELS).mean())


@pytest.mark.parametrize("name", CASES)
def test_the_recipe_of_a_golden_picture_draws_it_again(name, registry):
    file = HERE / f"{name}.png"
    golden, lineage = Subject.read(file, "golden"), read_lineage(file)
    assert [recipe["editor"] for recipe in lineage] == [editor for editor, _ in CASES[name]]
    photo = Subject.read(PHOTO, "subject")
    with replaying():
        made = replay(registry, lineage, {"subject": photo, "source": photo}).subject
    assert made.size == golden.size
    largest, share = difference(made, golden)
    same = machine() == json.loads(MACHINE.read_text(encoding="utf-8"))[name]
    same = same and all(recipe["software"]["torch"] == machine()["torch"] for recipe in lineage)
    if same:
        assert made.sha256 == golden.sha256, f"up to {largest} levels apart, {share:.2%} of pixels more than {LEVELS}"
    assert share <= 1 - SHARE, f"{share:.2%} of pixels differ by more than {LEVELS} levels, up to {largest}"


def test_there_is_a_small_file_of_each_and_of_nothing_else():
    files = {file.stem: file.stat().st_size for file in HERE.glob("*.png") if file != PHOTO}
    assert set(files) == set(CASES)
    assert max(files.values()) <= MOST_BYTES


def test_another_picture_would_be_noticed():
    golden = Subject.read(HERE / "drag.png", "golden")
    before = Subject.read(HERE / "attributes.png", "golden")
    assert difference(golden, before)[1] > 1 - SHARE
