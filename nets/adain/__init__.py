"""The published AdaIN networks (Huang and Belongie 2017), read from files whose keys are bare numbers.

``vgg_normalised.pth`` is VGG-19 with a 1x1 convolution before it, scaled so that channels have a mean of 1;
``decoder.pth`` undoes it from relu4_1. Every convolution is padded by its own mirror, pooling takes the maximum, and
pictures are RGB in 0..1. Both offer what `nets.features.FeatureNet` and `nets.features.decoder.Decoder` do.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.contents import Contents

ENCODER = ((0, 3, 3), (2, 3, 64), (5, 64, 64), (9, 64, 128), (12, 128, 128), (16, 128, 256), (19, 256, 256),
           (22, 256, 256), (25, 256, 256), (29, 256, 512))  # fmt: skip
"""Number, inputs and outputs of each convolution up to relu4_1; the first one is 1x1 and has no ReLU."""

POOLED, TAPS = (9, 16, 29), (2, 9, 16, 29)
"""Convolutions that pooling comes before, and those whose ReLU is a tap."""

DECODER = ((1, 512, 256), (5, 256, 256), (8, 256, 256), (11, 256, 256), (14, 256, 128), (18, 128, 128), (21, 128, 64),
           (25, 64, 64), (28, 64, 3))  # fmt: skip
ENLARGED = (5, 18, 25)
"""Convolutions that the features are enlarged before."""


class PublishedEncoder(nn.Module):
    """Pictures [N, 3, h, w] in -1..1 → relu1_1 … relu4_1, at 1/1 to 1/8 of their size, rounded up."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict({str(n): nn.Conv2d(i, o, 1 if n == 0 else 3) for n, i, o in ENCODER})

    def forward(self, pictures: Tensor, taps: int = 4) -> list[Tensor]:
        """The first `taps` taps, finest first."""
        x, found = self.layers["0"]((pictures + 1) / 2), []
        for number, _, _ in ENCODER[1:]:
            if number in POOLED:
                x = F.max_pool2d(x, 2, ceil_mode=True)
            x = F.relu(self.layers[str(number)](_mirrored(x)), inplace=True)
            if number in TAPS:
                found.append(x)
                if len(found) == taps:
                    break
        return found


class PublishedDecoder(nn.Module):
    """relu4_1 → pictures in about -1..1."""

    tap = 4

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict({str(n): nn.Conv2d(i, o, 3) for n, i, o in DECODER})

    def forward(self, features: Tensor, height: int, width: int) -> Tensor:
        """Features [N, 512, h, w] → pictures [N, 3, height, width]; what goes beyond that size is cut off."""
        x = features
        for number, _, outputs in DECODER:
            if number in ENLARGED:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.layers[str(number)](_mirrored(x))
            if outputs > 3:
                x = F.relu(x, inplace=True)
        return x[:, :, :height, :width] * 2 - 1


def _mirrored(x: Tensor) -> Tensor:
    return F.pad(x, (1, 1, 1, 1), mode="reflect" if min(x.shape[2:]) > 1 else "replicate")


def encoder_from_contents(contents: Contents) -> PublishedEncoder:
    """The encoder in ``vgg_normalised.pth``; its layers beyond relu4_1 are left alone. Raises ValueError."""
    return _filled(PublishedEncoder(), contents, "AdaIN encoder (vgg_normalised.pth)")


def decoder_from_contents(contents: Contents) -> PublishedDecoder:
    """The decoder in ``decoder.pth``. Raises ValueError."""
    return _filled(PublishedDecoder(), contents, "AdaIN decoder (decoder.pth)")


@torch.inference_mode(False)
def _filled(net: nn.Module, contents: Contents, kind: str):  # noqa: ANN202 what goes in comes out
    state, own = contents.tensors.get("", {}), net.state_dict()
    for name, value in own.items():
        found = state.get(name.removeprefix("layers."))
        if found is None or found.shape != value.shape:
            raise ValueError(f"it is no {kind}: {name.removeprefix('layers.')} is missing or has another shape")
        value.copy_(found.float())
    return net.eval().requires_grad_(False)
