"""Refusals in the page's words, and pictures that pickers name by number."""

import pytest

from registry.conformance.sample_inputs import small_picture
from registry.errors import BadInput, NoFace
from registry.inputs.numbers import Slider
from registry.plugins.signature import Input
from registry.subjects.subject import Subject
from surfaces.page.origins import picked
from surfaces.page.refusals import sentence
from surfaces.page.session import Session

ENTRIES = [
    Input("strengths", Slider(0, 1, doc="How much.", label="Sliders")),
    Input("steps", Slider(0, 1, doc="How long.")),
]


def test_an_input_is_called_as_its_label_calls_it():
    assert sentence(BadInput("strengths", "moves nothing", "Move one."), ENTRIES) == "Sliders: moves nothing. Move one."
    assert sentence(BadInput("strengths 2", "lies outside"), ENTRIES) == "Sliders 2: lies outside."


def test_one_without_a_label_of_its_own_keeps_its_name():
    assert sentence(BadInput("steps", "is missing"), ENTRIES) == "steps: is missing."
    assert sentence(BadInput("other", "is missing"), ENTRIES) == "other: is missing."
    assert sentence(NoFace("There is no face."), ENTRIES) == "There is no face."


def test_a_picker_names_a_picture_of_the_visit():
    session = Session()
    entry = session.choose(Subject.read(small_picture(32, 32), "subject"), "One")
    raw = {"second": {"entry": entry.number, "rev": 3}, "style": {"sample": "hopper"}, "amount": 1}
    assert picked(session, raw) == {**raw, "second": entry.subject}
    with pytest.raises(BadInput, match="second: is no longer in the history"):
        picked(session, {"second": {"entry": 99}})
