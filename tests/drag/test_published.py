"""Every handle where the published update puts it, written down here once more from the description of it alone.

Features enlarged to the image; the nearest feature in L2 within r2; the mean of |F(q + d) - F(q)| over the disc on
stretched coordinates; the mean of |(F - F0) m| over the image; Adam on the first rows.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from editors.drag.fast import FastDrag
from editors.drag.method import PlainDrag, disc
from editors.drag.settings import DragSettings
from nets.stylegan2 import from_state

WEIGHTS = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_128" / "generator.safetensors"
RATE, ROWS, BLOCK, R1, R2 = 0.01, 6, 64, 1, 3  # r1 and r2: round(3 / 512 h) and round(12 / 512 h), h = 128


@pytest.fixture(scope="module")
def puppets():
    return from_state(load_file(WEIGHTS)).eval().requires_grad_(False)


def published(net, w_plus, handles, targets, fixed=None, weight=20.0):
    """Handles at every step, for ever."""
    h = net.config.resolution[0]
    w, points = w_plus[None].clone().requires_grad_(), [list(each) for each in handles]
    adam, first = torch.optim.Adam([w], lr=RATE), None
    line = torch.linspace(0, h, h)
    while True:
        _, maps = net.synthesis.image_and_features(torch.cat([w[:, :ROWS], w_plus[None, ROWS:]], 1), [BLOCK])
        features = F.interpolate(maps[BLOCK], [h, h], mode="bilinear")
        if first is None:
            first = features.detach()
            references = [first[0, :, y, x] for x, y in points]
        loss = 0.0
        for i, ((x, y), (to_x, to_y)) in enumerate(zip(points, targets, strict=True)):
            left, top = max(x - R2, 0), max(y - R2, 0)
            near = features.detach()[0, :, top : y + R2 + 1, left : x + R2 + 1]
            row, column = divmod(int((near - references[i][:, None, None]).norm(dim=0).argmin()), near.shape[2])
            x, y = points[i] = [left + column, top + row]
            length = math.hypot(to_x - x, to_y - y)
            if length <= 1:
                continue
            rows, columns = torch.where(((line[:, None] - y) ** 2 + (line[None] - x) ** 2).sqrt() < R1)
            along = torch.stack([columns + (to_x - x) / length, rows + (to_y - y) / length], -1) / (h - 1) * 2 - 1
            ahead = F.grid_sample(features, along[None, None], align_corners=True)[0, :, 0]
            loss = loss + F.l1_loss(ahead, features.detach()[0, :, rows, columns])
        yield [tuple(each) for each in points]
        if fixed is not None:
            loss = loss + weight * F.l1_loss(features * fixed, first * fixed)
        adam.zero_grad()
        loss.backward()
        adam.step()


@pytest.mark.parametrize("kind", [PlainDrag, FastDrag])
@pytest.mark.parametrize("masked", [False, True])
def test_the_handles_are_those_of_the_published_update(puppets, kind, masked):
    equal = []
    for seed, handles, targets in ((0, [(64, 80)], [(80, 76)]), (3, [(52, 92), (72, 92)], [(48, 86), (78, 86)])):
        w_plus = puppets.mapping(puppets.z([seed]), None, 0.8)[0]
        may = torch.arange(128).expand(128, 128) > 40
        oracle = published(puppets, w_plus, handles, targets, (~may).float() if masked else None)
        settings = DragSettings(RATE, rows=ROWS, block=BLOCK)
        drag = kind(puppets, w_plus, handles, targets, may if masked else None, settings)
        equal += [drag.step().handles == next(oracle) for _ in range(12)]
    assert all(equal)


def test_a_corrected_mask_is_within_a_pixel_on_trained_weights(puppets):
    w_plus, handles, targets = puppets.mapping(puppets.z([1]), None, 0.8)[0], [(64, 80)], [(56, 80)]
    may = torch.zeros(128, 128, dtype=torch.bool)
    may[38:108, 32:96] = True
    oracle = published(puppets, w_plus, handles, targets, (~may).float())
    settings = DragSettings(RATE, rows=ROWS, block=BLOCK, mask_mode="corrected")
    drag = FastDrag(puppets, w_plus, handles, targets, may, settings)
    for _ in range(24):
        near = zip(drag.step().handles[0], next(oracle)[0], strict=True)
        assert max(abs(a - b) for a, b in near) <= 1


def test_discs_and_means_of_tall_pictures_are_those_of_the_padded_square():
    """Whole persons lie in the middle of a square in the authors' code, and its coordinates are the stretched ones."""
    line = torch.linspace(0, 64, 64)
    rows, columns = torch.where(((line[:, None] - 20) ** 2 + (line[None] - (27 + 16)) ** 2).sqrt() < 4)
    found = disc((27, 20), 4, (64, 32), "official")
    assert torch.equal(found[0], rows)
    assert torch.equal(found[1], columns - 16)
