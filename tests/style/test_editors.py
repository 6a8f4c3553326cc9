"""The two editors through the registry: conformance, refusals, and what their inputs do."""

import numpy as np
import pytest

from editors.style import colour_transfer, neural_style
from facet import BadInput, Subject
from facet.app import Result, Stop, finish, run
from facet.testing import Conformance


class TestColourTransfer(Conformance):
    editor = colour_transfer


class TestNeuralStyle(Conformance):
    editor = neural_style


@pytest.mark.parametrize("spec", [colour_transfer, neural_style])
def test_style_must_differ_from_the_subject(spec) -> None:
    with pytest.raises(BadInput) as refusal:
        finish(spec, {**spec.trial, "subject": "sample:chelsea", "style": "sample:chelsea"})
    assert refusal.value.field == "style"


def test_result_has_the_asked_size_and_the_photographs_shape() -> None:
    values = {"subject": "sample:lake", "style": "sample:ink", "size": 128, "effort": 4}
    result = finish(neural_style, values)
    assert result.subject.size == (128, 72)


def test_every_frame_has_the_final_size_and_a_stop_keeps_the_last() -> None:
    values = {"subject": "sample:coffee", "style": "sample:knife", "size": 192, "effort": 12}
    stop, events = Stop(), []
    for event in run(neural_style, values, stop=stop, device="cpu", threads=1):
        events.append(event)
        stop.set()
    result = events[-1]
    assert isinstance(result, Result)
    assert result.stopped
    assert result.subject.size == (192, 128)


def test_colour_transfer_keeps_the_size() -> None:
    result = finish(colour_transfer, {"subject": "sample:rocket", "style": "sample:fields", "method": "histogram"})
    assert result.subject.size == Subject.read("sample:rocket").size
    assert not np.array_equal(result.subject.pixels, Subject.read("sample:rocket").pixels)
