"""Finding faces with MTCNN: a pyramid of the picture, then closer and closer looks (section II of the paper)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.mtcnn.network import Closer, Mtcnn

CELL, STEP = 12, 2  # pixels that a cell of the proposal network sees, and between two cells
SHRINK = 0.709  # from one level of the pyramid to the next: half the area
LEAST = 20  # pixels of the smallest face that is looked for
SHARE = 48  # and its share of the longer side: the pyramid stays as small for a photograph of any size
SURE = (0.6, 0.7, 0.7)
"""Faceness from which each of the three networks lets a candidate pass."""
MOST = 300  # candidates that the second network sees, the surest
LONGEST = 1024
"""Pixels of the longer side at which a picture is looked at: more cost time and memory, and find nothing else."""
TILT = 30.0
"""Degrees by which a picture without an upright face is turned to both sides for another look."""


class Detection(NamedTuple):
    """A face: box [4] (left, top, right, bottom), points [5, 2] (eye, eye, nose, mouth corner, corner), score 0..1.

    In pixels of the picture, x right, y down, (0, 0) the centre of the first pixel.
    """

    box: Tensor
    points: Tensor
    score: float


@torch.no_grad()
def detect(net: Mtcnn, picture: Tensor) -> list[Detection]:
    """Faces in a picture [3, H, W] in -1..1, the surest first. Where none stands upright, tilted ones are looked for.

    Raises:
        ValueError: something else than a colour picture.
    """
    if picture.ndim != 3 or picture.shape[0] != 3 or not picture.numel():
        raise ValueError(f"picture: expected [3, H, W], got {list(picture.shape)}")
    height, width = picture.shape[1:]
    shrink = max(1.0, max(height, width) / LONGEST)
    small = max(1, round(height / shrink)), max(1, round(width / shrink))
    picture = F.interpolate(picture[None].float(), small, mode="area")[0].to(next(net.parameters()).device)
    found = _upright(net, picture)
    if not found:
        found = _apart([face for degrees in (-TILT, TILT) for face in _tilted(net, picture, degrees)])
    ratio = torch.tensor([width / small[1], height / small[0]])
    return [
        Detection((box.view(2, 2) + 0.5).mul(ratio).sub(0.5).flatten(), (points + 0.5) * ratio - 0.5, score)
        for box, points, score in sorted(found, key=lambda face: -face.score)
    ]


def _upright(net: Mtcnn, picture: Tensor) -> list[Detection]:
    boxes, scores = _proposed(net, picture)
    kept = suppressed(boxes, scores, 0.7)[:MOST]
    boxes = _square(boxes[kept])
    boxes, scores, _ = _looked(net.closer, picture, boxes, 24, SURE[1])
    boxes = _square(boxes[suppressed(boxes, scores, 0.7)])
    boxes, scores, points = _looked(net.closest, picture, boxes, 48, SURE[2])
    kept = suppressed(boxes, scores, 0.6, of_smaller=True)
    found = [_settled(net.closest, picture, boxes[at], points[at], scores[at]) for at in kept.tolist()]
    return [face for face in found if face.score > SURE[2]]


def _settled(net: Closer, picture: Tensor, box: Tensor, points: Tensor, score: Tensor) -> Detection:
    """A face after two looks more, one of them at its mirror image: errors of a network are its own at every look."""
    square = _square(box[None]).round()[0]
    corner, size = square[:2], square[2:] - square[:2]
    cut = _cut(picture, square.long().tolist(), 48)
    face, _, marks = net(torch.cat([cut, cut.flip(3)]))
    assert marks is not None  # it is the network that has them
    plain, mirrored = marks.view(2, 2, 5).transpose(1, 2)
    mirrored = torch.stack([1 - mirrored[:, 0], mirrored[:, 1]], 1)[[1, 0, 2, 4, 3]]
    looks = torch.stack([points, corner + plain * size, corner + mirrored * size])
    sure = float(torch.cat([score[None], face]).mean())
    return Detection(box.cpu() - 0.5, looks.mean(0).cpu() - 0.5, sure)


def _proposed(net: Mtcnn, picture: Tensor) -> tuple[Tensor, Tensor]:
    """Boxes [n, 4] in pixel edges, and their faceness [n], of all levels of the pyramid."""
    height, width = picture.shape[1:]
    least = max(LEAST, max(height, width) / SHARE)
    scale, boxes, scores = CELL / least, [picture.new_zeros(0, 4)], [picture.new_zeros(0)]
    while min(height, width) * scale >= CELL:
        size = math.ceil(height * scale), math.ceil(width * scale)
        level = picture[None] if scale >= 1 else F.interpolate(picture[None], size, mode="area")
        face, offset = net.proposal(level)
        rows, columns = (face[0] >= SURE[0]).nonzero(as_tuple=True)
        ratio = picture.new_tensor([width / level.shape[3], height / level.shape[2]]).repeat(2)
        corner = torch.stack([columns, rows], 1) * STEP
        box = torch.cat([corner, corner + CELL], 1) * ratio
        sure = face[0, rows, columns]
        box = _moved(box, offset[0, :, rows, columns].T)
        kept = suppressed(box, sure, 0.5)[:MOST]
        boxes.append(box[kept])
        scores.append(sure[kept])
        scale *= SHRINK
    return torch.cat(boxes), torch.cat(scores)


def _looked(net: Closer, picture: Tensor, boxes: Tensor, side: int, sure: float) -> tuple[Tensor, Tensor, Tensor]:
    """What a network says of candidates: better boxes, faceness, and points [n, 5, 2], of those that it lets pass."""
    if not len(boxes):
        return boxes, boxes[:, 0], boxes.new_zeros(0, 5, 2)
    crops = torch.cat([_cut(picture, box, side) for box in boxes.round().long().tolist()])
    whole = boxes.round()
    face, offset, marks = net(crops)
    passed = face > sure
    whole, size = whole[passed], (whole[passed, 2:] - whole[passed, :2])[:, None]
    points = whole.new_zeros(len(whole), 5, 2)
    if marks is not None:
        points = whole[:, None, :2] + marks[passed].view(-1, 2, 5).transpose(1, 2) * size
    return _moved(whole, offset[passed]), face[passed], points


def _cut(picture: Tensor, box: list[int], side: int) -> Tensor:
    """A box as [1, 3, side, side]; beyond the picture there is black, as the networks were trained."""
    left, top, right, bottom = box
    height, width = picture.shape[1:]
    part = picture[None, :, max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    rim = max(0, -left), max(0, right - width), max(0, -top), max(0, bottom - height)
    part = F.pad(part, rim, value=-1.0) if any(rim) and part.numel() else part
    return F.interpolate(part, (side, side), mode="area") if part.numel() else picture.new_full((1, 3, side, side), -1)


def _moved(boxes: Tensor, offset: Tensor) -> Tensor:
    size = boxes[:, 2:] - boxes[:, :2]
    return boxes + offset * size.repeat(1, 2)


def _square(boxes: Tensor) -> Tensor:
    """Boxes grown to squares about their middle, of at least a few pixels."""
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]).amax(1, keepdim=True) / 2
    half = half.clamp(min=2)
    return torch.cat([middle - half, middle + half], 1)


def suppressed(boxes: Tensor, scores: Tensor, overlap: float, *, of_smaller: bool = False) -> Tensor:
    """Non-maximum suppression: indices of boxes [n, 4] that overlap no surer one more than that, the surest first.

    Overlap is intersection over union, or `of_smaller` over the area of the smaller box.
    """
    order = scores.argsort(descending=True, stable=True)
    sorted_boxes = boxes[order]
    shared = (
        torch.minimum(sorted_boxes[:, None, 2:], sorted_boxes[None, :, 2:])
        - torch.maximum(sorted_boxes[:, None, :2], sorted_boxes[None, :, :2])
    ).clamp(min=0)
    area, shared = (sorted_boxes[:, 2:] - sorted_boxes[:, :2]).clamp(min=0).prod(1), shared.prod(2)
    least = torch.minimum(area[:, None], area[None])
    whole = least if of_smaller else area[:, None] + area[None] - shared
    close = (shared / whole.clamp(min=1e-9) > overlap).cpu()
    kept: list[int] = []
    free = torch.ones(len(order), dtype=torch.bool)
    for at in range(len(order)):
        if free[at]:
            kept.append(at)
            free &= ~close[at]
    return order[torch.tensor(kept, dtype=torch.long, device=order.device)]


def _tilted(net: Mtcnn, picture: Tensor, degrees: float) -> list[Detection]:
    """Faces of the picture turned about its middle, in pixels of the picture as it is."""
    height, width = picture.shape[1:]
    radians, side = math.radians(degrees), math.ceil(math.hypot(height, width))
    turn = torch.tensor([[math.cos(radians), -math.sin(radians)], [math.sin(radians), math.cos(radians)]])
    at = torch.arange(side, dtype=torch.float32) - (side - 1) / 2
    places = torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1) @ turn.T
    middle = torch.tensor([(width - 1) / 2, (height - 1) / 2])
    grid = 2 * (places + middle + 0.5) / torch.tensor([width, height]) - 1
    turned = F.grid_sample(picture[None], grid[None].to(picture), "bilinear", "zeros", align_corners=False)[0]
    found = []
    for box, points, score in _upright(net, turned):
        points = (points - (side - 1) / 2) @ turn.T + middle
        corners = torch.stack([box[:2], box[[2, 1]], box[2:], box[[0, 3]]])
        corners = (corners - (side - 1) / 2) @ turn.T + middle
        found.append(Detection(torch.cat([corners.amin(0), corners.amax(0)]), points, score))
    return found


def _apart(found: list[Detection]) -> list[Detection]:
    """Each face once, as the surest look saw it."""
    if not found:
        return []
    boxes, scores = torch.stack([face.box for face in found]), torch.tensor([face.score for face in found])
    return [found[at] for at in suppressed(boxes, scores, 0.3).tolist()]
