"""Paint and a small network for each of several styles, all of one shape, and any blend of them: a blend of weights.

The shape is that of Johnson, Alahi and Fei-Fei 2016, slim, so that it follows a slider; enlarged by repeating values
before a convolution, which leaves no checkerboard (Odena et al. 2016); padded by mirror. It goes down to an eighth of
the size, where a stroke is a few places wide, and what was seen on the way down is added on the way up, so that shapes
stay sharp. What the layers make is added to a ground: the picture in each style's colours, without the finer part of
its details. On the ground lies paint, quilted out of the style's own picture (`nets.fast_style.paint`), for styles that
have some; a style may consist of ground and paint alone.

Each style has all kernels of its own: strokes that are drawn by shared ones enter each other's pictures. Kernels that
began alike may be blended as they are (Wang, Yu, Dong, Loy and Qiao 2019, "Deep network interpolation").
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.fast_style import grain, paint
from nets.fast_style.colours import COUNT, shares_of
from nets.fast_style.config import FastStyleConfig
from nets.fast_style.forms import directions, fine, forms
from nets.fast_style.laying import Laying, laid
from nets.fast_style.normalisation import ConditionalNorm, Statistics
from nets.fast_style.palette import looked_up, unchanged

REACH = 104
"""Pixels around a place that its colour depends on, besides the statistics; a multiple of 8."""

SHARP = 2
"""How much more sharply paint changes between a style's colours than what is learned from does."""

CELL = 8
"""Sides of pictures are made multiples of it; the ground's coarse part is a mean over half of it."""


