"""Refusals in the page's words, and pictures that pickers name by number."""

import pytest

from registry.conformance.sample_inputs import small_picture
from registry.errors import BadInput, LicenceNeeded, NoFace
from registry.inputs.numbers import Slider
from registry.plugins import Result
from registry.plugins.signature import Input
from registry.subjects.subject import Subject
from registry.weights import Weights
from registry.weights.licence import require
from surfaces.page.origins import picked
from surfaces.page.session import Session
from surfaces.page.words import facts_of, plain, sentence

ENTRIES = [
    Input("strengths", Slider(0, 1, doc="How much.", label="Sliders")),
    Input("steps", Slider(0, 1, doc="How long.")),
]


def test_an_input_is_called_as_its_label_calls_it():
    assert (
        sentence(BadInput("strengths", "moves nothing", "Move one."), ENTRIES) == "“Sliders” moves nothing. Move one."
    )
    assert sentence(BadInput("strengths 2", "lies outside"), ENTRIES) == "“Sliders” 2 lies outside."


def test_all_refusals_are_sentences_without_names_of_arguments():
    assert sentence(BadInput("steps", "is missing"), ENTRIES) == "“Steps” is missing."
    assert sentence(BadInput("own_file", "is missing"), ENTRIES) == "Own file is missing."
    assert sentence(BadInput("subject", "is missing", "x"), ENTRIES).startswith("Choose a picture first:")
    assert sentence(BadInput("subject", "has no code"), ENTRIES) == "The picture has no code."
    assert sentence(BadInput("steps", "handle (9, 9) lies outside"), ENTRIES) == "“Steps”: handle (9, 9) lies outside."
    assert sentence(NoFace("There is no face."), ENTRIES) == "There is no face."


def test_nothing_is_to_be_typed_on_the_page():
    said = "Place points (--points: from eye to eye), choose “as it is” (--align none), or another (--detector)."
    assert sentence(NoFace(said)) == "Place points (from eye to eye), choose “as it is”, or another."
    needed = "X (3 MB) is needed; it is downloaded at the first run, or now by “facet weights fetch x”."
    assert plain(needed) == "X (3 MB) is needed; it is downloaded at the first run."
    weights = Weights("owner/toy", "a.pt", licence="Only for fun", non_commercial=True, title="Toy")
    with pytest.raises(LicenceNeeded) as refusal:
        require(weights)
    assert "facet" not in sentence(refusal.value).lower().replace("(repository", "")
    assert "FACET_" not in sentence(refusal.value)


def test_a_drag_that_did_not_arrive_says_so():
    def told(left):
        metrics = {"distance_left_px": left, "farthest_px": left}
        return facts_of(Result(Subject.read(small_picture(20, 20)), {}, metrics, {}, 1.0, 0, False))

    assert told(9.07)["points"] == "did not arrive: 9 px left"
    assert told(9.07)["distance left"] == "9.07 px"
    assert "points" not in told(1.2)


def test_a_picker_names_a_picture_of_the_visit():
    session = Session()
    entry = session.choose(Subject.read(small_picture(32, 32), "subject"), "One")
    raw = {"second": {"entry": entry.number, "rev": 3}, "style": {"sample": "hopper"}, "amount": 1}
    assert picked(session, raw) == {**raw, "second": entry.subject}
    with pytest.raises(BadInput, match="second: is no longer in the history"):
        picked(session, {"second": {"entry": 99}})
