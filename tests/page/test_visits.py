"""Visits of programs: found again by their name, for their time, within their number."""

import pytest

from registry.errors import BadInput
from surfaces.page import visits as visits_module
from surfaces.page.visits import Visits, visit_named


def test_a_visit_is_found_again_by_its_name_and_login():
    visits = Visits()
    mine = visits.guest("a" * 32, "1.2.3.4")
    assert visits.guest("a" * 32, "5.6.7.8") is mine
    assert visits.guest("b" * 32, "1.2.3.4") is not mine
    assert visits.guest("a" * 32, "1.2.3.4", "ada") is not mine
    assert visits.guest("", "1.2.3.4") is None


def test_a_visit_ends_and_what_it_has_left_goes(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(visits_module.time, "monotonic", lambda: now[0])
    visits = Visits(seconds=10)
    guest = visits.guest("a" * 32, "1.2.3.4")
    folder = guest.belongings.folder
    folder.mkdir(parents=True)
    now[0] = 9
    assert visits.guest("a" * 32, "1.2.3.4") is guest
    del guest
    now[0] = 20
    assert visits.guest("", "1.2.3.4") is None
    assert not folder.exists()


def test_who_asks_for_too_many_loses_their_own():
    visits = Visits(most=3)
    mine = visits.guest("a" * 32, "1.2.3.4")
    others = [visits.guest(f"{number:032}", "6.6.6.6") for number in range(20)]
    assert visits.guest("a" * 32, "1.2.3.4") is mine
    assert visits.guest(f"{19:032}", "6.6.6.6") is others[-1]
    assert visits.guest(f"{0:032}", "6.6.6.6") is not others[0]


@pytest.mark.parametrize("name", ["short", "a" * 31, "a" * 129, "a" * 31 + "/", "é" * 40])
def test_a_name_that_can_be_guessed_is_refused(name):
    with pytest.raises(BadInput, match="X-Facet-Visit: must have 32 to 128 letters"):
        visit_named({"x-facet-visit": name})
