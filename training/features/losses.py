"""What the feature network is trained for: both stages of `training.features.train`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nets.features import adain, mean_std
from nets.features.config import DECODED
from nets.gabor import OPPONENT
from training.features.heads import Learner
from training.generator.losses import pyramid
from training.judges.data import Batch
from training.judges.train import heat_loss
from training.puppets.paint import PARTS

SHALLOW = (0.15, 0.3, 0.55)
"""How often relu1_1, relu2_1 and relu3_1 are the tap that is decoded besides relu4_1: the deeper, the harder."""


class Mixture(NamedTuple):
    """Pictures of all kinds [n, 3, s, s]: first `faces`, which have labels, then `paintings`, then others."""

    pictures: Tensor
    faces: Batch
    families: Tensor


def roughened(tap: Tensor, noise: float) -> Tensor:
    """A tap with noise in proportion to each channel's deviation.

    What a decoder is to read must be well above it: nothing can be hidden in faint channels, or in digits that an
    exchange of statistics would wipe out.
    """
    spread = noise * math.sqrt(12) * tap.detach().float().std((0, 2, 3), keepdim=True).to(tap)
    return tap + spread * (torch.rand_like(tap) - 0.5)  # normal noise takes six times as long to draw


def plain_loss(made: Tensor, wanted: Tensor) -> Tensor:
    """How far a reconstruction is off: values and gradients on three octaves, and hues once more, over 4 x 4 pixels.

    Between skin, hair and wood a network that confuses green with brown is seldom far off in RGB; eyes see it at once.
    """
    hue = torch.einsum("ij,njhw->nihw", OPPONENT[1:].to(wanted), F.avg_pool2d(made.float() - wanted, 4))
    return pyramid(made.float(), wanted, torch.ones_like(wanted[:, :1]), 3) + 3 * hue.abs().mean()


def face_losses(net: Learner, taps: list[Tensor], b: Batch) -> dict[str, Tensor]:
    """Landmarks, parts and controls of the first pictures."""
    count = len(b.pictures)
    found = net.heads.faces([tap[:count] for tap in taps])
    weight = torch.tensor([0.6 if name in ("background", "hair", "cloth", "skin") else 1.5 for name in PARTS])
    control = F.smooth_l1_loss(found.controls, b.controls, reduction="none") * b.relevance * b.posed[:, None]
    return {
        "heat": 0.1 * heat_loss(found.heat, b.points, math.isqrt(found.heat.shape[2])),
        "parts": 0.5 * F.cross_entropy(found.parts, b.parts, weight.to(taps[0].device)),
        "controls": 3 * control.sum() / (b.relevance * b.posed[:, None]).sum().clamp(min=1),
    }


def joint_losses(net: Learner, mix: Mixture, random: np.random.Generator, noise: float) -> dict[str, Tensor]:
    """Reconstruction from relu4_1 and one other tap, faces, and families of paintings."""
    taps, wanted = net.trunk(mix.pictures), mix.pictures
    faces, paintings = len(mix.faces.pictures), len(mix.families)
    found = {}
    for tap, rows in ((DECODED, slice(None)), (1 + int(random.choice(DECODED - 1, p=SHALLOW)), slice(None, None, 2))):
        level = roughened(taps[tap - 1][rows], noise) if tap > 1 else taps[0][rows]
        found[f"relu{tap}"] = plain_loss(net.decoders.plain[tap - 1](level, *wanted.shape[2:]), wanted[rows])
    told = net.heads.families([tap[faces : faces + paintings] for tap in taps])
    known = (mix.families >= 0).sum().clamp(min=1)
    family = F.cross_entropy(told, mix.families, reduction="sum") / known
    return found | face_losses(net, taps, mix.faces) | {"family": 0.15 * family}


def style_distance(made: list[Tensor], style: list[Tensor]) -> Tensor:
    """Differences of means and deviations at all taps (Huang and Belongie 2017, equation 13).

    Not squared where they are large: else the few channels with peaks would be all that is heard.
    """
    total = made[0].new_zeros(())
    for a, b in zip(made, style, strict=True):
        for x, y in zip(mean_std(a), mean_std(b), strict=True):
            total = total + F.smooth_l1_loss(x, y)
    return total


def styled_losses(
    net: Learner, content: Tensor, style: Tensor, random: np.random.Generator, weight: float
) -> dict[str, Tensor]:
    """The decoder of exchanged statistics, and further practice for the others; the trunk stays as it is.

    The first losses are equations 12 and 13 of Huang and Belongie 2017; with a content's own statistics the decoder is
    to give the content back (as in Park and Lee 2019, equation 8), which keeps edges where they belong.
    """
    height, width = content.shape[2:]
    with torch.no_grad():
        own, theirs = net.trunk(content, DECODED), net.trunk(style, DECODED)
        target = adain(own[-1].float(), theirs[-1].float())
    made = net.decoders.styled(target, height, width)
    seen = [tap.float() for tap in net.trunk(made.clamp(-1.2, 1.2), DECODED)]
    tap = 2 + int(random.choice(DECODED - 1, p=(0.25, 0.35, 0.4)))
    again = {n: net.decoders.plain[n - 1](own[n - 1], height, width) for n in (1, tap)}
    few = slice(0, max(1, len(content) // 4))
    back = net.decoders.styled(own[-1][few], height, width)
    return {
        "content": F.mse_loss(seen[-1], target) / target.var().clamp(min=1e-3),
        "style": weight * style_distance(seen, [tap.float() for tap in theirs]),
        "back": 2 * plain_loss(back, content[few]),
        **{f"relu{n}": plain_loss(picture, content) for n, picture in again.items()},
        "range": (made.float().abs() - 1).clamp(min=0).mean(),
    }
