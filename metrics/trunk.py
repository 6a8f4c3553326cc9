"""What features that know photographs say of an edit: VGG-16 continued on edges, which Facet embeds.

None of these numbers is LPIPS's or VGG's, and none may be compared with those: other weights, other values.
"""

from __future__ import annotations

import torch

from metrics.pictures import remembered, rgb
from metrics.puppets import NETS
from metrics.registry import Pixels, metric
from metrics.style import PAINTED, same_area, statistics_distance, visible
from nets.distance import unit
from nets.features import FeatureNet, from_contents

TRUNK = "vgg16_edges"
NETS[TRUNK] = from_contents


def taps_of_both(result: Pixels, subject: Pixels, trunk: FeatureNet) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Features of both at every tap: the result at the area of 256x256 pixels, the subject at its size."""
    ours = _taps(result, trunk)
    if result.shape[:2] == subject.shape[:2]:
        return ours, _taps(subject, trunk)
    size = same_area(rgb(result)).shape[2:]
    two = torch.nn.functional.interpolate(rgb(subject), size, mode="bicubic", antialias=True).clamp(0, 1)
    with torch.no_grad():
        return ours, trunk(two * 2 - 1)


def _look(picture: Pixels, trunk: FeatureNet) -> list[torch.Tensor]:
    with torch.no_grad():
        found: list[torch.Tensor] = trunk(same_area(rgb(picture)) * 2 - 1)
    return found


_taps = remembered(_look, most=3)  # 33 MB each, of a subject and of the newest results


@metric("perceptual", "Perceptual distance (VGG-16 on edges)", better="lower", needs=("result", "subject"), net=TRUNK)
def perceptual(result: Pixels, subject: Pixels, trunk: FeatureNet) -> float:
    """How far the pictures are apart in features that know photographs, 0 for equal ones; it is not LPIPS.

    Mean squared distance of unit features at relu1_1 to relu4_1, summed (the form of Zhang et al. 2018, equation 1,
    with all channels equal). The first picture is brought to the area of 256x256 pixels, the second to its size.
    """
    ours, theirs = taps_of_both(result, subject, trunk)
    pairs = zip(map(unit, ours), map(unit, theirs), strict=True)
    return float(torch.stack([(one - two).square().sum(1).mean((1, 2)) for one, two in pairs]).sum(0).item())


@metric("style_trunk", "Style distance (VGG-16 on edges)", better="lower", needs=PAINTED,
        home_of=("neural_style", "adain", "wct", "fast_style", "adapt"), net=TRUNK)  # fmt: skip
def style_trunk(result: Pixels, style: Pixels, trunk: FeatureNet) -> float:
    """Distance of texture statistics in features that know photographs; the space that our styles work in."""
    return statistics_distance(trunk, _visible_taps, result, style)


def _visible_taps(picture: Pixels, trunk: torch.nn.Module) -> list[torch.Tensor]:
    return _taps(picture, trunk) if picture.shape[2] == 3 else list(trunk(visible(picture) * 2 - 1))
