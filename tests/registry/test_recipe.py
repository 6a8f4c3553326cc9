"""Recipes: inside every PNG, and readable only if they are whole."""

import json

import numpy as np
import pytest
from PIL import Image

from facet import BadInput, Subject
from facet.app import finish, load_registry
from registry.conformance.sample_inputs import small_picture
from registry.saved.lineage import FORMAT, digital_source_type, png_bytes, read_lineage, subject_with_lineage
from tests.saving import save_png

PIXELS = small_picture(30, 20)
ROW = {"facet": FORMAT, "editor": "good_one", "inputs": {}, "threads": 1, "steps": 2}


@pytest.fixture
def result(drop_in):
    drop_in("good_one")
    return finish(load_registry().get("good_one"), {"subject": PIXELS, "steps": 3, "seed": 7}, threads=1)


def test_what_a_recipe_holds(result):
    recipe = json.loads(json.dumps(result.recipe))
    assert recipe["editor"] == "good_one"
    assert recipe["version"] == "1.0"
    assert recipe["plugin"] == "good_one.py"
    assert recipe["inputs"]["steps"] == 3
    assert recipe["inputs"]["subject"] == {"sha256": Subject.read(PIXELS).sha256, "width": 30, "height": 20}
    assert (recipe["seed"], recipe["steps"], recipe["threads"], recipe["stopped"]) == (7, 3, 1, False)
    assert (recipe["device"], recipe["dtype"], recipe["weights"]) == ("cpu", "float32", [])
    assert recipe["result"] == result.subject.sha256
    assert set(recipe["software"]) == {"facet", "torch", "machine"}


def test_a_saved_png_gives_its_lineage_back(result, tmp_path):
    save_png(result.subject, tmp_path / "a.png")
    assert read_lineage(tmp_path / "a.png") == [json.loads(json.dumps(result.recipe))]
    again = subject_with_lineage(tmp_path / "a.png")
    assert again.sha256 == result.subject.sha256
    assert len(again.lineage) == 1


def test_a_picture_changed_by_another_program_loses_its_lineage(result, tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes(255 - result.subject.pixels, result.subject.lineage))
    assert len(read_lineage(tmp_path / "a.png")) == 1
    assert subject_with_lineage(tmp_path / "a.png").lineage == ()


def test_the_png_carries_the_iptc_mark(result):
    content = png_bytes(result.subject.pixels, result.subject.lineage)
    assert b"Iptc4xmpExt:DigitalSourceType" in content
    assert b"digitalsourcetype/algorithmicallyEnhanced" in content
    assert b"Iptc4xmpExt" not in png_bytes(PIXELS, ())


@pytest.mark.parametrize(
    ("lineage", "term"),
    [
        ([], ""),
        ([{"inputs": {"subject": {}}, "weights": []}], "algorithmicallyEnhanced"),
        ([{"inputs": {}, "weights": []}], "algorithmicMedia"),
        ([{"inputs": {"subject": {}}, "weights": [{}]}], "compositeWithTrainedAlgorithmicMedia"),
        ([{"inputs": {}, "weights": [{}]}, {"inputs": {"subject": {}}}], "trainedAlgorithmicMedia"),
    ],
)
def test_the_mark_says_what_was_done(lineage, term):
    assert digital_source_type(lineage).rpartition("/")[2] == term


def test_json_of_one_recipe_or_of_a_lineage(tmp_path):
    for number, content in enumerate([ROW, [ROW, ROW], {"facet": FORMAT, "lineage": [ROW]}]):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(content))
        assert read_lineage(file)[0] == ROW


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "holds no recipe"),
        ("no json", "holds no recipe"),
        ("[]", "holds no recipe"),
        ("5", "holds no recipe"),
        ('{"a": 1}', "holds no recipe"),
        ("[" * 100_000, "holds no recipe"),
        (json.dumps(ROW | {"facet": 99}), "another version of Facet"),
        (json.dumps([ROW, {"editor": "x"}]), "another version of Facet"),
        (json.dumps(ROW | {"steps": 0}), "changed or cut short"),
        (json.dumps(ROW | {"steps": "3"}), "changed or cut short"),
        (json.dumps(ROW | {"threads": 10**9}), "changed or cut short"),
        (json.dumps(ROW | {"inputs": [1]}), "changed or cut short"),
        (json.dumps(ROW | {"editor": ["x"]}), "changed or cut short"),
        (json.dumps({key: ROW[key] for key in ("facet", "editor")}), "changed or cut short"),
    ],
)
def test_what_is_no_recipe_is_refused(content, why, tmp_path):
    file = tmp_path / "recipe.json"
    file.write_text(content)
    with pytest.raises(BadInput, match=why):
        read_lineage(file)


def test_a_foreign_png_has_no_recipe(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "foreign.png")
    with pytest.raises(BadInput, match="holds no recipe"):
        read_lineage(tmp_path / "foreign.png")
    assert subject_with_lineage(tmp_path / "foreign.png").lineage == ()


def test_a_damaged_png_and_a_missing_file_are_refused(result, tmp_path):
    (tmp_path / "cut.png").write_bytes(png_bytes(PIXELS, result.subject.lineage)[:-40])
    with pytest.raises(BadInput, match="is a damaged PNG"):
        read_lineage(tmp_path / "cut.png")
    with pytest.raises(BadInput, match="no such file: nowhere.png"):
        read_lineage(tmp_path / "nowhere.png")


def test_a_large_file_is_not_read_as_json(tmp_path):
    (tmp_path / "large.json").write_text(json.dumps(ROW) + " " * 5_000_000)
    with pytest.raises(BadInput, match="holds no recipe"):
        read_lineage(tmp_path / "large.json")


def test_pixels_survive_saving(tmp_path):
    save_png(Subject.read(PIXELS), tmp_path / "a.png")
    assert np.array_equal(Subject.read(str(tmp_path / "a.png")).pixels, PIXELS)
