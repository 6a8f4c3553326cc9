"""The animation: its rules, each motion, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from editors.animation import animation
from facet import BadInput, Context
from facet.app import Registry, finish, replay
from facet.stylegan import GeneratorRef
from facet.testing import Conformance


class TestAnimation(Conformance):
    editor = animation


def drawn(portrait, **values):
    """All frames [N, H, W, 3] as the editor draws them, before any encoding, and the step."""
    checked = animation.check({"subject": portrait, "seconds": 1, "fps": 8, **values})
    (step,) = animation(Context(nets=animation.nets), **checked)
    return np.stack([frame.permute(1, 2, 0).numpy() for frame in step.film.frames]), step


def difference(one, two):
    return float(np.abs(one - two).mean())


def test_a_sweep_swings_to_both_sides_and_loops(portrait):
    frames, step = drawn(portrait, attributes=["yaw"], reach=1)
    assert len(frames) == 8
    source = portrait.pixels / 255
    assert difference(frames[0], source) < 0.01
    assert difference(frames[4], source) < 0.01
    assert difference(frames[2], frames[6]) > 0.03, "the two ends of a turn differ"
    assert difference(frames[1], frames[3]) < 1e-4, "there and back on one way"
    assert np.allclose(step.latent, portrait.latent)


def test_two_attributes_are_swept_one_after_the_other(portrait):
    both, _ = drawn(portrait, attributes=["yaw", "smile"], seconds=2)
    first, _ = drawn(portrait, attributes=["yaw"], seconds=1)
    second, _ = drawn(portrait, attributes=["smile"], seconds=1)
    assert difference(both[:8], first) < 1e-4
    assert difference(both[8:], second) < 1e-4


def test_a_turn_is_a_sweep_of_the_heads_direction(portrait):
    turned, _ = drawn(portrait, motion="turn")
    swept, _ = drawn(portrait, attributes=["yaw"])
    assert difference(turned, swept) < 1e-6


def test_key_frames_are_met(portrait):
    frames, _ = drawn(portrait, motion="key_frames", key_frames="0: smile=0; 1: smile=1; 2: smile=0, yaw=15", fps=4)
    assert len(frames) == 8  # the last time is the length, whatever `seconds` says
    alone, _ = drawn(portrait, motion="key_frames", key_frames="0: yaw=15; 1:", fps=4)
    assert difference(frames[-1], alone[0]) < 1e-4
    assert difference(frames[0], portrait.pixels / 255) < 0.01


def test_the_recipe_makes_the_same_film_again(portrait):
    values = {"subject": portrait, "motion": "key_frames", "key_frames": "0: smile=0; 0.5: smile=1", "fps": 8}
    first = finish(animation, values, threads=1)
    again = replay(Registry(editors={"animation": animation}), first.subject.lineage[-1:], {"subject": portrait})
    assert again.film.content == first.film.content
    assert any("directions" in row["file"] for row in first.recipe["weights"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"attributes": []}, "attributes: name nothing to sweep"),
        ({"attributes": ["wings"]}, "attributes: puppets offers no direction called “wings”"),
        ({"attributes": ["yaw", "age", "hat", "afro", "beard"]}, "seconds: are too few for 5 attributes"),
        ({"motion": "key_frames"}, "key_frames: are missing. E.g. 0: smile=0"),
        ({"motion": "key_frames", "key_frames": "0: smile=0; 9999: smile=1"}, "at character 13: 9999 s is no time"),
        ({"motion": "key_frames", "key_frames": "0: smile=0; 0.1: smile=1"}, "seconds: 0.1 s at 8 frames"),
        ({"seconds": 1e6}, "seconds: must be a number from 0.2 to 60 s"),
    ],
)
def test_bad_input_is_named(portrait, values, said):
    with pytest.raises(BadInput, match=said):
        finish(animation, {"subject": portrait, "seconds": 1, "fps": 8, **values})


def test_another_generator_has_no_such_attributes(portrait):
    lion = replace(portrait, generator=GeneratorRef("lions_512"))
    with pytest.raises(BadInput, match="lions_512 offers no directions|That one belongs to puppets"):
        finish(animation, {"subject": lion})
