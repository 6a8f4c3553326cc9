"""The trunk of the encoder: IR-SE50, a face-recognition ResNet of 24 blocks (Deng et al. 2019; Hu et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

UNITS = (3, 4, 14, 3)
"""Blocks per stage; the first of each halves the size."""

REDUCTION = 16


class Squeeze(nn.Module):
    """Channels weighed by what the whole picture holds (Hu et al. 2018, "Squeeze-and-Excitation", section 3)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(width, max(1, width // REDUCTION), 1, bias=False)
        self.fc2 = nn.Conv2d(max(1, width // REDUCTION), width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x [N, C, H, W] → the same shape."""
        weight: Tensor = self.fc2(self.fc1(x.mean((2, 3), keepdim=True)).relu()).sigmoid()
        return x * weight


class Bottleneck(nn.Module):
    """Norm, convolution, PReLU, strided convolution, norm, squeeze; added to the (strided) input."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.shortcut_layer = (
            None
            if before == width
            else nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))
        )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(before),
            nn.Conv2d(before, width, 3, 1, 1, bias=False),
            nn.PReLU(width),
            nn.Conv2d(width, width, 3, stride, 1, bias=False),
            nn.BatchNorm2d(width),
            Squeeze(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x [N, before, H, W] → [N, width, H / stride, W / stride]."""
        kept = x[:, :, :: self.stride, :: self.stride] if self.shortcut_layer is None else self.shortcut_layer(x)
        changed: Tensor = self.res_layer(x)
        return changed + kept


def trunk(widths: Sequence[int]) -> nn.ModuleList:
    """The 24 blocks; `widths`: of the stem, then of the four stages."""
    blocks = nn.ModuleList()
    for stage, count in enumerate(UNITS):
        before, width = widths[stage], widths[stage + 1]
        blocks.append(Bottleneck(before, width, 2))
        blocks.extend(Bottleneck(width, width, 1) for _ in range(count - 1))
    return blocks
