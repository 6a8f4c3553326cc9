"""Films in the photograph: every frame is the photograph, moved; what does not move does not flicker."""

import numpy as np
import pytest

from editors.animation import animation
from editors.inversion import invert
from facet import BadInput, Context, Subject
from facet.app import finish
from facet.weights import PUPPETS_JUDGES, card
from tests.animation.test_animation import drawn

pytestmark = pytest.mark.skipif(not card(PUPPETS_JUDGES), reason="the judges are not part of this checkout")


@pytest.fixture
def brought():
    quick = {"model": "puppets", "steps": 6, "tuning": 6}
    return finish(invert, {"subject": "sample:astronaut", **quick}, threads=1).subject


def test_every_frame_is_the_photograph_moved(brought):
    frames, step = drawn(brought, attributes=["smile"], onto=True, fps=8)
    photo = Subject.read("sample:astronaut").pixels / 255
    assert frames.shape == (8, 512, 512, 3)
    assert np.abs(frames[0] - photo).max() < 0.5 / 255, "the sweep begins with the portrait as it is"
    assert np.ptp(frames[:, 330:], axis=0).max() == 0, "what does not move does not flicker"
    mouth = np.s_[125:160, 185:255]
    assert np.abs(frames[2][mouth] - frames[6][mouth]).mean() > 0.01
    assert step.latent.shape == brought.latent.shape
    small, _ = drawn(brought, attributes=["smile"], onto=True, fps=2, size=128)
    assert small.shape == (2, 128, 128, 3)


def test_what_cannot_be_carried_over_is_said(portrait, brought):
    with pytest.raises(BadInput, match="onto: needs a portrait that was brought in"):
        drawn(portrait, attributes=["smile"], onto=True)
    other = np.zeros((64, 64, 3), np.uint8)
    checked = animation.check({"subject": brought, "onto": True, "source": other})
    with pytest.raises(BadInput, match="source: is 64 × 64 pixels"):
        next(animation(Context(nets=animation.nets), **checked))
