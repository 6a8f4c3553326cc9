"""Two looks of one tab may go on at once, and no look twice."""

from __future__ import annotations

from surfaces.page.looks import REMEMBERED, SLOW, Looks


def test_later_looks_have_higher_numbers():
    looks = Looks()
    with looks.one({"smile": 0.1}) as first, looks.one({"smile": 0.2}) as second:
        assert 0 < first < second
    with looks.one({"smile": 0.1}) as again:
        assert again > second, "what was drawn before may be asked for again"


def test_the_very_same_is_not_drawn_twice_at_the_same_time():
    looks = Looks()
    with looks.one(("attributes", 0.5)) as first:
        with looks.one(("attributes", 0.5)) as twin:
            assert not twin
        with looks.one(("attributes", 0.5)) as third:
            assert not third, "the end of a twin is not the end of the first"
    with looks.one(("attributes", 0.5)) as later:
        assert later > first


def test_slow_looks_are_asked_for_one_by_one():
    looks = Looks()
    assert not looks.slow("attributes")
    looks.note("attributes", 2 * SLOW)
    assert looks.slow("attributes")
    assert not looks.slow("warp_drag"), "each editor by itself"
    looks.note("attributes", 0.5 * SLOW)
    assert not looks.slow("attributes"), "the first one had to load"
    for _ in range(REMEMBERED - 1):
        looks.note("attributes", 2 * SLOW)
    assert not looks.slow("attributes"), "others may be busy for a moment"
    looks.note("attributes", 2 * SLOW)
    assert looks.slow("attributes")
