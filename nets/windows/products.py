"""3×3 convolutions as single matrix products, and their adjoints from the same matrix.

Windows have few pixels and many channels. There a product of the gathered neighbourhoods [pixels, 9 · I] with a matrix
[9 · I, O] is as quick as the best prepared convolution, needs no preparation for each shape, runs anywhere in any
precision, and gives the adjoint by the transposed matrix. Gradients to the weights are never computed.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BAND = 2048  # pixels whose neighbourhoods are gathered at a time


class Correlation:
    """y = W ∗ x without border: x [N, h, w, I] → [N, h - 2, w - 2, O], for weight [O, I, 3, 3]."""

    def __init__(self, weight: Tensor) -> None:
        self.matrix = weight.permute(2, 3, 1, 0).reshape(-1, len(weight)).contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        """The product of all neighbourhoods with the matrix, a band of rows at a time."""
        return _correlate(x, self.matrix)

    def adjoint(self, g: Tensor) -> Tensor:
        """g [N, h - 2, w - 2, O] → [N, h, w, I]."""
        n, height, width, outputs = g.shape
        inputs = self.matrix.shape[0] // 9
        if n * height * width > BAND:  # a correlation with the turned weight writes each pixel once instead of 9 times
            turned = self.matrix.view(3, 3, inputs, outputs).flip(0, 1).transpose(2, 3).reshape(-1, inputs)
            return _correlate(F.pad(g, [0, 0, 2, 2, 2, 2]), turned)
        parts = (g.reshape(-1, outputs) @ self.matrix.t()).view(n, height, width, 3, 3, inputs)
        total = g.new_zeros(n, height + 2, width + 2, inputs)
        for i in range(3):
            for j in range(3):
                total[:, i : i + height, j : j + width] += parts[:, :, :, i, j]
        return total


def _correlate(x: Tensor, matrix: Tensor) -> Tensor:
    x = x.contiguous()
    n, height, width, inputs = x.shape
    rows = max(1, BAND // (n * (width - 2)))
    bands = []
    for top in range(0, height - 2, rows):
        band = x[:, top : min(top + rows, height - 2) + 2]
        shape = (n, band.shape[1] - 2, width - 2, 3, 3 * inputs)
        step = band.stride()
        near = band.as_strided(shape, (*step[:3], step[1], 1))  # three pixels of a row lie side by side
        bands.append((near.reshape(-1, 9 * inputs) @ matrix).view(*shape[:3], -1))
    return bands[0] if len(bands) == 1 else torch.cat(bands, 1)


class Enlargement:
    """The transposed convolution with stride 2 and the filter after it: x [N, h, w, I] → [N, h', w', O].

    Weight [O, I, 3, 3]. `down` [N, h', 2h + 1] and `across` [N, w', 2w + 1] are the filter along both axes, as
    `filter_axis` makes them for each window.
    """

    def __init__(self, weight: Tensor) -> None:
        self.outputs = len(weight)
        self.matrix = weight.permute(1, 2, 3, 0).reshape(weight.shape[1], -1).contiguous()

    def __call__(self, x: Tensor, down: Tensor, across: Tensor) -> Tensor:
        """Every pixel to its 3×3 outputs, which are added up two pixels apart; then the filter."""
        n, height, width, inputs = x.shape
        parts = (x.reshape(-1, inputs) @ self.matrix).view(n, height, width, 3, 3, self.outputs)
        total = x.new_zeros(n, 2 * height + 1, 2 * width + 1, self.outputs)
        for i in range(3):
            for j in range(3):
                total[:, i : i + 2 * height : 2, j : j + 2 * width : 2] += parts[:, :, :, i, j]
        return along(total, down, across)

    def adjoint(self, g: Tensor, down: Tensor, across: Tensor) -> Tensor:
        """g [N, h', w', O] → [N, h, w, I]."""
        g = along(g, down.transpose(1, 2), across.transpose(1, 2))
        n, height, width = len(g), g.shape[1] // 2, g.shape[2] // 2
        parts = [g[:, i : i + 2 * height : 2, j : j + 2 * width : 2] for i in range(3) for j in range(3)]
        near = torch.cat(parts, 3).reshape(-1, 9 * self.outputs)
        return (near @ self.matrix.t()).view(n, height, width, -1)


def along(x: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """x [N, h, w, C] multiplied by `down` [N, h', h] and `across` [N, w', w] → [N, h', w', C]."""
    n, height, width, channels = x.shape
    tall = torch.bmm(down, x.reshape(n, height, -1)).view(n, -1, width, channels)
    return across[:, None] @ tall
