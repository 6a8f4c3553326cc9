"""What features that know photographs say of an edit: VGG-16 continued on edges, which Facet embeds.

None of these numbers is LPIPS's or VGG's, and none may be compared with those: other weights, other values.
"""

from __future__ import annotations

import torch

from metrics.pictures import rgb
from metrics.puppets import NETS
from metrics.registry import Pixels, metric
from metrics.style import PAINTED, same_area, statistics_distance
from nets.features import FeatureNet, PerceptualDistance, from_contents

TRUNK = "vgg16_edges"
NETS[TRUNK] = from_contents


@metric("perceptual", "Perceptual distance (VGG-16 on edges)", better="lower", needs=("result", "subject"), net=TRUNK)
def perceptual(result: Pixels, subject: Pixels, trunk: FeatureNet) -> float:
    """How far the pictures are apart in features that know photographs, 0 for equal ones; it is not LPIPS.

    Mean squared distance of unit features at relu1_1 to relu4_1, summed (the form of Zhang et al. 2018, equation 1,
    with all channels equal). The first picture is brought to the area of 256x256 pixels, the second to its size.
    """
    one = same_area(rgb(result))
    two = torch.nn.functional.interpolate(rgb(subject), one.shape[2:], mode="bicubic", antialias=True).clamp(0, 1)
    with torch.no_grad():
        return float(PerceptualDistance(trunk, plain=True)(one * 2 - 1, two * 2 - 1).item())


@metric("style_trunk", "Style distance (VGG-16 on edges)", better="lower", needs=PAINTED,
        home_of=("neural_style", "adain", "wct", "fast_style", "adapt"), net=TRUNK)  # fmt: skip
def style_trunk(result: Pixels, style: Pixels, trunk: FeatureNet) -> float:
    """Distance of texture statistics in features that know photographs; the space that our styles work in."""
    return statistics_distance(trunk, lambda picture: picture * 2 - 1, result, style)
