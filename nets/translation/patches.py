"""PatchGAN (Isola et al. 2017): a discriminator that judges overlapping pieces, at one size or several."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from nets.translation.layers import Norm


class PatchGan(nn.Module):
    """Pictures [N, inputs, h, w] → scores of pieces [N, 1, h', w'], without a sigmoid.

    Args:
        inputs: channels; of the picture and of what it was made from, where both are judged together.
        width: channels of the first layer; they double, up to eight times as many.
        layers: halvings; 3 judges pieces of 70 × 70 pixels, 0 every pixel by itself.
        norm: ``batch``, ``instance`` or ``none``, of all but the first and last layers.
        affine: whether the normalisation has a scale and a shift.
        padding: zeros around each layer's input; 1 in pix2pix and CycleGAN, 2 in pix2pixHD.
    """

    def __init__(
        self,
        inputs: int = 3,
        width: int = 64,
        layers: int = 3,
        norm: str = "instance",
        affine: bool = False,
        padding: int = 1,
    ) -> None:
        super().__init__()
        wide = [width * min(1 << level, 8) for level in range(layers + 1)] if layers else [width, 2 * width]
        bias = norm != "batch"
        size, padding = (4, padding) if layers else (1, 0)
        self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
        for level, (a, b) in enumerate(zip([inputs, *wide], wide, strict=False)):
            stride = 2 if layers and level < layers else 1
            self.convs.append(nn.Conv2d(a, b, size, stride, padding, bias=bias or level == 0))
            self.norms.append(Norm(norm if level else "none", b, affine))
        self.last = nn.Conv2d(wide[-1], 1, size, 1, padding, bias=bias or layers > 0)

    def features(self, x: Tensor) -> list[Tensor]:
        """What every layer makes of x, the scores last: for feature matching (Wang et al. 2018)."""
        found = []
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.leaky_relu(norm(conv(x)), 0.2)
            found.append(x)
        return [*found, self.last(x)]

    def forward(self, x: Tensor) -> Tensor:
        """Scores of pieces: high is real."""
        return self.features(x)[-1]


class Scales(nn.Module):
    """The same kind of discriminator on the picture at full size, at half, at a quarter … (pix2pixHD).

    Args:
        count: of sizes.
        others: as for `PatchGan`.
    """

    def __init__(self, count: int = 2, **others: int | str | bool) -> None:
        super().__init__()
        self.scales = nn.ModuleList(PatchGan(**others) for _ in range(count))  # type: ignore[arg-type]

    def features(self, x: Tensor) -> list[list[Tensor]]:
        """Of every size, largest first, what every layer makes of x."""
        found = []
        for scale in self.scales:
            found.append(scale.features(x))
            x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
        return found

    def forward(self, x: Tensor) -> list[Tensor]:
        """Scores of pieces at every size."""
        return [layers[-1] for layers in self.features(x)]
