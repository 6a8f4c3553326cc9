"""Fitting a direction to what a CLIP that knows colours says of pictures."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from editors.attributes import attributes
from editors.text_direction import fit_words
from editors.text_direction.by_words import _Ends, _ranks
from facet import BadInput, Choice
from facet.app import Preview, finish, run
from facet.stylegan import directions_of
from facet.testing import Conformance

RED = {"target": "red face", "model": "small", "pictures": 48}


@pytest.fixture
def fitting(spec):
    """The editor with that generator and that CLIP."""
    choice = Choice({"small": "small"}, doc="The one there is.")  # which no list of generators has
    inputs = tuple(replace(e, kind=choice, default="small") if e.name == "model" else e for e in fit_words.inputs)
    return replace(fit_words, nets=spec.nets, inputs=inputs)


class TestFitWords(Conformance):
    """The house rules."""

    editor = fit_words
    trial = {"target": "red face", "pictures": 16}

    @pytest.fixture(autouse=True)
    def _prepared(self, fitting, monkeypatch):
        monkeypatch.setattr(type(self), "editor", fitting)


def test_slices_teach_the_same(fitting):
    """Where a GPU is lent for a minute; as many pictures as it may look at take longer."""
    whole, sliced = (finish(fitting, RED, **how) for how in ({}, {"longest_slice": 1e-9}))
    assert sliced.recipe["steps"] == whole.recipe["steps"]
    assert sliced.subject.sha256 == whole.subject.sha256
    assert sliced.metrics == whole.metrics


def redness(pixels):
    red, green, blue = pixels.reshape(-1, 3).astype(float).mean(0)
    return red - (green + blue) / 2


@pytest.mark.parametrize("method", ["ridge", "svm"])
def test_words_become_a_slider_that_does_what_they_say(fitting, small, subject, method):
    if method == "svm":
        pytest.importorskip("sklearn")
    result = finish(fitting, RED | {"name": "redder", "method": method})
    made = directions_of("small")["redder"]
    assert (made.title, made.group, made.unit) == ("Red face", "fitted here", "σ")
    assert made.facts["target"] == "red face"
    assert made.facts["samples"] == 48
    assert result.metrics["held_out_accuracy"] > 0.7
    sliders = replace(attributes, nets=(small, *attributes.nets))
    more, less = (finish(sliders, {"subject": subject, "strengths": {"redder": by}}) for by in (2, -2))
    assert redness(more.subject.pixels) > redness(subject.pixels) + 4
    assert redness(less.subject.pixels) < redness(subject.pixels) - 4


def test_the_sheets_show_both_ends(fitting):
    *steps, result = run(fitting, RED)
    notes = [step.note for step in steps if isinstance(step, Preview)]
    assert notes[5] == "looked at 48 of 48"
    assert redness(result.images["most alike"]) > redness(result.images["least alike"]) + 10
    assert "redder" not in directions_of("small"), "without a name nothing is kept"


def test_ranks_do_not_care_how_far_apart_scores_are():
    assert _ranks(torch.tensor([0.3, -9.0, 0.31, 7.0])).tolist() == pytest.approx([1 / 3, 0, 2 / 3, 1])
    with pytest.raises(BadInput, match="target: makes no difference between these pictures"):
        _ranks(torch.full((20,), 0.25))


def test_ends_keep_the_highest_and_the_lowest():
    ends, scores = _Ends(), torch.from_numpy(np.random.default_rng(0).permutation(40))
    for piece in scores.split(8):
        ends.take(piece, piece[:, None, None, None].expand(-1, 3, 4, 4).float())
    assert ends._pictures[:, 0, 0, 0].tolist() == [39, 38, 37, 36, 35, 4, 3, 2, 1, 0]


def test_the_same_text_twice_is_refused(fitting):
    with pytest.raises(BadInput, match="target: says the same as the neutral text"):
        finish(fitting, RED | {"target": "face"})


def test_the_command_line_fits_in_words_too(fitting, cli, monkeypatch, tmp_path):
    from registry.plugins.loader import Registry

    by_task = Registry.by_task

    def with_ours(self):
        found = by_task(self)
        return {task: [fitting if spec.id == fitting.id else spec for spec in specs] for task, specs in found.items()}

    monkeypatch.setattr(Registry, "by_task", with_ours)
    options = ("--words", "red face", "--pictures", 32, "--model", "small", "--name", "red_cli", "--json")
    ran = cli("direction", "fit", *options, "-o", tmp_path / "sheet.png")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["metrics"]["samples"] == 32
    assert "red_cli" in directions_of("small")
    both = cli("direction", "fit", "--samples", "x.csv", "--neutral", "face", "--name", "x")
    assert both.code != 0
    assert "neutral: belongs to --words" in both.err
