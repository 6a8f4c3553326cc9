"""What the painter asks the server: the map of the session's picture, or a sentence."""

import base64
import io
import shutil

import numpy as np
import pytest
from PIL import Image

from facet import Subject
from facet.app import load_registry
from registry.conformance.sample_inputs import small_picture
from registry.subjects.subject import GeneratorRef
from surfaces.page.edit import edit
from surfaces.page.label_reading import PAINTED_SIDE, answer, map_url
from surfaces.page.live_preview import look
from surfaces.page.session import Session
from tests.conftest import PLUGINS


@pytest.fixture
def registry(facet_home):
    shutil.copy(PLUGINS / "repaint" / "repaint.py", facet_home / "editors")
    return load_registry()


def decoded(url):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def test_the_map_of_the_sessions_picture(registry):
    session = Session()
    entry = registry.get("repaint").input("labels")
    told = answer(entry, registry, session, {"ask": "parse", "rev": 1})
    assert told == {"note": "Choose a picture first: upload one, or take one of the samples.", "asked": "parse"}
    pixels = small_picture(64, 48)
    session.choose(Subject.read(pixels), "a picture")
    told = answer(entry, registry, session, {"ask": "parse", "rev": 2})
    assert (told["asked"], told["note"]) == ("parse", "")
    assert np.array_equal(decoded(told["map"]), np.digitize(pixels.mean(2), (30, 90, 180)))
    assert len(session.entries) == 1  # a question leaves nothing in the history


def test_what_was_not_asked_is_not_answered(registry):
    entry = registry.get("repaint").input("labels")
    for request in (None, {"png": "data:,", "rev": 1}, {"ask": "everything"}, {"ask": ["parse"]}, "parse"):
        told = answer(entry, registry, Session(), request)
        assert told == {"__type__": "update"}


def test_without_its_parser_and_with_a_file_that_is_none(registry):
    session = Session()
    session.choose(Subject.read(small_picture(64, 48)), "a picture")
    entry = registry.get("repaint").input("labels")
    del registry.editors["tones"]
    told = answer(entry, registry, session, {"ask": "parse"})
    assert told["note"] == "“Labels” need the editor “tones”, which is not here. Paint by hand."
    told = answer(entry, registry, session, {"ask": "read", "file": "/etc/passwd"})
    assert (
        told["note"]
        == "“Labels” must be a label map. Give a picture in the palette's colours, or the base64 of its PNG."
    )


def test_a_large_map_is_made_small_enough_to_paint_on(registry):
    kind = registry.get("repaint").input("labels").kind
    numbers = np.zeros((1500, 3000), np.uint8)
    numbers[:, 1500:] = 2
    small = decoded(map_url(kind.check(numbers, "labels")))
    assert small.shape == (PAINTED_SIDE // 2, PAINTED_SIDE)
    assert set(np.unique(small)) == {0, 2}


def test_an_editor_that_can_do_without_a_picture(registry):
    spec = registry.get("outlined")
    numbers = np.full((64, 64), 2, np.uint8)
    sent = {
        "labels": {"png": spec.input("labels").kind.record(spec.input("labels").kind.check(numbers, "labels"))["png"]}
    }
    session = Session()
    view = look(spec, session, sent)
    assert (view["kind"], view["entry"]) == ("look", None)
    *_, last = edit(spec, session, sent)
    assert last[0]["kind"] == "rest"
    assert session.current.parent is None
    assert dict(session.current.facts)["over"] == "0"
    photograph = session.choose(Subject.read(small_picture(64, 64)), "photograph")
    *_, last = edit(spec, session, sent)
    assert (last[0]["kind"], session.current.parent) == ("rest", None)  # not made of the photograph, which has no code
    coded = Subject(photograph.subject.pixels, np.zeros((2, 4), np.float32), GeneratorRef("puppets"))
    start = session.choose(coded, "portrait")
    list(edit(spec, session, sent))
    assert (session.current.parent, dict(session.current.facts)["over"]) == (start.number, "1")
    needs = registry.get("repaint")
    assert look(needs, Session(), sent) is None
    (*_, refused) = edit(needs, Session(), sent)
    assert refused[0]["sentence"] == "Choose a picture first: upload one, or take one of the samples."
