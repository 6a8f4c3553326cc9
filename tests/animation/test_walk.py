"""The walk: its rules, its ways, its loop, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from editors.animation import walk
from editors.animation.generators import GENERATORS
from editors.animation.method import walk as walk_codes
from facet import BadInput, Context
from facet.app import finish, run
from facet.stylegan import GeneratorRef
from facet.testing import Conformance


class TestWalk(Conformance):
    editor = walk


@pytest.fixture(scope="module")
def generator():
    return Context(nets=GENERATORS).net("puppets")


def frames(portrait, **values):
    """All frames [N, H, W, 3] as the editor draws them, before any encoding."""
    checked = walk.check({"subject": portrait, "seconds": 0.5, "fps": 8, **values})
    (step,) = walk(Context(nets=walk.nets), **checked)
    return np.stack([frame.permute(1, 2, 0).numpy() for frame in step.film.frames]), step


def difference(one, two):
    return float(np.abs(one - two).mean())


def test_the_first_frame_is_the_subject_and_a_loop_comes_back(portrait):
    drawn, step = frames(portrait, seeds="5", loop=True, easing="linear", way="w_plus")
    assert len(drawn) == 4
    source = portrait.pixels / 255
    assert difference(drawn[0], source) < 0.01
    assert difference(drawn[1], drawn[3]) < 1e-5, "there and back on one line"
    assert difference(drawn[0], drawn[2]) > 10 * difference(drawn[1], drawn[3])
    assert np.allclose(step.latent, portrait.latent)


def test_an_open_walk_ends_at_the_second_picture(portrait, other):
    drawn, _ = frames(portrait, second=other, seeds="", loop=False)
    assert difference(drawn[-1], other.pixels / 255) < 0.01


def test_around_the_mean_keeps_the_distance_from_it_where_a_straight_line_cuts_short(generator):
    torch.manual_seed(0)
    mean = generator.mapping.w_avg
    stops = (mean + torch.randn(2, len(mean)))[:, None].repeat(1, generator.config.num_ws, 1)
    away = {}
    for around in (False, True):
        codes = walk_codes(stops, mean, 3, around=around, loop=False, easing="linear")
        assert torch.allclose(codes[[0, -1]], stops, atol=1e-4)
        away[around] = float((codes[1] - mean).norm() / (stops - mean).norm(dim=(1, 2)).mean())
    assert away[True] == pytest.approx(1, abs=0.02)
    assert away[False] < 0.8


def test_a_walk_in_z_meets_its_seeds(portrait, generator):
    from nets.stylegan2.sampling import codes, picture

    drawn, _ = frames(portrait, way="z", seeds="3, 8", loop=False, truncation_psi=0.7)
    for frame, seed in ((drawn[0], 3), (drawn[-1], 8)):
        expected = picture(generator, codes(generator, [seed], 0.7)).permute(1, 2, 0).numpy()
        assert difference(frame, expected) < 1e-4


def test_a_smaller_film_of_a_full_still(portrait):
    result = finish(walk, {"subject": portrait, "seconds": 0.5, "fps": 8, "size": 64}, threads=1)
    assert (result.film.width, result.film.height) == (64, 64)
    assert result.subject.size == portrait.size
    assert result.film.frames == 4
    assert result.recipe["weights"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"seeds": ""}, "seeds: name no further stop"),
        ({"seeds": "3", "way": "z"}, "seeds: hold 1 where a walk in Z needs at least two"),
        ({"seeds": "4, five"}, "seeds: “five” is no seed and no range of seeds. Write e.g. 7, 12, 40-43"),
        ({"seeds": "1-1000"}, "seeds: name more than 32 seeds"),
        ({"seeds": "99999999999"}, "seeds: “99999999999” is no seed"),
        ({"seeds": "9999999999"}, "seeds: 9999999999 is too large for a seed"),
        ({"seconds": 0}, "seconds: must be a number from 0.2 to 60 s, not 0"),
        ({"seconds": 40_000}, "seconds: must be a number from 0.2 to 60 s, not 40000"),
        ({"fps": 1, "seconds": 1}, "seconds: 1 s at 1 frames a second is no film"),
        ({"fps": 1000}, "fps: must be a whole number from 1 to 60"),
        ({"format": "avi"}, "format: must be one of mp4, webm, gif, webp"),
    ],
)
def test_bad_input_is_named(portrait, values, said):
    with pytest.raises(BadInput, match=said):
        finish(walk, {"subject": portrait, **values})


def test_pictures_of_two_generators_are_not_mixed(portrait, other):
    foreign = replace(other, generator=GeneratorRef("lions_512"))
    with pytest.raises(BadInput, match="second: belongs to the generator 'lions_512', but the subject to 'puppets'"):
        finish(walk, {"subject": portrait, "second": foreign})


def test_previews_show_the_film_while_it_is_drawn(portrait):
    *previews, result = run(walk, {"subject": portrait, "seconds": 0.5, "fps": 8})
    assert previews[0].note == "first frame"
    assert any(preview.note.startswith("frame ") and preview.jpeg for preview in previews)
    assert result.film.media_type == "video/mp4"
