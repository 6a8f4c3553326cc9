"""The photograph, edited: moved as the generator's picture moved, at its own resolution, with its own grain.

Colours change along the photograph's own edges. Where something is new, the generator's pixels come in with the
photograph's colours and grain.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.align import crop, side_of
from nets.carry.colours import RADIUS, grain_of, guided, in_grey, matched
from nets.carry.features import Features
from nets.carry.flow import length, warped
from nets.carry.glasses import Frame, frame_of, put_on
from nets.carry.mouth import Opening, found_there, opening_of, parting
from nets.carry.movement import Movement
from nets.carry.settled import Asked, settled
from nets.carry.shut import shut
from nets.carry.spots import SIDE
from nets.paste import window_of
from nets.warp.field import sampled

UNSEEN = 2 / 255
"""A change of colour that is less than this is none."""
BAND = 1_500_000  # pixels of the photograph that are made at a time
STILL = 0.02  # pixels of the photograph that count as no movement


class Carried(NamedTuple):
    """The photograph [3, H, W] in 0..1 after the edit; which of its pixels keep their bits, bool [H, W].

    left_out: what of the edit cannot be seen in it, and why; empty where all can.
    """

    image: Tensor
    kept: Tensor
    left_out: str = ""


@torch.no_grad()
def carry(photo: Tensor, quad: Tensor, read: Movement) -> Carried:
    """Do to a photograph what a generator's edit did.

    Args:
        photo: [3, H, W] in 0..1.
        quad: the square of it that the generator's picture shows, corners [4, 2]; see `nets.align.face_quad`.
        read: what happened in the generator's pictures.

    Raises:
        ValueError: the square lies outside the photograph.
    """
    return Ground(photo, quad, len(read.field)).carried(read)


class Ground(Features):
    """A photograph, with all that stays the same however often something is carried over to it."""

    def __init__(self, photo: Tensor, quad: Tensor, side: int = SIDE) -> None:
        """Arguments as `carry`; `side`: pixels at which movements will be read. Raises ValueError as `carry`."""
        self.photo, self.quad, self.side = photo, quad, side
        self.window = window_of(quad, photo.shape[1], photo.shape[2])
        self.axes = torch.stack([quad[3] - quad[0], quad[1] - quad[0]]).float()
        self.small = crop(photo, quad, side)

    @cached_property
    def grain(self) -> Tensor:
        """Of the whole window, [3, h, w]; see `grain_of`."""
        return grain_of(self.photo, self.small, self.window, side_of(self.quad))

    @torch.no_grad()
    def carried(self, read: Movement, asked: Asked | None = None) -> Carried:
        """The photograph after what happened; asked: what was to happen, where somebody knows."""
        read, left_out = settled(self, read, asked)
        opening = None
        if self.lips is not None and read.apart > 0:
            read = read._replace(field=found_there(self.lips, read.field, read.apart))
            opening = opening_of(self.lips, read.field)
        moved = warped(self.small, read.field.permute(2, 0, 1) * self.side, "bicubic")
        gain, offset = guided(moved, read.change, read.fresh)
        fresh = read.after + matched(moved, read)
        grain = self.grain if bool((read.fresh > 0).any()) else None
        frame = frame_of(read.glasses, read.after) if bool((read.glasses > 0).any()) else None
        maps = torch.cat([read.field.permute(2, 0, 1), gain, offset, read.fresh[None], fresh])
        done, kept = self.photo.clone(), torch.ones(self.photo.shape[1:], dtype=torch.bool)
        rows, columns = self._box(read)
        band = max(1, BAND // max(1, columns.stop - columns.start))
        for top in range(rows.start, rows.stop, band):
            part = slice(top, min(rows.stop, top + band))
            self._fill(done, kept, part, columns, maps, grain, read.closed, frame, opening)
        return Carried(done, kept, left_out)

    def _box(self, read: Movement) -> tuple[slice, slice]:
        """The rows and columns of the window that can change."""
        height, width = self.window.places.shape[:2]
        live = (read.field != 0).any(-1) | (read.change != 0).any(0) | (read.fresh != 0) | (read.lids != 0)
        live = live | (read.glasses != 0) | (read.mouth != 0)
        if not bool(live.any()):
            return slice(0, 0), slice(0, 0)
        rows, columns = (live.any(axis).nonzero()[:, 0] for axis in (1, 0))
        reach = 2 * RADIUS + 2
        low = torch.stack([columns[0], rows[0]]) - reach
        high = torch.stack([columns[-1], rows[-1]]) + reach + 1
        x, y = ((torch.stack([low, high])[:, axis] / self.side).double().clamp(0, 1) for axis in (0, 1))
        corners = torch.stack(torch.meshgrid(x, y, indexing="ij"), -1).view(-1, 2) @ self.axes.double() + self.quad[0]
        corners = corners - torch.tensor([self.window.left, self.window.top])
        (left, top), (right, bottom) = corners.amin(0).floor().long() - 1, corners.amax(0).ceil().long() + 2
        return (
            slice(int(top.clamp(0, height)), int(bottom.clamp(0, height))),
            slice(int(left.clamp(0, width)), int(right.clamp(0, width))),
        )

    def _fill(
        self,
        done: Tensor,
        kept: Tensor,
        rows: slice,
        columns: slice,
        maps: Tensor,
        grain: Tensor | None,
        closed: tuple[float, float],
        frame: Frame | None,
        opening: Opening | None,
    ) -> None:
        """Fill a part of the window in `done`, and say in `kept` what stays."""
        places = self.window.places[rows, columns]
        inside = ((places >= 0) & (places <= 1)).all(-1)
        at = (2 * places - 1)[None].float()
        found = F.grid_sample(maps[None], at, "bilinear", "border", align_corners=False)[0]
        field = found[:2].permute(1, 2, 0)
        lid = None
        if self.lids is not None and max(closed) > 0:
            lid = shut(self.lids, closed, places.float() + field, 1 / side_of(self.quad), self.head)
        mouth = None
        if self.lips is not None and opening is not None:
            mouth = parting(self.lips, opening, places.float(), places.float() + field, 1 / side_of(self.quad))
            field = field + mouth.shift
        shift = field @ self.axes
        gain, offset, fresh, pixels = found[2:5], found[5:8], found[8], found[9:12]
        top, left = self.window.top, self.window.left
        part = slice(top + rows.start, top + rows.stop), slice(left + columns.start, left + columns.stop)
        y, x = torch.meshgrid(
            torch.arange(part[0].start, part[0].stop), torch.arange(part[1].start, part[1].stop), indexing="ij"
        )
        moves = length(shift, -1) >= STILL
        old = self.photo[:, part[0], part[1]]
        seen = torch.where(moves, sampled(self.photo, torch.stack([x, y], -1) + shift), old)
        change = gain * seen + offset
        coloured = change.abs().amax(0) >= UNSEEN
        made = seen + change * ((change.abs().amax(0, keepdim=True) - UNSEEN) / (2 * UNSEEN)).clamp(0, 1)
        if grain is not None:
            made = made + (pixels + grain[:, rows, columns] - made) * fresh
        changed = moves | coloured | (fresh > 1 / 512)
        if lid is not None:
            new = lid.colours + 0.7 * self.grain[:, rows, columns]
            made, changed = made + (new - made) * lid.shown, changed | (lid.shown > 1 / 512)
        if mouth is not None:
            new = (in_grey(mouth.colours) if self.grey else mouth.colours) + 0.7 * self.grain[:, rows, columns]
            made, changed = made + (new - made) * mouth.shown, changed | (mouth.shown > 1 / 512)
        if frame is not None:
            made, worn = put_on(made, frame, at)
            changed = changed | worn
        changed = inside & changed
        done[:, part[0], part[1]] = torch.where(changed, made.clamp(0, 1), old)
        kept[part[0], part[1]] = ~changed
