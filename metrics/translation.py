"""What a translation kept, and what it drew: parts where they were wanted, structure, riches of colour, nothing else.

The score of parts is the idea of Isola et al. 2017 (FCN score): what was drawn from labels is parsed again. A parser
errs on true pictures too, so the number is a share of its own score on renders whose parts are known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from metrics.pictures import apart, pair, rgb
from metrics.puppets import JUDGES
from metrics.registry import Parts, Pixels, metric
from metrics.style import same_area
from metrics.trunk import TRUNK, taps_of_both
from nets.features import FeatureNet, PerceptualDistance
from nets.judges import Judges, read

KEPT = ("result", "subject")
PARSER_OWN = 0.753
"""Mean over renders of `mean_iou` of what the judges see and the exact parts (`benchmarks/parser.py --quick`)."""

NEAR = 2
"""Cells of the judges' part map, which is 64 wide, around a change of labels that belong to it."""


def mean_iou(wanted: NDArray[np.integer], found: NDArray[np.integer]) -> float:
    """Of part numbers [h, w]: the mean over wanted parts of intersection over union; 1 for equal maps."""
    shares = []
    for part in np.unique(wanted):
        one, other = wanted == part, found == part
        shares.append(float((one & other).sum() / (one | other).sum()))
    return float(np.mean(shares))


def change_outside(result: Tensor, subject: Tensor, region: Tensor) -> float:
    """Mean absolute difference, 0 to 255, of pictures [1, 3, h, w] in 0..1 outside a region [1, 1, h, w] of 0 and 1.

    NaN where the region is everything.
    """
    outside = (region < 0.5).to(result)
    if not outside.any():
        return math.nan
    return float(255 * ((result - subject).abs().mean(1, keepdim=True) * outside).sum() / outside.sum())


def colourfulness(picture: Tensor) -> float:
    """Hasler and Süsstrunk 2003, equation 11 (M3), of a picture [1, 3, h, w] in 0..1: 0 grey, 15 slightly, 45 quite,
    82 highly, 109 extremely colourful.
    """
    red, green, blue = (255 * picture[0]).double()
    pairs = torch.stack([(red - green).flatten(), ((red + green) / 2 - blue).flatten()])
    return float(pairs.std(1, correction=0).norm() + 0.3 * pairs.mean(1).norm())


def diversity(pictures: Sequence[Pixels], trunk: FeatureNet) -> float:
    """Mean over pairs of outputs of one input of their perceptual distance; 0 for equal ones, NaN for fewer than two.

    As the metric “perceptual”: features that know photographs, at the area of 256x256 pixels; it is not LPIPS.
    """
    distance = PerceptualDistance(trunk, plain=True)
    seen = [same_area(rgb(picture)) * 2 - 1 for picture in pictures]
    found = []
    with torch.no_grad():
        for number, one in enumerate(seen):
            for other in seen[:number]:
                found.append(float(distance(one, F.interpolate(other, one.shape[2:], mode="bilinear")).item()))
    return float(np.mean(found)) if found else math.nan


@metric("colour_richness", "Colourfulness", better="higher", needs=KEPT)
def colour_richness(result: Pixels, subject: Pixels) -> float:
    """How colourful the result is: 0 grey, 15 slightly, 45 quite, 82 highly (Hasler and Süsstrunk 2003)."""
    return colourfulness(apart(result)[0])


@metric("self_structure", "Inner structure kept", better="higher", needs=KEPT, net=TRUNK)
def self_structure(result: Pixels, subject: Pixels, trunk: FeatureNet) -> float:
    """Whether what is alike in the subject is alike in the result, whatever it looks like: 1 for the same structure.

    1 minus the mean absolute difference of self-similarities: cosines of centred features at relu3_1 between 256 places
    on a grid and all others (after Zheng, Cham and Cai 2021, whose loss looks within patches).
    """
    with torch.no_grad():
        maps = [_similarities(taps[2]) for taps in taps_of_both(result, subject, trunk)]
    return 1 - float((maps[0] - maps[1]).abs().mean())


