"""What the judges learn from: pictures with all their labels, moved, softened and tinted.

Labels follow from the controls, and are computed once and kept beside the pictures.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nets.judges.mirror import mirror_order
from training.dataset import Dataset
from training.puppets import CONTROLS, INDEX, mirrored
from training.puppets.landmarks import COUNT, landmarks, visibility

LOW, HIGH = (torch.tensor([getattr(c, side) for c in CONTROLS]) for side in ("low", "high"))
_NEEDS = {
    "glasses": "glasses_round glasses_tint glasses_colour", "hat": "hat_brim hat_visor hat_colour",
    "earrings": "earring_colour", "lipstick": "lipstick_colour", "eye_shadow": "eye_shadow_colour",
    "ponytail": "ponytail_side",
}  # fmt: skip
_GONE = {"eyes_closed": "gaze_x gaze_y eye_colour", "hair_grey": "hair_colour", "bald": "hair_colour"}


def relevance(params: Tensor) -> Tensor:
    """How far each control can be seen at all, 0..1, [n, k]: the colour of a hat that is not worn cannot."""
    weight = torch.ones_like(params)
    for owner, names in _NEEDS.items():
        for name in names.split():
            weight[:, INDEX[name]] *= params[:, INDEX[owner]]
    for thief, names in _GONE.items():
        for name in names.split():
            weight[:, INDEX[name]] *= 1 - params[:, INDEX[thief]]
    return weight


def normalised(params: Tensor) -> Tensor:
    """Controls in natural units as -1..1 of their ranges."""
    return 2 * (params - LOW) / (HIGH - LOW) - 1


class Batch(NamedTuple):
    """Pictures and labels; `posed` says whether a picture is still where its controls put it."""

    pictures: Tensor
    points: Tensor
    visible: Tensor
    parts: Tensor
    controls: Tensor
    relevance: Tensor
    posed: Tensor


class LabelledSet:
    """A rendered set with landmarks (-1..1 of the picture) and visibility of each, which may still grow."""

    def __init__(self, data: Dataset, held_out: int) -> None:
        self.data, self.held_out = data, held_out
        self.order = torch.tensor(mirror_order(COUNT))
        self.points = torch.zeros(len(data), COUNT, 2)
        self.visible = torch.zeros(len(data), COUNT, dtype=torch.bool)
        self.known = np.zeros(len(data), bool)
        self.usable = np.zeros(0, np.int64)
        self.file = data.folder / "landmarks.npz"
        if self.file.exists():
            kept = np.load(self.file)
            self.points, self.visible = torch.from_numpy(kept["points"]), torch.from_numpy(kept["visible"])
            self.known = kept["known"]
        self.refresh()

    def refresh(self) -> None:
        """Takes in what was rendered since the last time."""
        finished = self.data.finished()
        fresh = finished[~self.known[finished]]
        for index in np.array_split(fresh, max(1, len(fresh) // 256)) if len(fresh) else ():
            params = self.data.params[torch.from_numpy(index)]
            self.points[index], self.visible[index] = landmarks(params, 2) - 1, visibility(params)
            self.known[index] = True
        if len(fresh):
            arrays = {"points": self.points.numpy(), "visible": self.visible.numpy(), "known": self.known}
            np.savez(self.file, **arrays)
        self.usable = finished[finished >= self.held_out]

    def batch(self, index: np.ndarray) -> Batch:
        """The given pictures as they are."""
        params, images, parts = self.data.batch(index)
        rows = torch.from_numpy(index)
        posed = torch.ones(len(index), dtype=torch.bool)
        return Batch(images, self.points[rows], self.visible[rows], parts, normalised(params), relevance(params), posed)

    def draw(self, random: np.random.Generator, count: int) -> Batch:
        """Random pictures outside the held-out ones, half of the batches in the mirror, moved and softened."""
        found = self.batch(np.sort(random.choice(self.usable, count)))
        if random.random() < 0.5:
            found = _mirror(found, self.order)
        return soften(move(found, random), random)


def _mirror(b: Batch, order: Tensor) -> Batch:
    params = LOW + (b.controls + 1) / 2 * (HIGH - LOW)
    points = b.points[:, order] * torch.tensor([-1.0, 1.0])
    return b._replace(
        pictures=b.pictures.flip(-1), parts=b.parts.flip(-1), points=points, visible=b.visible[:, order],
        controls=normalised(mirrored(params)),
    )  # fmt: skip


def move(b: Batch, random: np.random.Generator, wide: float = 0.3) -> Batch:
    """Shifts and scales all pictures a little, and a share `wide` of them, turned as well, a lot."""
    n = len(b.pictures)
    posed = torch.from_numpy(random.random(n) >= wide)
    reach = torch.where(posed, 0.03, 0.25)
    turn = torch.where(posed, 0.0, math.radians(22)) * _uniform(random, n)
    scale = torch.where(posed, 0.02, 0.3).mul(_uniform(random, n)).exp()
    shift = reach[:, None] * _uniform(random, n, 2)
    cos, sin = scale * turn.cos(), scale * turn.sin()
    matrix = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)
    theta = torch.cat([matrix, shift[:, :, None]], 2)  # where each place of the result is read
    shape = b.pictures.shape
    grid = functional.affine_grid(theta, list(shape), align_corners=False)
    pictures = functional.grid_sample(b.pictures, grid, "bilinear", "border", align_corners=False)
    coarse = functional.affine_grid(theta, [n, 1, shape[2] // 2, shape[3] // 2], align_corners=False)
    parts = functional.grid_sample(b.parts[:, None].float(), coarse, "nearest", "border", align_corners=False)
    points = torch.linalg.solve(matrix, (b.points - shift[:, None]).transpose(1, 2)).transpose(1, 2)
    return b._replace(pictures=pictures, parts=parts[:, 0].long(), points=points, posed=posed)


def soften(b: Batch, random: np.random.Generator) -> Batch:
    """Blurs, tints and grains pictures: what generators draw is softer than renders."""
    x = b.pictures
    if random.random() < 0.6:
        taps = torch.tensor([1.0, 2.0, 1.0]) / 4
        kernel = torch.outer(taps, taps).expand(3, 1, 3, 3)
        soft = x
        for _ in range(int(random.integers(1, 7))):
            soft = functional.conv2d(functional.pad(soft, (1, 1, 1, 1), mode="replicate"), kernel, groups=3)
        x = torch.lerp(x, soft, torch.from_numpy(random.random((len(x), 1, 1, 1))).float())
    gain = 1 + 0.06 * _uniform(random, len(x), 3) + 0.06 * _uniform(random, len(x), 1)
    offset = 0.05 * _uniform(random, len(x), 1)
    x = x * gain[:, :, None, None] + offset[:, :, None, None]
    if random.random() < 0.4:
        x = x + torch.randn(x.shape) * float(random.uniform(0, 0.06))
    return b._replace(pictures=x.clamp(-1, 1))


def nobody(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Pictures with the colours of the given ones and no face in them: shuffled tiles, or soft noise."""
    n, _, size, _ = pictures.shape
    if random.random() < 0.5:
        tile = int(random.choice([8, 16, 32]))
        tiles = functional.unfold(pictures, tile, stride=tile)
        order = torch.from_numpy(random.permutation(tiles.shape[2]))
        return functional.fold(tiles[:, :, order], size, tile, stride=tile)
    cells = int(random.integers(2, 24))
    noise = functional.interpolate(torch.randn(n, 3, cells, cells), (size, size), mode="bicubic")
    spread, centre = pictures.std((2, 3), keepdim=True), pictures.mean((2, 3), keepdim=True)
    return (centre + spread * noise * float(random.uniform(0, 1.5))).clamp(-1, 1)


def _uniform(random: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(random.uniform(-1, 1, shape)).float()
