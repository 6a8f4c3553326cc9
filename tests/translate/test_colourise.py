"""Colours for grey photographs: lightness kept, hints followed, better than grey, any size."""

import functools

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from editors.translate import colourise
from editors.translate.palettes import HINTS
from facet import LabelMap, Subject
from facet.app import finish
from facet.testing import Conformance
from nets.colourise import from_lab, lab, within_gamut
from training.translation.card import GOLDEN, WEIGHTS
from training.translation.export import golden_colours, read_colourist
from training.trunk.convert import read_trunk

FOLDER = WEIGHTS / "colourist"


class TestColourise(Conformance):
    editor = colourise


def tensor(subject: Subject) -> torch.Tensor:
    return lab(subject.tensor())


@functools.cache
def small(name: str, size: tuple[int, int] = (160, 120)) -> Subject:
    return Subject.read(np.asarray(Subject.read(f"sample:{name}").image.resize(size)))


def test_the_committed_network_says_what_it_said() -> None:
    kept = load_file(FOLDER / GOLDEN)
    found = golden_colours(read_colourist(FOLDER), read_trunk(WEIGHTS / "vgg16_edges"), kept["light"])
    torch.testing.assert_close(found["scores"], kept["scores"], rtol=1e-2, atol=1e-3)
    assert (FOLDER / "colourist.safetensors").stat().st_size < 6e6


@pytest.mark.parametrize("size", [(16, 16), (37, 91), (160, 120), (640, 20)])
def test_lightness_and_size_are_kept(size: tuple[int, int]) -> None:
    picture = small("lake", size)
    made = finish(colourise, {"subject": picture}).subject
    assert made.size == size
    assert (tensor(made)[:, 0] - tensor(picture)[:, 0]).abs().max() < 1.5  # eight bits


def test_colours_that_are_there_do_not_count() -> None:
    picture = small("lake")
    light = tensor(picture)[:, :1]
    grey = from_lab(torch.cat([light, torch.zeros_like(light).expand(-1, 2, -1, -1)], 1)).clamp(0, 1)
    pixels = (grey[0].permute(1, 2, 0) * 255).round().byte().numpy()
    one, two = (finish(colourise, {"subject": source}).subject for source in (picture, Subject.read(pixels)))
    assert (tensor(one) - tensor(two)).abs().mean() < 1.0


def test_no_strength_is_grey() -> None:
    made = finish(colourise, {"subject": small("coffee"), "strength": 0.0})
    assert made.metrics["chroma"] < 0.5


def test_a_landscape_comes_nearer_to_the_truth_than_grey() -> None:
    wanted = tensor(small("lake"))
    made = tensor(finish(colourise, {"subject": small("lake")}).subject)
    assert (made - wanted).norm(dim=1).mean() < 0.95 * wanted[:, 1:].norm(dim=1).mean()


def test_a_stroke_colours_what_it_lies_on() -> None:
    picture = small("coffee")
    strokes = np.zeros((120, 160), np.uint8)
    strokes[50:60, 70:84] = HINTS.index("green")
    plain = tensor(finish(colourise, {"subject": picture}).subject)
    told = tensor(finish(colourise, {"subject": picture, "hints": LabelMap(strokes, HINTS)}).subject)
    change = (told - plain)[0, 1]
    assert change[50:60, 70:84].mean() < -8  # a* of green is low
    assert change[:10, :10].abs().mean() < change[50:60, 70:84].abs().mean() / 2


def test_lab_goes_there_and_back_and_gamut_keeps_lightness() -> None:
    colours = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(from_lab(lab(colours)), colours, atol=1e-4, rtol=1e-3)
    light = 100 * torch.rand(1, 1, 20, 30, generator=torch.Generator().manual_seed(2))
    chroma = torch.full((1, 2, 20, 30), 90.0)
    made = within_gamut(light, chroma)
    assert made.min() >= 0
    assert made.max() <= 1
    assert (lab(made)[:, :1] - light).abs().max() < 0.6
