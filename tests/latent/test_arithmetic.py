"""Calculating with pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from editors.latent import latent_arithmetic
from editors.latent.formula import read_formula
from facet import BadInput
from facet.app import finish
from facet.testing import Conformance
from nets.stylegan2.sampling import codes


class TestArithmetic(Conformance):
    editor = latent_arithmetic


def made(portraits, formula, **values):
    one, two, three = portraits
    given = {"subject": one, "second": two, "third": three, "formula": formula, **values}
    return finish(latent_arithmetic, given, threads=1)


@pytest.mark.parametrize(
    ("formula", "weights"),
    [
        ("mean(A, B, C)", (1 / 3, 1 / 3, 1 / 3)),
        ("A - B + C", (1, -1, 1)),
        ("A + 0.5 * (C − B)", (1, -0.5, 0.5)),
        ("(A + B) / 2", (0.5, 0.5, 0)),
        ("2 * A - mean(A, C)", (1.5, 0, -0.5)),
    ],
)
def test_a_formula_means_what_it_says(portraits, formula, weights):
    expected = sum(weight * each.latent for weight, each in zip(weights, portraits, strict=True))
    assert np.allclose(made(portraits, formula).subject.latent, expected, atol=1e-4)


def test_weights_that_do_not_add_up_are_filled_with_the_mean(portraits, generator):
    mean = generator.mapping.w_avg.numpy()
    one, two, _ = portraits
    assert np.allclose(made(portraits, "A + B").subject.latent, one.latent + two.latent - mean, atol=1e-4)
    assert np.allclose(made(portraits, "0.3 * A").subject.latent, mean + 0.3 * (one.latent - mean), atol=1e-4)


def test_seeds_are_terms_and_shown(portraits, generator):
    result = made(portraits, "A - seed 4 + seed 9", truncation_psi=0.6)
    four, nine = codes(generator, [4, 9], 0.6).numpy()
    assert np.allclose(result.subject.latent, portraits[0].latent - four + nine, atol=1e-4)
    assert list(result.images) == ["A", "seed 4", "seed 9"]


def test_how_far_the_result_lies_is_told(portraits):
    near, far = (made(portraits, formula).metrics["distance_from_mean"] for formula in ("0.2 * A", "4 * A"))
    assert far == pytest.approx(20 * near, rel=1e-3)
    assert near < 0.6 < 1.5 < far


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("A - ", "formula: at character 4: the end comes where a picture is due"),
        ("A B", "formula: at character 3: “B” is not expected there"),
        ("A * B", "formula: at character 3: pictures cannot be multiplied"),
        ("A / 0", "formula: at character 3: only a number other than 0 can divide"),
        ("2 / A", "formula: at character 3: only a number other than 0 can divide"),
        ("A + 1", "formula: adds a number to a picture"),
        ("A - A", "formula: names no picture, or cancels out"),
        ("mean(A, ", "formula: at character 8: the end comes where a picture is due"),
        ("mean A", "formula: at character 6: “A” comes where “\\(” is due"),
        ("(A", "formula: at character 3: the end comes where “\\)” is due"),
        ("E", "formula: at character 1: “E” is not a picture"),
        ("A & B", "formula: at character 3: “&” cannot be read"),
        ("101 * A", "formula: has a weight beyond ±100"),
        ("9" * 400 + " * A", "formula: has a weight beyond ±100"),
        ("(" * 30 + "A", "one bracket too deep"),
        ("mean(" + ", ".join(f"seed {seed}" for seed in range(40)) + ")", "names 40 pictures, the most is 32"),
        ("", "formula: at character 1: the end comes where a picture is due"),
    ],
)
def test_mistakes_are_named_by_their_place(formula, said):
    with pytest.raises(BadInput, match=said):
        latent_arithmetic.input("formula").check(formula)


@given(some.text(max_size=30) | some.text("ABC sedman0123456789.+-*/(), ", max_size=40))
def test_any_text_is_read_or_refused(text):
    blamed = "formula"
    try:
        weights = read_formula(text, "formula")
    except BadInput as refusal:
        weights, blamed = {"A": 1.0}, refusal.field
    assert blamed == "formula"
    assert weights
    assert all(0 < abs(weight) <= 100 for weight in weights.values())


def test_a_picture_that_is_named_must_be_there(portraits):
    with pytest.raises(BadInput, match="third: is missing, but the formula has C"):
        made(portraits, "A - B + C", third=None)
