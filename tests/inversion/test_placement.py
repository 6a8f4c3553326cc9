"""Where a picture was cut from, read out of a lineage that anybody may have written."""

import math
from collections.abc import Iterator

import pytest

from facet import Context, Step, Subject, editor
from facet.app import finish
from registry.conformance.sample_inputs import small_picture
from registry.subjects.placement import Placement, placement_of

SOURCE = Subject.read(small_picture(60, 50))
CORNERS = [(10.0, 5.0), (10.0, 25.5), (30.5, 25.5), (30.5, 5.0)]
PLACED = Placement.of(SOURCE, CORNERS)


@editor("says_facts", "Says facts", task="invert", gpu_seconds=0)
def says_facts(ctx: Context, *, subject: Subject) -> Iterator[Step]:
    """Give the picture back with facts."""
    yield Step(subject.pixels, 1, facts={"placement": PLACED.record(), "remark": "as it was"})


@editor("says_nothing", "Says nothing", task="invert", gpu_seconds=0)
def says_nothing(ctx: Context, *, subject: Subject) -> Iterator[Step]:
    """Give the picture back without facts."""
    yield Step(subject.pixels, 1)


def with_facts(facts):
    return Subject(SOURCE.pixels, lineage=({"facts": {"placement": PLACED.record()}}, {"facts": facts}))


def test_edits_in_between_do_not_matter():
    cut = finish(says_facts, {"subject": SOURCE})
    assert cut.recipe["facts"]["remark"] == "as it was"
    edited = finish(says_nothing, {"subject": cut.subject}).subject
    assert "facts" not in edited.lineage[-1]
    assert placement_of(edited) == PLACED
    assert PLACED.source == SOURCE.sha256


def test_eyes_are_remembered_and_found_in_the_square():
    placed = Placement.of(SOURCE, CORNERS, [(15.125, 10.125), (25.375, 10.125)])
    again = placement_of(with_facts({"placement": placed.record()}))
    assert again == placed
    assert again.eyes_within() == [pytest.approx((0.25, 0.25)), pytest.approx((0.75, 0.25))]
    assert PLACED.eyes_within() is None
    assert "eyes" not in PLACED.record()


def test_a_picture_that_was_put_back_has_none():
    assert placement_of(with_facts({"placement": None})) is None
    assert placement_of(with_facts({"remark": "x"})) == PLACED
    assert placement_of(SOURCE) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"corners": [[0, 0]] * 3},
        {"corners": [[0, 0]] * 4},
        {"corners": [[math.nan, 0], [0, 9], [9, 9], [9, 0]]},
        {"corners": [[1e9, 0], [0, 9], [9, 9], [9, 0]]},
        {"corners": [["a", 0], [0, 9], [9, 9], [9, 0]]},
        {"corners": None},
        {"eyes": [[1, 2]]},
        {"eyes": [[1, 2], [3, math.inf]]},
        {"eyes": "ab"},
        {"size": [3]},
        {"size": ["3", "4"]},
        {"source": 7},
        {"sample": ["x"]},
    ],
)
def test_nonsense_is_none(changed):
    assert placement_of(with_facts({"placement": {**PLACED.record(), **changed}})) is None
    assert placement_of(with_facts({"placement": "here"})) is None
