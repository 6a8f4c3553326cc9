"""Every kind of input as a command-line option, into the picture and back out of its recipe."""

import json

import numpy as np
import pytest
from PIL import Image

from facet import Subject
from registry.conformance.sample_inputs import small_picture

PIXELS = small_picture(40, 30)


@pytest.fixture(autouse=True)
def editors(drop_in):
    drop_in("every_kind")


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(PIXELS).save("picture.png")
    mask = np.zeros((30, 40), np.uint8)
    mask[:, :20] = 255
    Image.fromarray(mask).save("mask.png")
    (tmp_path / "own.safetensors").write_bytes(b"not looked at")


GIVEN = ["every_kind", "--subject", "picture.png", "--pairs", "[[1, 1, 5, 6], [1, 1, 30, 6]]", "--mask", "mask.png"]
GIVEN += ["--shade-of-grey", "7", "--turned", "--caption", "a · b", "--weights", "own.safetensors"]
GIVEN += ["--other", "sample:lake", "-o", "out.png"]


def test_all_of_them_reach_the_handler(files, cli):
    ran = cli(*GIVEN, "--json")
    assert ran.code == 0, ran.err
    expected = PIXELS.copy()
    expected[6, 5] = 7  # (30, 6) lies outside the mask
    assert np.array_equal(Subject.read("out.png").pixels, expected[::-1])
    inputs = json.loads(ran.out)["recipe"]["inputs"]
    assert inputs["pairs"] == [[1, 1, 5, 6], [1, 1, 30, 6]]
    assert (inputs["turned"], inputs["shade_of_grey"], inputs["caption"]) == (True, 7, "a · b")
    assert inputs["mask"].startswith("png:")
    assert inputs["other"]["sample"] == "lake"
    assert set(inputs["weights"]) == {"sha256", "size"}


def test_they_are_replayed(files, cli):
    assert cli(*GIVEN).code == 0
    ran = cli(
        "replay", "out.png", "--subject", "picture.png", "--weights", "own.safetensors", "-o", "again.png", "--json"
    )
    assert json.loads(ran.out)["identical"] is True
    ran = cli("replay", "out.png", "--subject", "picture.png", "-o", "again.png")
    assert (ran.code, ran.err) == (
        2,
        "facet: weights: is needed: the recipe was made with a file of its own. Give it as --weights.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--pairs", "[[1, 1, 99, 6]]"], "pairs 1: target (99, 6) lies outside the picture of 40 × 30"),
        (["--pairs", "one to two"], "pairs: is no list of points"),
        (["--mask", "nowhere.png"], "mask: no such file: nowhere.png"),
        (["--turned=perhaps"], "turned: must be yes or no, not “perhaps”"),
        (["--way", "all"], "way: must be one of dot, none, not “all”"),
        (["--caption", "x" * 41], "caption: has 41 characters, the most is 40"),
        (["--weights", "nowhere.pt"], "weights: no such file: nowhere.pt"),
        (["--other", "mask.pngg"], "other: no such file: mask.pngg"),
    ],
)
def test_refusals(arguments, why, files, cli):
    ran = cli("every_kind", "--subject", "picture.png", "-o", "out.png", *arguments)
    assert ran.code == 2
    assert ran.err.startswith(f"facet: {why}")
    assert ran.err.count("\n") == 1


def test_a_mask_of_another_size(files, cli):
    Image.new("L", (20, 20), 255).save("small.png")
    ran = cli("every_kind", "--subject", "picture.png", "--mask", "small.png", "-o", "out.png")
    assert ran.err.startswith("facet: mask: is 20 × 20 pixels but the picture is 40 × 30")


def test_help_and_docs_name_every_kind(cli):
    text = cli("every_kind", "--help").out
    for word in ("POINTS", "MASK", "FILE", "PICTURE", "0..255", "{dot,none}", "TEXT", "SEED", "100% is 255", "levels"):
        assert word in text, word
    page = cli("docs").out
    for cell in (
        "0 to 68 point pairs on `subject`",
        "a mask on `subject`",
        "a weights file",
        "yes or no",
        "0 to 255 levels",
    ):
        assert cell in page, cell
