"""Ink sketches of portraits: the committed network, any shape."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from editors.translate import ink_sketch
from facet.app import finish
from facet.testing import Conformance
from nets.translation.pair import Pair, PairConfig
from training.translation.card import GOLDEN, WEIGHTS
from training.translation.export_pair import FILE, golden, read_pair
from training.translation.ink import inked
from training.translation.worlds import HELD_OUT, rendered, spread

FOLDER = WEIGHTS / "portrait_ink"


class TestInk(Conformance):
    editor = ink_sketch


def test_the_committed_networks_say_what_they_said() -> None:
    kept = load_file(FOLDER / GOLDEN)
    found = golden(read_pair(FOLDER), kept["pictures"])
    for way, value in found.items():
        torch.testing.assert_close(value, kept[way], rtol=1e-2, atol=1e-2)
    assert (FOLDER / FILE).stat().st_size < 6e6


@torch.no_grad()
def test_a_portrait_of_nobody_known_is_drawn_nearly_as_the_program_draws_it() -> None:
    portraits, parts = rendered(HELD_OUT, 2)
    pictures = spread(portraits)
    sketches, net = inked(pictures, parts, 3), read_pair(FOLDER)
    drawn = net(pictures, "to_ink")
    apart = (drawn - sketches).abs().mean()
    assert apart < 0.7 * (pictures - sketches).abs().mean()
    assert apart < 0.95 * (drawn - sketches.flip(0)).abs().mean()  # of the other one it is no sketch
    assert (drawn - sketches).mean((2, 3)).abs().max() < 0.25  # paper and ink of the same colours


@pytest.mark.parametrize("size", [(16, 16), (97, 131), (300, 20)])
def test_any_shape_is_drawn_at_the_size_that_is_asked_for(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (*size[::-1], 3), dtype=np.uint8)
    made = finish(ink_sketch, {"subject": pixels, "size": 96}).subject
    assert max(made.size) == 96 or min(made.size) == 16
    assert made.size[0] / made.size[1] == pytest.approx(size[0] / size[1], rel=0.04)


def test_a_pair_without_a_config_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="not a config of a pair"):
        PairConfig.from_json('{"ways": ["a"]}')
    with pytest.raises(KeyError):
        Pair(PairConfig(("a",), ("none",)))(torch.zeros(1, 3, 8, 8), "b")
