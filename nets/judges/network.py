"""The network: a trunk, a decoder, and heads for landmarks, parts, controls and presence."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.judges.config import JudgesConfig
from nets.judges.layers import CloserLook, Standardise, Trunk, conv

NEAR = 32
"""Features that are kept of the surroundings of each group of landmarks."""
SETTLE = 64
"""Ways in which landmarks may move together."""


class Reading(NamedTuple):
    """What the judges say of N pictures.

    landmarks [N, L, 2]: (x right, y down) in pixels; a pixel's centre is at .5; may lie outside the picture.
    visibility [N, L]: probability that nothing stands in front of the landmark.
    error [N, L]: how far off the network expects each landmark to be, in pixels.
    parts [N, P, s/2, s/2]: probability of each part.
    controls [N, K]: the renderer's controls, in natural units, inside their ranges.
    identity [N, I]: unit vectors; the cosine of two says whether the face has the same shape.
    present [N]: probability that there is a puppet at all.
    """

    landmarks: Tensor
    visibility: Tensor
    error: Tensor
    parts: Tensor
    controls: Tensor
    identity: Tensor
    present: Tensor


class Raw(NamedTuple):
    """What training compares: points in -1..1 of the picture, logits, and controls in -1..1 of their ranges.

    `first` has the points that each heat map finds alone, `points` what they come to together and after a closer look.
    """

    heat: Tensor
    first: Tensor
    points: Tensor
    visible: Tensor
    log_error: Tensor
    parts: Tensor
    controls: Tensor
    present: Tensor


class Evidence(NamedTuple):
    """What controls are read from: the coarsest features, the other heads' findings, and a summary of all, `seen`.

    `half` are the finest features, for a closer look.
    """

    half: Tensor
    sixteenth: Tensor
    heat: Tensor
    points: Tensor
    visible: Tensor
    log_error: Tensor
    parts: Tensor
    seen: Tensor


class Judges(nn.Module):
    """Pictures [N, 3, size, size] in -1..1 → `Reading`."""

    grid: Tensor

    def __init__(self, config: JudgesConfig) -> None:
        super().__init__()
        self.config = config
        a, b, c, d = config.widths
        count, parts = config.landmarks, len(config.parts)
        self.trunk = Trunk(config.widths)
        self.lateral, self.merge, self.fine = conv(d, c, 1), conv(c, b), conv(b, b)
        self.heat = conv(b, count, 1)
        self.point = nn.Parameter(torch.randn(count, b, 4) * 0.1 / math.sqrt(b))
        self.point_bias = nn.Parameter(torch.zeros(count, 4))
        self.part_up, self.part_mix, self.part = conv(b, a, 1), conv(a, a), conv(a, parts, 1)
        self.near = nn.Linear(b, NEAR)
        self.summary = d + b + 2 * count + 8 * parts + NEAR * len(self._groups())
        self.standardise = Standardise(self.summary)
        self.settle = nn.ModuleList([nn.Linear(self.summary + config.hidden, SETTLE), nn.Linear(SETTLE, 2 * count)])
        nn.init.zeros_(self.settle[1].weight)
        nn.init.zeros_(self.settle[1].bias)
        known = self.summary + config.hidden
        self.closer = CloserLook(count, a, known, config.closer) if config.closer else None
        self.plain = nn.Linear(self.summary, len(config.controls))
        self.read = nn.ModuleList(
            [nn.Linear(self.summary, config.hidden), nn.Linear(config.hidden, len(config.controls))]
        )
        self.present = nn.Linear(d, 1)
        line = (torch.arange(config.size // 4) + 0.5) / (config.size // 8) - 1
        grid = torch.stack(torch.meshgrid(line, line, indexing="ij")[::-1], -1).flatten(0, 1)
        self.register_buffer("grid", grid, persistent=False)  # (x, y) of the cells of the heat maps, in -1..1

    def look(self, pictures: Tensor) -> Evidence:
        """Everything before the layers that read controls."""
        half, quarter, eighth, sixteenth = self.trunk(pictures)
        coarse = F.interpolate(self.lateral(sixteenth), scale_factor=2.0, mode="nearest")
        merged = F.relu(self.merge(F.relu(eighth + coarse)))
        fine = F.relu(self.fine(quarter + F.interpolate(merged, scale_factor=2.0, mode="nearest")))
        up = F.interpolate(self.part_up(fine), scale_factor=2.0, mode="nearest")
        half = F.relu(half + up)
        parts = self.part(F.relu(self.part_mix(half)))
        heat, points, visible, log_error, near = self._landmarks(fine)
        pooled = [sixteenth.float().mean((2, 3)), fine.float().mean((2, 3))]
        # what other heads found is evidence here, but nobody who reads it bends them to their own ends
        seen = torch.cat([*pooled, points.detach().flatten(1), self._moments(parts.detach(), pictures), near], 1)
        seen = self.standardise(seen)
        return Evidence(half, sixteenth, heat, points, visible, log_error, parts, seen)

    def raw(self, pictures: Tensor) -> Raw:
        """The heads' outputs as they are; see `Raw`."""
        e = self.look(pictures)
        first, last = self.read
        hidden = F.gelu(first(e.seen))
        controls = self.plain(e.seen) + last(hidden)
        known = torch.cat([e.seen, hidden.to(e.seen.dtype)], 1)
        points = e.points + self._settled(known)
        if self.closer is not None:
            with torch.autocast(pictures.device.type, enabled=False):
                points = points + self.closer(e.half.float(), points.detach(), known.float())
        present = self.present(e.sixteenth.float().mean((2, 3)))[:, 0]
        return Raw(e.heat, e.points, points, e.visible, e.log_error, e.parts, controls.float(), present.float())

    def forward(self, pictures: Tensor) -> Reading:
        """The judgement of pictures of the network's own size; `nets.judges.read` takes any."""
        raw, config, size = self.raw(pictures), self.config, self.config.size
        low, high = (torch.tensor(side).to(raw.controls) for side in (config.low, config.high))
        controls = torch.lerp(low, high, (raw.controls.clamp(-1, 1) + 1) / 2)
        return Reading(
            (raw.points + 1) * (size / 2),
            raw.visible.sigmoid(),
            raw.log_error.exp() * (size / 2) * (math.pi / 4),  # of |x| + |y|, which is 4/π of the length on average
            raw.parts.float().softmax(1),
            controls,
            self.embed(raw.controls),
            raw.present.sigmoid(),
        )

    def embed(self, controls: Tensor) -> Tensor:
        """Identity of controls [N, K] in -1..1 of their ranges: the shape's, standardised, to unit length."""
        config = self.config
        shape = controls[:, [config.controls.index(name) for name in config.identity]]
        if config.centre:
            shape = (shape - torch.tensor(config.centre).to(shape)) / torch.tensor(config.deviation).to(shape)
        return F.normalize(shape, dim=1)

    def _groups(self) -> list[tuple[int, int]]:
        """Spans of landmarks whose surroundings are read together: those of 300-W, as far as there are so many."""
        spans = [(17, 27), (27, 36), (36, 48), (48, 60), (60, 68), (68, 70), (70, 72)]
        return [(first, end) for first, end in spans if end <= self.config.landmarks] or [(0, self.config.landmarks)]

    def _landmarks(self, fine: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Soft-argmax of heat maps (Sun et al. 2018), then a small step read from the features it gathers.

        The last result is what lies around brows, nose, eyes, lips, pupils and lobes, [N, NEAR × groups].
        """
        heat = self.heat(fine).float().flatten(2)
        with torch.autocast(fine.device.type, enabled=False):
            share, places = heat.softmax(2), fine.float().flatten(2).transpose(1, 2)
            gathered = share @ places
            found = torch.einsum("nlc,lck->nlk", gathered, self.point) + self.point_bias
            points = share @ self.grid + 0.1 * found[..., :2]
            groups = torch.stack([share[:, first:end].mean(1) for first, end in self._groups()], 1)
            near = self.near(groups.detach() @ places).flatten(1)
        return heat, points, found[..., 2], found[..., 3].clamp(-8, 2), near

    def _settled(self, known: Tensor) -> Tensor:
        """How far all points move when each hears of the others, [N, L, 2]: faces have fewer freedoms than points."""
        with torch.autocast(known.device.type, enabled=False):
            narrow, wide = self.settle
            moved: Tensor = 0.1 * wide(F.gelu(narrow(known.float())))
        return moved.unflatten(1, (self.config.landmarks, 2))

    def _moments(self, parts: Tensor, pictures: Tensor) -> Tensor:
        """Area, centre, spread and mean colour of each part, [N, 8 P]."""
        with torch.autocast(parts.device.type, enabled=False):
            share = F.avg_pool2d(parts.float().softmax(1), 2).flatten(2)
            colour = F.avg_pool2d(pictures.float(), 4).flatten(2).transpose(1, 2)
            area = share.mean(2, keepdim=True)
            known = share / (share.sum(2, keepdim=True) + 1e-2)
            centre = known @ self.grid
            spread = (known @ self.grid.square() - centre.square()).clamp(min=0).sqrt()
            return torch.cat([area.sqrt(), centre, spread, known @ colour], 2).flatten(1)
