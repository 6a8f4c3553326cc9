"""The grammar of key frames: what it reads, and where it says that it cannot."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from editors.animation.key_frames import KeyFrames, parse
from editors.animation.method import swing, track
from facet import BadInput

FIELD = "key_frames"


def read(text):
    return parse(text, FIELD, 60)


def test_the_example_of_the_docs():
    script = read("0: smile=0; 1.5: smile=1, yaw=-15; 3: smile=0")
    assert script.seconds == 3
    assert script.tracks() == {
        "smile": [(0, 0), (1.5, 1), (3, 0)],
        "yaw": [(0, 0), (1.5, -15)],
    }


def test_lines_seconds_and_empty_parts_are_fine():
    script = read(" 0s: smile = 0.5 ,\n\n 2 s : age=1e0;;5:")
    assert script.tracks() == {"smile": [(0, 0.5)], "age": [(0, 0), (2, 1)]}
    assert script.seconds == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0: smile=0; 1.5 smile=2", "at character 13: “1.5 smile=2” has no time"),
        ("0: smile=0; 1.5: smile=two", "at character 18: “two” is not a number for smile"),
        ("0: smile=0; soon: smile=1", "at character 13: “soon” is not a time in seconds"),
        ("0: smile=0; 2: smile=1; 1: smile=0", "at character 25: 1 s is not later than the key frame before it, 2 s"),
        ("0: smile=0; -1: smile=1", "at character 13: -1 s is no time of a film"),
        ("0: smile=0; 1000000: smile=1", "at character 13: 1e.06 s is no time of a film: it lasts at most 60 s"),
        ("0: smile; 1: smile=1", "at character 4: “smile” is no name with a value"),
        ("0: smile=1, smile=2; 3:", "at character 13: smile has two values at 0 s"),
        ("0: smile=nan; 1:", "at character 4: “nan” is not a number"),
        ("nan: smile=1", "at character 1: “nan” is not a time"),
        ("0: Smile=1; 2:", "at character 4"),
        ("0: smile=1", "need at least one time after 0 s"),
        ("1:; 2:", "name no attribute"),
        ("; \n", "need at least one time"),
    ],
)
def test_mistakes_are_named_by_their_place(text, said):
    with pytest.raises(BadInput, match=said):
        read(text)


def test_too_many_values_are_refused():
    with pytest.raises(BadInput, match="hold 201 values, the most is 200"):
        read("; ".join(f"{0.1 * index:.1f}: age=0" for index in range(201)))


@given(some.text(max_size=40) | some.text("0123456789:;=, smile.\n-", max_size=40))
def test_any_text_is_read_or_refused(text):
    blamed, seconds = FIELD, 1.0
    try:
        seconds = read(text).seconds
    except BadInput as refusal:
        blamed = refusal.field
    assert blamed == FIELD
    assert 0 < seconds <= 60


def test_names_and_ranges_are_those_of_the_generator(portrait):
    kind = KeyFrames(doc="d")
    kind.check_on("0: smile=0; 1: smile=0.5", portrait, FIELD)
    with pytest.raises(
        BadInput, match="at character 8: puppets offers no direction called “smiel”. Did you mean smile"
    ):
        kind.check_on("0:; 1: smiel=1", portrait, FIELD)
    with pytest.raises(BadInput, match="at character 4: smile must be from"):
        kind.check_on("0: smile=99; 1:", portrait, FIELD)
    assert kind.check("", FIELD) == ""
    kind.check_on("", portrait, FIELD)


def test_a_track_meets_its_keys_and_holds_outside_them():
    times = torch.tensor([0.0, 1.0, 1.5, 2.0, 3.0, 4.0])
    for easing in ("linear", "smooth"):
        values = track([(1.0, 2.0), (2.0, -2.0), (3.0, 0.0)], times, easing)
        assert torch.allclose(values, torch.tensor([2.0, 2.0, 0.0, -2.0, 0.0, 0.0]), atol=1e-6)


@pytest.mark.parametrize("easing", ["linear", "smooth"])
@pytest.mark.parametrize(("low", "high"), [(-2.0, 1.0), (0.0, 1.0), (-3.0, 0.0)])
def test_a_swing_begins_and_ends_at_rest_and_reaches_both_ends(easing, low, high):
    strengths = swing(torch.linspace(0, 1, 401), low, high, easing)
    assert strengths[[0, -1]].abs().max() < 1e-5
    assert strengths.max() == pytest.approx(high, abs=1e-4)
    assert strengths.min() == pytest.approx(low, abs=1e-4)
    assert strengths.diff().abs().max() < 0.05
