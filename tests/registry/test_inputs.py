"""Every kind of input: what it takes, what it refuses, and that the refusal names the field."""

import math
from typing import Literal

import numpy as np
import pytest

from facet import BadInput, Choice, Latent, Picture, Seed, Slider, Subject, Switch, Text
from facet.app import BadSpec
from registry.inputs.kind import Kind, shown

WHOLE = Slider(1, 500, doc="Steps.", whole=True)
REAL = Slider(-1, 1, 0.1, doc="Weight.", unit="dB")
CHOICE = Choice({"a": "Letter A", "b": "Letter B"}, doc="A letter.")
SWITCH, SEED, TEXT = Switch(doc="Yes or no."), Seed(), Text(8, doc="Words.")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (WHOLE, 1, 1),
        (WHOLE, "500", 500),
        (WHOLE, 7.0, 7),
        (REAL, "-0.25", -0.25),
        (REAL, 1, 1.0),
        (CHOICE, "b", "b"),
        (SWITCH, True, True),
        (SWITCH, "no", False),
        (SWITCH, " ON ", True),
        (SWITCH, 0, False),
        (SEED, 0, 0),
        (SEED, "4294967295", 2**32 - 1),
        (TEXT, "  hi ", "hi"),
        (TEXT, "a\tb", "a\tb"),
    ],
)
def test_taken(kind, value, expected):
    found = kind.check(value, "x")
    assert found == expected
    assert type(found) is type(expected)
    assert kind.check(kind.record(found), "x") == found


@pytest.mark.parametrize(
    ("kind", "value"),
    [(WHOLE, wrong) for wrong in (0, 501, 1.5, "many", "", None, math.nan, math.inf, -math.inf, True, [], "nan", 1e400)]
    + [(REAL, wrong) for wrong in (1.0001, "1,5", {}, b"1", 10**400)]
    + [(CHOICE, wrong) for wrong in ("c", "", None, 1, "Letter A", ["a"])]
    + [(SWITCH, wrong) for wrong in ("perhaps", 2, None, [])]
    + [(SEED, wrong) for wrong in (-2, 2**32, 0.5, "a", None, math.nan, True)]
    + [(TEXT, wrong) for wrong in ("nine char", 5, None, "a\x00b", "\x1b[2J")]
    + [(Text(doc="Words.", needed=True), "  ")],
)
def test_refused_by_name(kind, value):
    with pytest.raises(BadInput) as refusal:
        kind.check(value, "the_field")
    assert refusal.value.field == "the_field"
    assert str(refusal.value).startswith("the_field: ")
    assert "\n" not in str(refusal.value)


def test_a_slider_says_its_range_and_unit():
    with pytest.raises(BadInput, match="must be a number from -1 to 1 dB, not 3"):
        REAL.check(3, "weight")
    with pytest.raises(BadInput, match="a whole number from 1 to 500, not “9000”"):
        WHOLE.check("9000", "steps")


def test_minus_one_draws_a_seed():
    drawn = {SEED.check(-1, "seed") for _ in range(8)}
    assert len(drawn) > 1
    assert all(0 <= seed <= Seed.highest for seed in drawn)


def test_a_refusal_never_quotes_a_document():
    assert len(shown("x" * 10_000)) <= 60
    assert len(shown(list(range(10_000)))) <= 60


def test_choice_labels():
    assert Choice(("lab_mean", "rgb"), doc="Space.").labels == {"lab_mean": "lab mean", "rgb": "rgb"}
    assert CHOICE.describe() == {"kind": "choice", "options": {"a": "Letter A", "b": "Letter B"}}


def test_slider_describes_itself():
    assert WHOLE.describe() == {"kind": "slider", "low": 1, "high": 500, "step": 1, "unit": "", "whole": True}


@pytest.mark.parametrize(
    ("kind", "annotation", "why"),
    [
        (Slider(1, 1, doc="x"), int, "low < high"),
        (Slider(0, math.inf, doc="x"), float, "finite"),
        (Slider(0, 1, 2, doc="x"), float, "step"),
        (Slider(0, 1, 0, doc="x"), float, "step"),
        (Slider(0, 1), float, "needs doc"),
        (Slider(0, 1, doc="x"), str, "describes int or float, not str"),
        (Choice(("a",), doc="x"), str, "two different"),
        (Choice(("a", "a"), doc="x"), str, "two different"),
        (Choice("ab", doc="x"), str, "two different"),
        (Choice("ab", doc="x"), Literal["a", "b"], "two different"),
        (Choice(("a", "b"), doc="x"), Literal["a", "c"], "different options"),
        (Switch(doc="x"), str, "describes bool"),
        (Seed(), float, "describes int"),
        (Picture(), str, "describes Subject"),
        (Text(doc=" "), str, "needs doc"),
    ],
)
def test_a_wrong_declaration_is_a_bad_spec(kind, annotation, why):
    with pytest.raises(BadSpec, match=why):
        kind.verify(annotation)


def test_a_kind_without_a_check_cannot_be_used():
    with pytest.raises(NotImplementedError):
        Kind(doc="Nothing.").check(1, "x")


class TestPicture:
    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_missing(self, value):
        with pytest.raises(BadInput, match="subject: is missing. Choose a picture"):
            Picture().check(value, "subject")

    def test_record_names_no_path_and_holds_no_pixels(self, tmp_path):
        Subject.read(np.zeros((20, 30, 3), np.uint8)).image.save(tmp_path / "secret-name.png")
        row = Picture().record(Picture().check(str(tmp_path / "secret-name.png"), "subject"))
        assert set(row) == {"sha256", "width", "height"}
        assert (row["width"], row["height"]) == (30, 20)

    def test_record_of_a_sample_keeps_its_id(self):
        assert Picture().record(Subject.read("sample:chelsea"))["sample"] == "chelsea"

    def test_an_edited_sample_is_no_sample(self):
        subject = Subject.read("sample:chelsea")
        edited = subject.then(subject.pixels, {"editor": "x"})
        assert "sample" not in Picture().record(edited)


def test_latent_needs_one():
    with pytest.raises(BadInput, match="has no latent code"):
        Latent().check(np.zeros((20, 20, 3), np.uint8), "subject")
    with_latent = Subject(np.zeros((20, 20, 3), np.uint8), latent=np.zeros((14, 512), np.float32))
    assert Latent().check(with_latent, "subject") is with_latent


def test_a_file_of_ones_own_is_judged_however_it_is_given(tmp_path):
    from registry.errors import BadInput
    from registry.inputs.files import WeightsFile
    from registry.weights.own_file import OwnFile

    (tmp_path / "zeros.pkl").symlink_to("/dev/zero")
    (tmp_path / "empty.pkl").touch()
    (tmp_path / "one.pkl").write_bytes(b"1")
    for name in ("zeros.pkl", "empty.pkl", "absent.pkl"):
        for given in (tmp_path / name, str(tmp_path / name), OwnFile(tmp_path / name)):
            with pytest.raises(BadInput):
                WeightsFile().check(given, "own_model")
    known = OwnFile(tmp_path / "one.pkl")
    assert WeightsFile().check(known, "own_model") is known
