"""Places of a puppet's face that marks on the canvas snap to."""

import numpy as np
import pytest

from editors.latent import latent
from facet import Subject
from facet.app import finish
from facet.weights import PUPPETS_JUDGES, card
from metrics.landmarks import NAMES, named_landmarks
from surfaces.compare.measures import network
from surfaces.page import landmarks
from surfaces.page.landmarks import landmarks_of
from surfaces.page.session import Session
from surfaces.page.views import stage_view

pytestmark = pytest.mark.skipif(not card(PUPPETS_JUDGES), reason="the judges are not part of this checkout")


@pytest.fixture(scope="module")
def puppet():
    return finish(latent, {"model": "puppets", "seed": 4, "gallery": 1, "truncation_psi": 0.5}).subject


def test_a_face_is_in_order(puppet):
    found = landmarks_of(puppet)
    assert len(found) > 15
    assert set(found) <= set(NAMES.values())
    assert all(0 <= value < 128 for place in found.values() for value in place)
    x, y = ({name: place[axis] for name, place in found.items()} for axis in (0, 1))
    assert x["left eye, outer corner"] < x["left eye, inner corner"] < x["right eye, inner corner"]
    assert x["left mouth corner"] < x["upper lip"] < x["right mouth corner"]
    assert y["left brow"] < y["left pupil"] < y["tip of the nose"] < y["upper lip"] < y["lower lip"] < y["chin"]


def test_sides_are_those_of_the_picture(puppet):
    judges = network("puppets_judges")
    straight = named_landmarks(puppet.pixels, judges)
    turned = named_landmarks(np.ascontiguousarray(puppet.pixels[:, ::-1]), judges)
    for left in ("left eye, outer corner", "left mouth corner", "left pupil"):
        x, y = straight[left]
        mirrored = turned[left.replace("left", "right")]
        assert mirrored == pytest.approx((127 - x, y), abs=3)


def test_what_the_judges_do_not_know_has_none(puppet, monkeypatch):
    assert landmarks_of(Subject.read("sample:astronaut")) == {}
    grey = Subject(np.full((128, 128, 3), 128, np.uint8), puppet.latent, puppet.generator)
    assert landmarks_of(grey) == {}
    monkeypatch.setattr(landmarks, "network", lambda name: pytest.fail("it was looked at before"))
    assert landmarks_of(puppet)


def test_the_stage_hands_them_to_the_canvas(puppet):
    session = Session()
    session.choose(puppet, "Latent")
    told = stage_view(session)["landmarks"]
    assert {name: (x, y) for name, x, y in told} == landmarks_of(puppet)
    session.choose(Subject.read("sample:lake"), "lake")
    assert stage_view(session)["landmarks"] == []
