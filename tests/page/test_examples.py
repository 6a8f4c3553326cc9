"""Examples are what they show, links carry settings, and a saved file brings its editor."""

from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from PIL import Image

from benchmarks.examples import small
from facet.app import load_registry
from registry.execution import finish
from surfaces.page import choosing, examples
from surfaces.page.controls import received
from surfaces.page.example_list import FOLDER, drawings, examples_of, puppets, recorded, subject_of
from surfaces.page.recall import linked, settings
from surfaces.page.session import Session
from tests.saving import read_picture

WITHOUT = {
    *("text_direction", "fit_words", "translate_model"),  # need weights that do not come along
}


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def built_in(registry):
    return [spec for spec in registry if spec.plugin in ("", "built-in")]


def test_every_built_in_editor_has_some_that_it_accepts(registry):
    assert {spec.id for spec in built_in(registry) if not examples_of(spec)} == WITHOUT
    for spec in built_in(registry):
        rows = examples_of(spec)
        assert len(rows) != 1, spec.id
        for row in rows:
            told = {name: spec.input(name).kind.recorded(value, name) for name, value in row.inputs.items()}
            samples = [name for name, each in told.items() if isinstance(each, dict) and "sample" in each]
            told |= {name: f"sample:{told[name]['sample']}" for name in samples}
            assert spec.check({**told, **({"subject": subject_of(row.on)[0]} if row.on else {})})
            assert (FOLDER / row.file).stat().st_size < 20_000
            assert set(recorded(spec, row)) <= {entry.name for entry in spec.inputs}


def test_an_example_is_what_comes_out(registry):
    spec = registry.get("colour_transfer")
    row = examples_of(spec)[1]
    result = finish(spec, {"subject": "sample:coffee", "style": "sample:gold", "strength": row.inputs["strength"]})
    files = small(result.subject), FOLDER / row.file
    made, shown = (read_picture(file, "x") for file in files)
    assert np.abs(made.astype(int) - shown.astype(int)).mean() < 2


def test_a_press_brings_picture_and_settings(registry):
    spec, session = registry.get("drag"), Session()
    answer, stage, bar, *_ = examples.begin(spec, session, 0)
    assert answer == {"ready": {"example": 0, "entry": 1}}
    assert (stage["kind"], stage["latent"], bar["subject"]["title"]) == ("rest", True, "A puppet")
    brought = settings(spec, session, {"example": 0, "entry": 1})
    assert brought["pairs"] == {"pairs": examples_of(spec)[0].inputs["pairs"], "entry": 1}
    assert brought["steps"]["value"] == spec.input("steps").default, "others go back to what is declared"
    assert settings(registry.get("fit_direction"), session, {"example": 0})["samples"]["yes"]
    for number in (7, -1, "0", None, True):
        assert "ready" not in str(examples.begin(spec, session, number)[0])


def test_puppets_are_offered_with_their_codes():
    (first, *others) = puppets()
    assert [each["id"] for each in others] == ["second", "third"], "what was brought in is no choice of its own"
    assert choosing.choose(session := Session(), {"puppet": first["id"]})[0]["latent"]
    assert session.subject.latent is not None
    assert "no bundled puppet" in choosing.choose(Session(), {"puppet": "../x"})[0]["sentence"]
    assert {row["id"] for row in drawings()} >= {"puppets", "puppets_256", "puppets_ink"}


def test_a_link_carries_what_is_not_as_declared(registry):
    spec = registry.get("colour_transfer")
    raw = {"style": {"sample": "gold", "rev": 3}, "method": "reinhard", "strength": 0.35, "part": "all"}
    told = linked(spec, raw)
    assert told == {"style": '{"sample": "gold"}', "method": "reinhard", "strength": "0.35"}
    back = settings(spec, Session(), {"settings": dict(parse_qsl(urlencode(told)))})
    assert back["style"] == {"sample": "gold"}
    assert (back["method"]["value"], back["strength"]["value"]) == ("reinhard", 0.35)
    walk = registry.get("walk")  # a text that looks like a number stays a text
    assert settings(walk, Session(), {"settings": linked(walk, {"seeds": "9"})})["seeds"]["value"] == "9"
    assert linked(registry.get("drag"), {"pairs": {"points": [[1, 2, 3, 4]], "rev": 1}, "steps": 100}) == {}


def test_a_saved_file_brings_its_editor(registry, tmp_path):
    from registry.saved import subject_png

    result = finish(registry.get("colour_transfer"), {"subject": "sample:coffee", "style": "sample:gold"})
    session = Session()
    session.choose(result.subject, "saved.png")
    told = choosing._recalled(session, result.subject)
    assert told == {"recall": {"editor": "colour_transfer", "entry": 1}}
    assert settings(registry.get("colour_transfer"), session, {"entry": 1})["style"] == {"sample": "gold"}
    assert subject_png(result.subject)
    plain = Session()
    assert choosing._recalled(plain, plain.choose(subject_of("sample:coffee")[0], "coffee").subject) == {}


def test_a_sketch_comes_back_with_what_was_made_of_it(registry):
    spec, session = registry.get("sketch_portrait"), Session()
    example = examples_of(spec)[0]
    made = finish(spec, {"sketch": example.inputs["sketch"], "model": "puppets", "rounds": 1, "others": 0})
    session.choose(made.subject, "saved.png")
    assert choosing._recalled(session, made.subject) == {"recall": {"editor": "sketch_portrait", "entry": 1}}
    (brought,) = settings(spec, session, {"entry": 1})["sketch"].values()
    sent = received(spec.input("sketch"), {"png": brought, "rev": 1})
    assert spec.input("sketch").kind.check(sent, "sketch").sha256 == example.inputs["sketch"]["sha256"]


def test_full_size_has_every_pixel(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    session = Session()
    wide = np.zeros((1100, 1500, 3), np.uint8)
    session.choose(subject_of("sample:coffee")[0].then(wide, {"editor": "x"}), "wide")
    stage, *_ = choosing.full(session, {"full": 1})
    with Image.open(stage["path"]) as picture:
        assert picture.size == (1500, 1100)
    assert choosing.full(session, {"full": 2}) == choosing.NOTHING
