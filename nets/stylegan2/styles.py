"""Style space: the channels that modulate the convolutions, one affine step from W+ (Wu et al. 2021, "StyleSpace").

s = A w + b, row by row. Style space is where single channels do single things; W+ is where codes are kept, moved and
animated. `towards` leads back: the change of w_plus whose affines come nearest to a wanted change of styles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from nets.stylegan2.generator import Generator
from nets.stylegan2.layers import Dense


@dataclass(frozen=True)
class StyleRow:
    """What one row of w_plus steers: A of its convolution [channels, w_dim], and of the RGB layer that reads it too."""

    row: int
    matrix: Tensor
    rgb: Tensor | None = None


def style_rows(generator: Generator) -> list[StyleRow]:
    """Every row that steers a convolution, in order, in float64 on the CPU.

    The RGB layer of a block reads the row of the next block's first convolution; the last one's row steers nothing
    else, and is not among them.
    """
    convolutions, painters, row = [], {}, 0
    for block in generator.synthesis.blocks.values():
        steps = [block.conv1] if block.conv0 is None else [block.conv0, block.conv1]
        convolutions += [step.style for step in steps]
        row += len(steps)
        if block.rgb is not None:
            painters[row] = block.rgb.style
    return [
        StyleRow(number, _matrix(style), _matrix(painters[number]) if number in painters else None)
        for number, style in enumerate(convolutions)
    ]


def deviations(matrix: Tensor, covariance: Tensor) -> Tensor:
    """Standard deviation [channels] of the styles A w, for w of that covariance [w_dim, w_dim]; float64."""
    return ((matrix @ covariance) * matrix).sum(1).clamp(min=1e-20).sqrt()


def towards(
    rows: list[StyleRow],
    wanted: Mapping[int, Tensor],
    covariance: Tensor,
    num_ws: int,
    *,
    rgb_weight: float = 0.3,
    ridge: float = 1e-3,
) -> tuple[Tensor, float]:
    """The change of w_plus that realises a change of styles best, and the share of it that is left over.

    Least squares per row, in standard deviations of each channel: the convolution's styles are to change as wanted and
    all others not at all, the RGB layer that reads the same row (which StyleCLIP leaves alone) is to stay, at
    `rgb_weight`, and w is to stay among the codes that the mapping makes, at `ridge`.

    Args:
        rows: of `style_rows`.
        wanted: by row, the change [channels] in standard deviations; absent rows stay as they are.
        covariance: of W [w_dim, w_dim], positive definite, float64.
        num_ws: rows of w_plus.
        rgb_weight, ridge: see above.

    Returns:
        [num_ws, w_dim] float32, and |what is missing|² / |wanted|², from 0 (exact) to 1.
    """
    root = torch.linalg.cholesky(covariance)
    found = torch.zeros(num_ws, len(covariance))
    missing = total = 0.0
    for entry in rows:
        aim = wanted.get(entry.row)
        if aim is None or not bool(aim.any()):
            continue
        scaled = _whitened(entry.matrix, covariance, root)
        sides = [scaled] + ([rgb_weight * _whitened(entry.rgb, covariance, root)] if entry.rgb is not None else [])
        gram = sum((side.T @ side for side in sides), ridge * torch.eye(len(root), dtype=root.dtype))
        u = torch.linalg.solve(gram, scaled.T @ aim.to(root))
        found[entry.row] = (root @ u).float()
        missing += float((scaled @ u - aim).square().sum())
        total += float(aim.double().square().sum())
    return found, missing / total if total else 0.0


def _whitened(matrix: Tensor, covariance: Tensor, root: Tensor) -> Tensor:
    """A in standard deviations of each channel, as a function of u with w = root · u."""
    return (matrix / deviations(matrix, covariance)[:, None]) @ root


def _matrix(style: Dense) -> Tensor:
    return (style.weight.detach() * style.weight_gain).double().cpu()
