"""What a photograph shows of a face: its lids, its lips, glasses, and whether landmarks are to be believed."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from nets.align import crop, side_of
from nets.carry.bridge import BRIDGED, RIMS, bridge
from nets.carry.landmarks import COLOURFUL, MOUTH, SURE, Face, astray, inside, openness
from nets.carry.lids import Lids, lids_of
from nets.carry.lips import Lips, lips_of

LIDS_SIDE = 512  # pixels at which the photograph's lids are looked for
NARROW = 0.125  # the openness of eyes, area over squared width, below which the generator's do not count
PUPIL = 0.1  # how far a detector's point, which follows the pupil, lies aside of an eye's middle; in eye distances
AGAPE = 0.12  # from how far open on a mouth is stretched that is not read as lips; area over squared width
FACE, CUT = ((0.27, 0.73), (0.30, 0.85)), 0.15
"""Where a face lies in its square, and the share of it beyond the photograph's edge that is worth saying."""


class Features:
    """Of a photograph [3, H, W], in its square; nothing is known of them before `look`."""

    photo: Tensor
    quad: Tensor
    side: int
    axes: Tensor
    small: Tensor
    lids: list[Lids] | None = None  # of the photograph, where they are seen
    lips: Lips | None = None
    mouth: Tensor | None = None  # around the lips of a face that is seen, [side, side] in 0..1
    eyes: Tensor | None = None  # around both eyes of one, likewise
    head: Tensor | None = None  # how surely a place is head, likewise, at fewer pixels
    agape = mouth_cut = False  # whether it is open; whether a part of it lies beyond the photograph's edge
    glasses = False  # whether the face in it wears some
    narrow = False  # whether eyes are so narrow, or closed, that a generator's are misread
    misread = False  # whether landmarks are elsewhere than the face

    @cached_property
    def grey(self) -> bool:
        """Whether it is black and white."""
        return float((self.small.amax(0) - self.small.amin(0)).mean()) < COLOURFUL[0]

    @cached_property
    def cut(self) -> bool:
        """Whether a part of the face lies beyond its edge."""
        share = torch.linspace(0, 1, 16)
        x, y = (low + (high - low) * share for low, high in FACE)
        return self._beyond(torch.cartesian_prod(x, y)) > CUT

    def _beyond(self, places: Tensor) -> float:
        """Which share of places [n, 2] of the square lies beyond the photograph's edge."""
        at = self.quad[0] + places.double() @ self.axes.double()
        height, width = self.photo.shape[1:]
        return float(((at < 0).any(1) | (at > torch.tensor([width, height])).any(1)).float().mean())

    def look(self, face: Face, eyes: Tensor | None = None) -> None:
        """Take from a face, read in `small`, what lids, lips and glasses there are.

        eyes: where a detector has both, [2, 2] in shares of the side. It errs less in photographs than the judges of
        puppets do: their landmarks follow it, or are not believed.
        """
        fine = min(LIDS_SIDE, max(self.side, round(side_of(self.quad))))
        large = crop(self.photo, self.quad, fine).clamp(0, 1)
        own = torch.stack([points.mean(0) for points in face.eyes])
        known = own if eyes is None else eyes.to(own)
        self.glasses = face.glasses_share > RIMS and bridge(large, known) > BRIDGED
        self.misread = eyes is not None and (face.present < SURE or astray(own, known))
        if face.present < SURE or self.misread:
            return
        self.head = face.head
        self.mouth_cut = self._beyond(face.places[48:60]) > 0
        self.mouth = inside(face.places[48:60], self.side, 0.5)
        self.agape = openness(face.places, MOUTH) > AGAPE
        self.lips = None if self.mouth_cut else lips_of(large, face.places, face.counts)
        self.narrow = sum(openness(points, range(6)) for points in face.eyes) / 2 < NARROW
        self.eyes = torch.stack([inside(points, self.side, 0.55) for points in face.eyes]).amax(0)
        if not self.glasses:
            ways = _towards(own, known)
            self.lids = lids_of(large, [points + way for points, way in zip(face.eyes, ways, strict=True)])


def _towards(own: Tensor, known: Tensor) -> Tensor:
    """How eyes [2, 2] move to where a detector has them: all the way up or down, and aside by what no pupil moves."""
    across = known[1] - known[0]
    apart = across.norm().clamp(min=1e-6)
    level = across / apart
    down = torch.stack([-level[1], level[0]])
    way = known - own
    aside = way @ level
    aside = aside.sign() * (aside.abs() - PUPIL * apart).clamp(min=0)
    return aside[:, None] * level + (way @ down)[:, None] * down
