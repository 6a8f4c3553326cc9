"""The judges that papers use: LPIPS and ArcFace. They speak only where what they need is on this machine.

Their numbers are the published ones' own, and are never shown under one heading with those of our judges.
"""

from __future__ import annotations

import torch
from torch import Tensor

from metrics.pictures import pair, rgb
from metrics.puppets import INSTALLED, JOINED, NETS
from metrics.registry import Pixels, metric
from nets import arcface
from nets.lpips import Lpips, heads_of_package, vgg16_from_contents

KEPT = ("result", "subject")
LEAST_SIDE = 32  # LPIPS halves four times

NETS |= {
    "vgg16": vgg16_from_contents,
    "arcface": arcface.from_contents,
}
INSTALLED["lpips_heads"] = heads_of_package
JOINED["lpips"] = (Lpips, ("vgg16", "lpips_heads"))


@metric("lpips", "LPIPS (VGG)", better="lower", needs=KEPT, net="lpips")
def lpips(result: Pixels, subject: Pixels, network: Lpips) -> float:
    """Perceptual distance of Zhang et al. 2018, version 0.1 with VGG-16, 0 for equal pictures."""
    one, two = (_wide(picture) for picture in pair(result, subject))
    with torch.no_grad():
        return float(network(2 * one - 1, 2 * two - 1).item())


@metric("identity_arcface", "Identity (ArcFace)", better="higher", needs=KEPT, net="arcface")
def identity_arcface(result: Pixels, subject: Pixels, network: arcface.ArcFace) -> float:
    """Cosine of ArcFace's vectors (IR-SE50), 1 for the same face; for portraits aligned as in FFHQ."""
    with torch.no_grad():
        one, two = (network(arcface.cut(2 * rgb(picture) - 1))[0] for picture in (result, subject))
    return float((one * two).sum().item())


def _wide(picture: Tensor) -> Tensor:
    """Tiny pictures enlarged to what the deepest features need."""
    height, width = picture.shape[2:]
    if min(height, width) >= LEAST_SIDE:
        return picture
    wanted = max(LEAST_SIDE, height), max(LEAST_SIDE, width)
    return torch.nn.functional.interpolate(picture, wanted, mode="bilinear", align_corners=False)
