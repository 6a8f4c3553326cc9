"""3×3 convolutions as single matrix products, and their adjoints from the same matrix.

Windows have few pixels and many channels. There a product of the gathered neighbourhoods [pixels, 9 · I] with a matrix
[9 · I, O] is as quick as the best prepared convolution, needs no preparation for each shape, runs anywhere in any
precision, and gives the adjoint by the transposed matrix. Gradients to the weights are never computed.

Reading the weights is much of the work, so that it matters in which order they lie: see `Weights`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

BAND = 2048  # pixels whose neighbourhoods are gathered at a time
LARGE = 1 << 20  # weights that do not stay in a core's cache from one step to the next
FEW, SOME = 32, 48  # pixels


class Weights:
    """A matrix [K, N] that never changes, for products with few pixels from both of its sides.

    With few pixels, reading the matrix takes as long as the product, and a processor's library is up to a half quicker
    when the matrix lies the way its kernels read it. Which way that is depends on the number of pixels, so that two
    copies are kept. A GPU makes do with one.
    """

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix.contiguous()
        self.turned = self.matrix.t().contiguous() if matrix.device.type == "cpu" else self.matrix.t()
        self.large = matrix.numel() > LARGE and matrix.device.type == "cpu"

    def __call__(self, x: Tensor) -> Tensor:
        """x [pixels, K] → [pixels, N]."""
        return (self.turned @ x.t()).t() if self.large and len(x) < FEW else x @ self.matrix

    def adjoint(self, g: Tensor) -> Tensor:
        """g [pixels, N] → [pixels, K]."""
        return g @ self.matrix.t() if self.large and len(g) < SOME else g @ self.turned


class Correlation:
    """y = W ∗ x without border: x [N, h, w, I] → [N, h - 2, w - 2, O], for weight [O, I, 3, 3]."""

    def __init__(self, weight: Tensor) -> None:
        self.weights = Weights(weight.permute(2, 3, 1, 0).reshape(-1, len(weight)))

    def __call__(self, x: Tensor) -> Tensor:
        """The product of all neighbourhoods with the matrix, a band of rows at a time."""
        return _correlate(x, self.weights)

    def adjoint(self, g: Tensor) -> Tensor:
        """g [N, h - 2, w - 2, O] → [N, h, w, I]."""
        n, height, width, outputs = g.shape
        matrix = self.weights.matrix
        inputs = len(matrix) // 9
        if n * height * width > BAND:  # a correlation with the turned weight writes each pixel once instead of 9 times
            turned = matrix.view(3, 3, inputs, outputs).flip(0, 1).transpose(2, 3).reshape(-1, inputs)
            return _correlate(F.pad(g, [0, 0, 2, 2, 2, 2]), lambda near: near @ turned)
        parts = self.weights.adjoint(g.reshape(-1, outputs)).view(n, height, width, 3, 3, inputs)
        total = g.new_zeros(n, height + 2, width + 2, inputs)
        for i in range(3):
            for j in range(3):
                total[:, i : i + height, j : j + width] += parts[:, :, :, i, j]
        return total


def _correlate(x: Tensor, product: Callable[[Tensor], Tensor]) -> Tensor:
    x = x.contiguous()
    n, height, width, inputs = x.shape
    rows = max(1, BAND // (n * (width - 2)))
    bands = []
    for top in range(0, height - 2, rows):
        band = x[:, top : min(top + rows, height - 2) + 2]
        shape = (n, band.shape[1] - 2, width - 2, 3, 3 * inputs)
        step = band.stride()
        near = band.as_strided(shape, (*step[:3], step[1], 1))  # three pixels of a row lie side by side
        bands.append(product(near.reshape(-1, 9 * inputs)).reshape(*shape[:3], -1))
    return bands[0] if len(bands) == 1 else torch.cat(bands, 1)


class Enlargement:
    """The transposed convolution with stride 2 and the filter after it: x [N, h, w, I] → [N, h', w', O].

    Weight [O, I, 3, 3]. `down` [N, h', 3h] and `across` [N, w', 3w] are the filter along both axes, as `filter_axis`
    makes them for each window.
    """

    def __init__(self, weight: Tensor) -> None:
        self.outputs, self.inputs = weight.shape[:2]
        self.weights = Weights(weight.permute(1, 3, 2, 0).reshape(weight.shape[1], -1))

    def __call__(self, x: Tensor, down: Tensor, across: Tensor) -> Tensor:
        """Every pixel to its 3×3 outputs, which the filter then adds up two pixels apart."""
        n, height, width, inputs = x.shape
        parts = self.weights(x.reshape(-1, inputs)).reshape(n, height, 3 * width, -1)
        wide = (across[:, None] @ parts).view(n, height, -1, 3, self.outputs)
        return downwards(down, wide.transpose(2, 3).reshape(n, 3 * height, -1, self.outputs))

    def adjoint(self, g: Tensor, down: Tensor, across: Tensor) -> Tensor:
        """g [N, h', w', O] → [N, h, w, I]."""
        n, width = len(g), across.shape[2] // 3
        tall = downwards(down.transpose(1, 2), g).view(n, -1, 3, g.shape[2], self.outputs)
        tall = tall.transpose(2, 3).reshape(n, -1, g.shape[2], 3 * self.outputs)
        parts = across.transpose(1, 2)[:, None] @ tall
        return self.weights.adjoint(parts.view(-1, 9 * self.outputs)).reshape(n, -1, width, self.inputs)


def along(x: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """x [N, h, w, C] multiplied by `down` [N, h', h] and `across` [N, w', w] → [N, h', w', C]."""
    return across[:, None] @ downwards(down, x)


def downwards(down: Tensor, x: Tensor) -> Tensor:
    """`down` [N, h', h] times x [N, h, w, C] → [N, h', w, C]."""
    return torch.bmm(down, x.reshape(len(x), x.shape[1], -1)).view(len(x), -1, *x.shape[2:])
