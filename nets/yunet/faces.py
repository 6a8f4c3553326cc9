"""Faces out of what YuNet says of every cell: boxes and points decoded, and of those that mean one face the surest."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.yunet.network import HEADS, STRIDES, YuNet

SIZES = (640, 288)
"""Longer sides at which a picture is looked at: trained on small faces, the network misses those that fill it.

What the first look found counts, as its points are finer.
"""

OVERLAP = 0.3  # of two boxes (intersection over union), from which they mean one face; OpenCV's default


class Detection(NamedTuple):
    """A face: box [4] (left, top, right, bottom), points [5, 2] (eye, eye, nose, mouth corner, corner), score 0..1.

    In pixels of the picture, x right, y down, (0, 0) the centre of the first pixel.
    """

    box: Tensor
    points: Tensor
    score: float


@torch.no_grad()
def detect(net: YuNet, picture: Tensor, least: float = 0.6) -> list[Detection]:
    """Faces in a picture [3, H, W] in -1..1, the surest first.

    least: score below which nothing is listed.

    Raises:
        ValueError: something else than a colour picture.
    """
    if picture.ndim != 3 or picture.shape[0] != 3 or not picture.numel():
        raise ValueError(f"picture: expected [3, H, W], got {list(picture.shape)}")
    longer, found = max(picture.shape[1:]), list[Detection]()
    for size in SIZES:
        found = _apart(found, _looked(net, picture, min(1.0, size / longer), least))
        if longer <= SIZES[-1]:
            break
    return sorted(found, key=lambda face: -face.score)


def _looked(net: YuNet, picture: Tensor, scale: float, least: float) -> list[Detection]:
    """Faces as they are found at one scale, in pixels of the picture itself."""
    small = picture[None].float()
    if scale < 1:
        sides = [max(1, round(side * scale)) for side in picture.shape[1:]]
        small = F.interpolate(small, sides, mode="bilinear", antialias=True, align_corners=False)
    height, width = small.shape[2:]
    rim = (0, -width % 32, 0, -height % 32)
    padded = F.pad((small.flip(1) + 1) * 127.5, rim)  # black at the right and below, as OpenCV adds it
    maps = net(padded.to(next(net.buffers()).device))
    ratio = torch.tensor([picture.shape[2] / width, picture.shape[1] / height])
    return [
        Detection((box.view(2, 2) * ratio).flatten(), (points + 0.5) * ratio - 0.5, score)
        for stride in STRIDES
        for box, points, score in _decoded({head: maps[f"{head}_{stride}"][0].cpu() for head in HEADS}, stride, least)
    ]


def _decoded(maps: dict[str, Tensor], stride: int, least: float) -> list[tuple[Tensor, Tensor, float]]:
    """Box, points and score of every cell that is sure enough, in pixels of the picture that was looked at."""
    scores = (maps["cls"][0].clamp(0, 1) * maps["obj"][0].clamp(0, 1)).sqrt()
    rows, columns = (scores >= least).nonzero(as_tuple=True)
    cells = torch.stack([columns, rows], 1).float()
    boxes, points = maps["bbox"][:, rows, columns].T, maps["kps"][:, rows, columns].T.unflatten(1, (5, 2))
    middle, half = (cells + boxes[:, :2]) * stride, boxes[:, 2:].clamp(max=10).exp() * stride / 2
    corners = torch.cat([middle - half, middle + half], 1)
    return list(zip(corners, (cells[:, None] + points) * stride, scores[rows, columns].tolist(), strict=True))


def _apart(known: list[Detection], seen: list[Detection]) -> list[Detection]:
    """Non-maximum suppression: what is known already, and of further boxes that mean one face the surest."""
    kept = list(known)
    for each in sorted(seen, key=lambda face: -face.score):
        if math.isfinite(float(each.points.sum())) and all(_overlap(each.box, other.box) < OVERLAP for other in kept):
            kept.append(each)
    return kept


def _overlap(one: Tensor, two: Tensor) -> float:
    shared = (torch.minimum(one[2:], two[2:]) - torch.maximum(one[:2], two[:2])).clamp(min=0).prod()
    both = (one[2:] - one[:2]).prod() + (two[2:] - two[:2]).prod() - shared
    return float(shared / both.clamp(min=1e-9))
