"""The published VGG-19 (Simonyan and Zisserman 2015) as a `FeatureNet`, from a file with torchvision's names."""

from __future__ import annotations

import torch

from nets.contents import Contents
from nets.features.config import FeaturesConfig
from nets.features.network import FeatureNet

CONFIG = FeaturesConfig((64, 128, 256, 512, 512), (2, 2, 4, 4, 1))
MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels in 0..1, which torchvision's networks expect to be taken out."""


@torch.inference_mode(False)
def vgg19_from_contents(contents: Contents) -> FeatureNet:
    """The convolutions up to relu5_1, for pictures in -1..1; padding by mirror, average pooling.

    Raises:
        ValueError: the file is no VGG-19.
    """
    state, net, number = contents.tensors.get("", {}), FeatureNet(CONFIG).requires_grad_(False), 0
    for level, depth in zip(net.levels, CONFIG.depths, strict=True):
        for layer in level:  # type: ignore[union-attr]
            for part in ("weight", "bias"):
                found, own = state.get(f"features.{number}.{part}"), getattr(layer, part)
                if found is None or found.shape != own.shape:
                    raise ValueError(f"it is no VGG-19: features.{number}.{part} is missing or has another shape")
                own.copy_(found.float())
            number += 2  # a ReLU follows each
        number += 1 if depth > 1 else 0  # the pooling
    first = net.levels[0][0]  # type: ignore[index]
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEANS, DEVIATIONS))
    first.bias.add_((first.weight * (0.5 - mean) / deviation).sum((1, 2, 3)))
    first.weight.mul_(0.5 / deviation)
    return net.to(memory_format=torch.channels_last).eval()
