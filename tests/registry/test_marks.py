"""Points and masks: both in source pixels, both refused by name."""

import json
import math

import numpy as np
import pytest

from facet import BadInput, MaskInput, Pair, Points, Subject

POINTS, PAINT = Points(doc="Drag these."), MaskInput(doc="May change.")
PICTURE = Subject.read(np.zeros((20, 30, 3), np.uint8))


@pytest.mark.parametrize(
    "value",
    [[[1, 2, 3, 4]], [[[1, 2], [3, 4]]], "[[1, 2, 3, 4]]", ((1.0, 2.0, 3.0, 4.0),), [Pair((1, 2), (3, 4))]],
)
def test_pairs_are_read(value):
    found = POINTS.check(value, "pairs")
    assert found == [Pair((1.0, 2.0), (3.0, 4.0))]
    assert POINTS.check(json.loads(json.dumps(POINTS.record(found))), "pairs") == found


@pytest.mark.parametrize(
    "value",
    [
        "no list",
        5,
        {"x": 1},
        [[1, 2, 3]],
        [[1, 2, 3, "a"]],
        [[1, 2, 3, math.nan]],
        [None],
        [[1, 2, 3, math.inf]],
        ["abcd"],
    ],
)
def test_what_is_no_pair_is_refused(value):
    with pytest.raises(BadInput) as refusal:
        POINTS.check(value, "pairs")
    assert refusal.value.field.startswith("pairs")


def test_the_number_of_pairs_is_limited():
    with pytest.raises(BadInput, match="needs 1 to 2 pairs of points, not 3"):
        Points(doc="x", least=1, most=2).check([[1, 2, 3, 4]] * 3, "pairs")
    assert POINTS.check("", "pairs") == []


@pytest.mark.parametrize("row", [[-1, 0, 5, 5], [30, 0, 5, 5], [0, 0, 5, 20], [0, 0, 29.9, -0.1]])
def test_points_outside_the_picture_are_refused(row):
    with pytest.raises(BadInput, match="lies outside the picture of 30 × 20"):
        POINTS.check_on(POINTS.check([row], "pairs"), PICTURE, "pairs")


def test_points_at_the_edges_are_inside():
    POINTS.check_on(POINTS.check([[0, 0, 29.9, 19.9]], "pairs"), PICTURE, "pairs")


def test_what_was_not_given_is_no_mask():
    assert PAINT.check(None, "mask") is None
    assert PAINT.check("", "mask") is None
    assert PAINT.record(None) is None


def test_a_mask_survives_its_record():
    mask = np.zeros((20, 30), bool)
    mask[3:9, 4:17] = True
    text = PAINT.record(PAINT.check(mask, "mask"))
    assert np.array_equal(PAINT.check(text, "mask"), mask)


def test_white_may_change():
    grey = np.zeros((20, 30), np.uint8)
    grey[5, 6] = 255
    assert np.argwhere(PAINT.check(grey, "mask")).tolist() == [[5, 6]]


@pytest.mark.parametrize("value", ["png:not base64!", "png:AAAA", "no such file.png", 5])
def test_what_is_no_mask_is_refused(value):
    with pytest.raises(BadInput) as refusal:
        PAINT.check(value, "mask")
    assert refusal.value.field == "mask"


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(BadInput, match="is 5 × 4 pixels but the picture is 30 × 20"):
        PAINT.check_on(np.ones((4, 5), bool), PICTURE, "mask")
