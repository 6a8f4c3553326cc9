"""Textures without places: strands of the right kind satisfy the loss wherever they are."""

import math

import pytest
import torch

from training.generator.losses import pyramid
from training.generator.texture import energies, inside, loosened, texture
from training.puppets.paint import PARTS


def stripes(size=96, period=12.0, phase=0.0, turned=False, strength=0.2):
    wave = strength * torch.sin(torch.arange(size) * (2 * math.pi / period) + phase)
    picture = wave.expand(1, 3, size, size)
    return picture.transpose(2, 3) if turned else picture


def test_strands_elsewhere_cost_little_and_no_strands_or_others_cost_much():
    wanted, everywhere = stripes(), torch.ones(1, 1, 96, 96)
    cost = {
        name: texture(made, wanted, everywhere, (3, 5)).item()
        for name, made in {
            "same": wanted, "elsewhere": stripes(phase=2.0), "none": torch.zeros_like(wanted),
            "turned": stripes(turned=True), "finer": stripes(period=5.0), "weaker": stripes(strength=0.1),
        }.items()
    }  # fmt: skip
    assert cost["same"] == 0
    assert cost["elsewhere"] < 0.2 * min(cost[name] for name in ("none", "turned", "finer", "weaker"))
    pixels = pyramid(stripes(phase=2.0), wanted, everywhere), pyramid(torch.zeros_like(wanted), wanted, everywhere)
    assert pixels[0] > pixels[1], "between pixels it is the other way round"


def test_nothing_counts_outside():
    wanted, where = stripes(), torch.zeros(1, 1, 96, 96)
    where[..., :48] = 1
    made = torch.where(where > 0, wanted, torch.zeros_like(wanted))
    assert texture(made, wanted, where, (0, 0), octaves=1) < 1e-3
    assert texture(made, wanted, 1 - where, (0, 0), octaves=1) > 0.01
    assert not texture(made, wanted, torch.zeros_like(where), (7, 7))
    assert len(energies(wanted[:, :1], where, (7, 7))) == 2


def test_faint_strands_are_led_to_full_strength():
    wanted, where = stripes(strength=0.2), torch.ones(1, 1, 96, 96)
    made = stripes(strength=0.01, phase=1.0).clone().requires_grad_()
    optimiser = torch.optim.Adam([made], 0.01)
    for _ in range(80):
        optimiser.zero_grad()
        texture(made, wanted, where, (0, 0)).backward()
        optimiser.step()
    assert made.std().item() == pytest.approx(wanted.std().item(), rel=0.2)


def test_the_inside_keeps_off_the_border():
    parts = torch.zeros(1, 80, 80, dtype=torch.long)
    parts[:, 20:60, 20:60] = PARTS.index("hair")
    parts[:, 40:60, 20:60] = PARTS.index("hat")
    both, hair = inside(parts, ["hair", "hat"]), inside(parts, ["hair"])
    assert both.shape == (1, 1, 80, 80)
    assert both.sum() == 36 * 36
    assert hair.sum() == 36 * 16
    assert not inside(parts, ["beard"]).any()


def test_only_the_coarsest_octave_stays_bound():
    wanted, everywhere = stripes(period=8.0), torch.ones(1, 1, 96, 96)
    plain, level = torch.zeros_like(wanted), torch.full_like(wanted, 0.5)
    free = pyramid(plain, wanted, everywhere, 4, torch.zeros_like(everywhere))
    assert free < 0.1 * pyramid(plain, wanted, everywhere, 4)
    assert pyramid(level, wanted, everywhere, 4, torch.zeros_like(everywhere)) == pytest.approx(0.5, rel=0.05)
    assert pyramid(plain, wanted, everywhere, 4, everywhere) == pytest.approx(pyramid(plain, wanted, everywhere).item())


def test_curls_and_folds_are_held_where_two_octaves_are():
    everywhere = torch.ones(1, 1, 96, 96)
    nothing = torch.zeros_like(everywhere)
    for period, share in ((8.0, 0.39), (4.0, 0.0)):  # two cells of the second octave from below, and one
        wanted = stripes(period=period)
        whole = pyramid(torch.zeros_like(wanted), wanted, everywhere, 4)
        held = pyramid(torch.zeros_like(wanted), wanted, everywhere, 4, nothing, held=2)
        assert held / whole == pytest.approx(share, abs=0.03)


def test_freckled_skin_is_freed_in_part_and_only_where_there_are_freckles():
    parts = torch.full((2, 80, 80), PARTS.index("skin"))
    parts[:, :40] = PARTS.index("hair")
    wish = {"parts": ["hair"], "bound": 0.1, "freckled": {"share": 0.5, "bound": 0.3}}
    share, left = loosened(parts, torch.tensor([True, False]), wish)
    assert share[:, 0, 10, 40].tolist() == [1, 1]
    assert share[:, 0, 60, 40].tolist() == [0.5, 0]
    assert left[:, 0, 10, 40].tolist() == pytest.approx([0.1, 0.1])
    assert left[:, 0, 60, 40].tolist() == pytest.approx([0.3, 1])
    assert not share[:, 0, 39:41].any(), "the outline of hair keeps its place"
    assert (left[:, 0, 39:41] == 1).all()