class Kernels(nn.Module):
    """A convolution with kernels of each style's own [styles, outputs, inputs * size * size], padded by mirror."""

    def __init__(self, styles: int, inputs: int, outputs: int, size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.shape, self.stride = (outputs, inputs, size, size), stride
        first = nn.init.kaiming_normal_(torch.empty(self.shape), nonlinearity="relu")
        self.weight = nn.Parameter(first.flatten(1).repeat(styles, 1, 1))

    def forward(self, x: Tensor, blend: Tensor) -> Tensor:
        """x [N, inputs, h, w] by the kernels of a blend [1, styles]."""
        kernel = torch.einsum("s,sok->ok", blend[0], self.weight).view(self.shape)
        return F.conv2d(padded(x, kernel.shape[-1] // 2), kernel, stride=self.stride)


class Layer(nn.Module):
    """Convolution, conditional normalisation and, but for the second of a block, a ReLU."""

    def __init__(self, styles: int, inputs: int, outputs: int, size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = Kernels(styles, inputs, outputs, size, stride)
        self.norm = ConditionalNorm(styles, outputs)

    def forward(self, x: Tensor, blend: Tensor, statistics: Statistics, relu: bool = True) -> Tensor:
        """x [N, inputs, h, w] → [N, outputs, h / stride, w / stride]."""
        x = self.norm(self.conv(x, blend), blend, statistics)
        return F.relu(x, inplace=True) if relu else x


class Block(nn.Module):
    """Two layers beside a straight way."""

    def __init__(self, styles: int, width: int) -> None:
        super().__init__()
        self.first, self.second = Layer(styles, width, width), Layer(styles, width, width)

    def forward(self, x: Tensor, blend: Tensor, statistics: Statistics) -> Tensor:
        """x and what the layers add."""
        return x + self.second(self.first(x, blend, statistics), blend, statistics, relu=False)


class FastStyle(nn.Module):
    """Pictures [N, 3, h, w] in -1..1 and a blend of styles [1, styles] → pictures in about -1..1."""

    def __init__(self, config: FastStyleConfig) -> None:
        super().__init__()
        self.config, count = config, len(config.styles)
        widths, (coarse, finer) = config.widths, config.blocks
        self.down = nn.ModuleList([Layer(count, 4, widths[0], 5)])
        self.down.extend(Layer(count, a, b, stride=2) for a, b in zip(widths, widths[1:], strict=False))
        self.blocks = nn.ModuleList(Block(count, widths[-1]) for _ in range(coarse))
        self.up = nn.ModuleList(Layer(count, b, a) for a, b in zip(widths[-2::-1], widths[:0:-1], strict=True))
        self.finer = nn.ModuleList(Block(count, widths[-2]) for _ in range(finer))
        self.palette = nn.Parameter(unchanged().repeat(count, 1, 1))
        self.detail = nn.Parameter(torch.full((count, 1), 0.25))
        self.paint = nn.Parameter(paint.nothing(count), requires_grad=False)
        self.centres, self.spread, self.firm = (
            nn.Parameter(value.repeat(count, *(1 for _ in value.shape)), requires_grad=False)
            for value in (torch.zeros(COUNT, 3), torch.ones(1), torch.full((1,), paint.FIRM))
        )
        self.laying = nn.Parameter(torch.zeros(count, len(Laying._fields)), requires_grad=False)
        self.last, self.offset = Kernels(count, widths[0], 3, 5), nn.Parameter(torch.zeros(count, 3))
        self.last.weight.data.normal_(std=0.02)  # from a dull picture on: a glaring one gives no gradient
        self.register_buffer("grain", grain.field(), persistent=False)
        self.grain: Tensor

    def forward(
        self,
        pictures: Tensor,
        blend: Tensor,
        statistics: Statistics | None = None,
        at: Sequence[tuple[int, int]] = ((0, 0),),
    ) -> Tensor:
        """The pictures in that blend of styles.

        Args:
            pictures: [N, 3, h, w] in -1..1, any size.
            blend: [1, styles], summing to 1.
            statistics: noted in this pass, or used in it once they were (`Statistics.rewind`).
            at: row and column of each picture (one for all) within the one that it is a piece of, for its grain.
        """
        height, width = pictures.shape[2:]
        seen = statistics if statistics is not None else Statistics()
        whole = F.pad(pictures, (0, -width % CELL, 0, -height % CELL), mode="replicate")
        ground = self.ground(whole, blend)
        made: Tensor = ground + self.painted(whole, ground, blend, at)
        drawing = blend[0] != 0, self.last.weight, self.offset
        if self.last.weight.requires_grad or any(bool(each[drawing[0]].any()) for each in drawing[1:]):
            made = made + self.strokes(whole, blend, seen, at)
        return made[:, :, :height, :width]

    def strokes(
        self, whole: Tensor, blend: Tensor, seen: Statistics, at: Sequence[tuple[int, int]] = ((0, 0),)
    ) -> Tensor:
        """What the layers add to pictures whose sides are multiples of `CELL`."""
        noise = torch.cat([grain.piece(self.grain, *whole.shape[2:], *each) for each in at]).to(whole)
        x, sights = torch.cat([whole, noise.expand(len(whole), -1, -1, -1)], 1), list[Tensor]()
        for layer in self.down:
            x = layer(x, blend, seen)
            sights.append(x)
        for block in self.blocks:
            x = block(x, blend, seen)
        for number, layer in enumerate(self.up):
            x = layer(F.interpolate(x, scale_factor=2.0, mode="nearest"), blend, seen) + sights[-2 - number]
            for block in self.finer if number == 0 else ():
                x = block(x, blend, seen)
        made: Tensor = self.last(x, blend).float() + (blend @ self.offset)[..., None, None]
        return made

    def painted(
        self, pictures: Tensor, ground: Tensor, blend: Tensor, at: Sequence[tuple[int, int]] = ((0, 0),)
    ) -> Tensor:
        """What paint adds to the ground of pictures [N, 3, h, w], where their forms leave room for it.

        Where these are fine, the paint is thin and shows the picture in the style's colours.
        """
        made, fineness, ways = torch.zeros_like(ground), None, None
        for row, share in enumerate(blend[0].tolist()):
            if not share or not paint.is_some(self.paint[row]):
                continue
            fineness = forms(pictures) if fineness is None else fineness
            thin, how = fine(fineness, self.firm[row]), Laying.of(self.laying[row])
            if how.follow and ways is None:
                ways = directions(pictures)
            shares = shares_of(ground, self.centres[row], self.spread[row] / SHARP)
            made += share * (1 - paint.THINNED * thin) * laid(self.paint[row], shares, at, how, ways)
            made += share * thin * (looked_up(self.palette[row : row + 1], pictures) - ground)
        return made

    def ground(self, pictures: Tensor, blend: Tensor) -> Tensor:
        """The pictures in the colours of a blend of styles, with as much of their details as these leave."""
        coarse = F.interpolate(F.avg_pool2d(pictures, CELL // 2), pictures.shape[2:], mode="bilinear")
        kept = torch.lerp(coarse, pictures, (blend @ self.detail).to(pictures)[..., None, None])
        return looked_up(torch.einsum("ns,scp->ncp", blend, self.palette), kept)

    def blend(self, shares: dict[str, float]) -> Tensor:
        """[1, styles] of shares by name. Raises KeyError for a style that it has not."""
        row = torch.zeros(1, len(self.config.styles))
        for name, share in shares.items():
            row[0, {n: k for k, n in enumerate(self.config.styles)}[name]] += share
        return row.to(self.offset)


def padded(x: Tensor, rim: int) -> Tensor:
    """x with its mirror image around it; a rim that is wider than x repeats its edge."""
    return F.pad(x, (rim, rim, rim, rim), mode="reflect" if min(x.shape[2:]) > rim else "replicate")
