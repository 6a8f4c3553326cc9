"""Films in the photograph: every frame is the photograph, moved; what does not move does not flicker."""

import numpy as np
import pytest

from editors.animation import animation, walk
from editors.drag import drag
from editors.inversion import invert
from facet import BadInput, Context, Subject
from facet.app import finish
from facet.weights import PUPPETS_JUDGES, card
from registry.saved.lineage import subject_with_lineage
from tests.animation.test_animation import drawn
from tests.saving import save_png

pytestmark = pytest.mark.skipif(not card(PUPPETS_JUDGES), reason="the judges are not part of this checkout")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The astronaut in the small puppets after a few steps, with the delta, as a file."""
    quick, path = {"model": "puppets", "steps": 6, "tuning": 6}, tmp_path_factory.mktemp("brought") / "inside.png"
    save_png(finish(invert, {"subject": "sample:astronaut", **quick}, threads=1).subject, path)
    return path


@pytest.fixture
def brought(file):
    return subject_with_lineage(file)


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


def test_a_turn_goes_home_as_it_set_out(brought):
    frames, _ = drawn(brought, motion="turn", onto=True, fps=8, seconds=0.5)
    assert np.abs(frames[0] - frames[2]).max() < 0.5 / 255, "half-way round it looks straight ahead again"
    assert np.abs(frames[1] - frames[3])[90:160, 170:280].mean() > 0.02


@pytest.mark.parametrize("sort", ["walk", "drag"])
def test_walks_and_drags_are_filmed_in_the_photograph(brought, sort):
    if sort == "walk":
        other = brought.then(brought.pixels, {"editor": "x"}, brought.latent * 0.9, brought.generator)
        spec, values, end = walk, {"second": other, "seeds": "", "seconds": 0.5, "fps": 8, "loop": False}, 3
    else:
        side = brought.size[0]
        pair = [0.5 * side, 0.7 * side, 0.5 * side, 0.6 * side]
        spec, values, end = drag, {"pairs": [pair], "steps": 3, "film": "webp"}, -1
    checked = spec.check({"subject": brought, "onto": True, **values})
    *_, step = spec(Context(nets=spec.nets), **checked)
    frames = np.stack([frame.permute(1, 2, 0).numpy() for frame in step.film.frames])
    assert len(frames) == step.film.count
    assert np.abs(frames[0] - Subject.read("sample:astronaut").pixels / 255).max() < 0.5 / 255
    assert np.abs(frames[end] - frames[0])[60:170, 150:300].mean() > 0.002
    assert np.ptp(frames[:, 330:], axis=0).max() == 0


def test_what_cannot_be_carried_over_is_said(portrait, brought):
    with pytest.raises(BadInput, match="onto: needs a portrait that was brought in"):
        drawn(portrait, attributes=["smile"], onto=True)
    other = np.zeros((64, 64, 3), np.uint8)
    checked = animation.check({"subject": brought, "onto": True, "source": other})
    with pytest.raises(BadInput, match="source: is 64 × 64 pixels"):
        next(animation(Context(nets=animation.nets), **checked))
    checked = walk.check({"subject": brought, "onto": True, "seeds": "1, 2"})
    with pytest.raises(BadInput, match="onto: carries a walk between pictures of one person"):
        next(walk(Context(nets=walk.nets), **checked))
    checked = drag.check({"subject": brought, "onto": True, "pairs": [[60, 60, 70, 60]]})
    with pytest.raises(BadInput, match="onto: is about the film, and none is made"):
        next(drag(Context(nets=drag.nets), **checked))
