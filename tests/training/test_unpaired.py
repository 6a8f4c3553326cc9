"""Training without pairs, and the direct network, in a few steps on two renders."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from nets.label_encoder import colours_of
from training.puppets import Renderer, sample
from training.puppets.paint import PART
from training.translation import direct, unpaired
from training.translation.ink import inked
from training.translation.structure import colour_statistics, self_similarity
from training.translation.worlds import Worlds
from training.trunk.convert import read_trunk

TRUNK = Path("assets/weights/vgg16_edges")


def world(count: int = 2, side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """Renders in -1..1 and their exact parts."""
    frame = Renderer("cpu", supersample=1)(sample(9, count), side)
    return frame.rgb * 2 - 1, frame.parts


def test_an_ink_sketch_is_ink_on_paper_along_the_rims_and_the_hands_seed_decides() -> None:
    pictures, parts = world()
    sketch = inked(pictures, parts, 1)
    assert sketch.shape == pictures.shape
    assert torch.equal(sketch, inked(pictures, parts, 1))
    assert not torch.equal(sketch, inked(pictures, parts, 2))
    empty = functional.max_pool2d((parts != PART["background"]).float()[:, None], 9, 1, 4) == 0
    assert sketch.mean(1, keepdim=True)[empty].min() > 0.6  # paper
    darkest = functional.max_pool2d(-sketch.mean(1, keepdim=True), 3, 1, 1)
    hair = (parts == PART["hair"]).float()[:, None]
    rim = (functional.max_pool2d(hair, 3, 1, 1) != -functional.max_pool2d(-hair, 3, 1, 1)) & ~empty
    assert (darkest[rim] > -0.2).float().mean() > 0.8


def test_structure_is_kept_by_other_colours_and_lost_by_another_picture() -> None:
    trunk = read_trunk(TRUNK)
    pictures, _ = world()
    one, other = pictures[:1], pictures[1:]

    def apart(made: torch.Tensor) -> float:
        with torch.no_grad():
            return self_similarity(trunk, one, made, np.random.default_rng(1)).item()

    assert apart(one) < 1e-3
    assert apart(one) < apart(0.5 * one.flip(1)) < apart(other)
    assert colour_statistics(one, one.flip(-1)).item() < 1e-5
    assert colour_statistics(one, other).item() > 0.05


@pytest.mark.parametrize("method", ["ssal", "cyclegan"])
def test_a_step_of_unpaired_training_moves_both_ways_and_their_judges(method: str) -> None:
    pictures, parts = world()
    some = ((pictures + 1) * 127.5).to(torch.uint8)
    sketches = ((inked(pictures, parts, 1) + 1) * 127.5).to(torch.uint8)
    trainer = unpaired.Trainer(method, Worlds(some, parts, sketches), read_trunk(TRUNK))
    before = [p.detach().clone() for p in (*trainer.makers.parameters(), *trainer.judges.parameters())]
    found = trainer.step(0.1)
    assert all(np.isfinite(list(found.values())))
    assert ("to_ink_cycle" in found) == (method == "cyclegan")
    weights = [*trainer.makers.parameters(), *trainer.judges.parameters()]
    moved = [not torch.equal(a, b) for a, b in zip(before, weights, strict=True) if b.ndim == 4]
    assert all(moved)


def test_a_direct_network_is_asked_for_parts_and_for_colours_in_place() -> None:
    pictures, parts = world()
    wanted = direct.asked(parts, colours_of(pictures, parts.long(), len(PART)))
    assert wanted.shape[1] == len(PART) + 3
    assert torch.equal(wanted[:, : len(PART)].argmax(1), parts.long())
    hair = parts[0] == PART["hair"]
    mean = pictures[0][:, hair].mean(1)
    torch.testing.assert_close(wanted[0, -3:][:, hair], mean[:, None].expand(-1, int(hair.sum())), atol=1e-4, rtol=1e-4)
    trainer = direct.Trainer(((pictures + 1) * 127.5).to(torch.uint8), parts, read_trunk(TRUNK))
    first = trainer.step(0.0)["pixels"]
    for _ in range(5):
        last = trainer.step(0.1)["pixels"]
    assert last < first