def _similarities(features: Tensor) -> Tensor:
    """Cosines [256, n] between places on a grid and all places of features [1, C, h, w]."""
    rows, columns = (torch.linspace(0, length - 1, 16).round().long() for length in features.shape[2:])
    whole = F.normalize(features - features.mean((2, 3), keepdim=True), dim=1)
    return whole[0][:, rows][:, :, columns].flatten(1).T @ whole[0].flatten(1)


@metric("parts_drawn", "Parts as painted (ours)", unit="%", better="higher", needs=("result", "labels"), net=JUDGES)
def parts_drawn(result: Pixels, labels: Parts, judges: Judges) -> float:
    """How well parts seen in the result lie on the painted ones, as a share of what our parser reaches on renders."""
    wanted = wanted_parts(labels, judges)
    if wanted is None:
        return math.nan
    return 100 * mean_iou(wanted, seen_parts(result, judges)) / PARSER_OWN


@metric("label_leak", "Changed beside the painted (ours)", unit="levels", better="lower",
        needs=("result", "subject", "labels"), net=JUDGES)  # fmt: skip
def label_leak(result: Pixels, subject: Pixels, labels: Parts, judges: Judges) -> float:
    """Mean difference where the labels say what the subject already showed, 0 to 255; read by our own parser."""
    wanted = wanted_parts(labels, judges)
    if wanted is None:
        return math.nan
    changed = torch.from_numpy(wanted != seen_parts(subject, judges))[None, None].float()
    changed = F.max_pool2d(changed, 2 * NEAR + 1, 1, NEAR)
    one, two = pair(result, subject)
    height, width = one.shape[2:]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    region = F.interpolate(changed, (side, side), mode="nearest")[:, :, top : top + height, left : left + width]
    return change_outside(one, two, region)


@metric("mask_leak", "Changed outside the mask", unit="levels", better="lower", needs=("result", "subject", "mask"))
def mask_leak(result: Pixels, subject: Pixels, mask: NDArray[np.bool_]) -> float:
    """Mean difference outside of where the picture was to change, 0 to 255."""
    one, two = pair(result, subject)
    region = F.interpolate(torch.from_numpy(mask)[None, None].float(), one.shape[2:], mode="area")
    return change_outside(one, two, (region > 0).float())


@metric("diversity", "Outputs differ", better="higher", needs=("result", "further"), net=TRUNK)
def outputs_differ(result: Pixels, further: Sequence[Pixels], trunk: FeatureNet) -> float:
    """Mean perceptual distance (VGG-16 on edges) between the outputs that one input got; it is not LPIPS."""
    return diversity([result, *further], trunk)


def _plain(name: str) -> str:
    """A part's name as palettes write it, whose “eye” is the white of it."""
    return "eye white" if name == "eye" else name.replace("_", " ")


def wanted_parts(labels: Parts, judges: Judges) -> NDArray[np.int64] | None:
    """Painted parts as the judges number them, at the size of their map, squared by repeating rims; None for others."""
    names = [_plain(name) for name in judges.config.parts]
    painted = [_plain(name) for name in labels.names]
    if not set(painted) <= set(names):
        return None
    numbers = np.array([names.index(name) for name in painted])[labels.indices]
    height, width = numbers.shape
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    square = np.pad(numbers, ((top, side - height - top), (left, side - width - left)), mode="edge")
    hot = F.one_hot(torch.from_numpy(square), len(names)).permute(2, 0, 1)[None].float()
    small: NDArray[np.int64] = F.interpolate(hot, (judges.config.size // 2,) * 2, mode="area").argmax(1)[0].numpy()
    return small


def seen_parts(picture: Pixels, judges: Judges) -> NDArray[np.int64]:
    """Part numbers of a picture, in a square that repeats its rims."""
    with torch.no_grad():
        found: NDArray[np.int64] = read(judges, rgb(picture) * 2 - 1).parts.argmax(1)[0].numpy()
    return found
