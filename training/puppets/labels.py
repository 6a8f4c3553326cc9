"""Exact labels of a rendered frame: attributes, identity code, landmarks, instances, edges; grey and night versions."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from training.puppets.camera import Frame, Renderer
from training.puppets.landmarks import landmarks, visibility
from training.puppets.paint import PART
from training.puppets.parameters import IDENTITY, INDEX, with_control

PAIRED = tuple(PART[name] for name in ("eye", "iris", "brow", "ear", "earring"))
"""Parts of which a face has two; the instance map tells them apart."""


class Labels(NamedTuple):
    """What is known of a batch of frames of size s."""

    attributes: Tensor
    """All controls, [batch, len(NAMES)]."""
    identity: Tensor
    """The controls of shape alone, [batch, len(IDENTITY)]: equal for one face in any pose, mood or light."""
    landmarks: Tensor
    """Pixels, x right, y down, [batch, COUNT, 2]."""
    visible: Tensor
    """True where a landmark can be seen, [batch, COUNT]; a landmark may also lie outside the picture."""
    instances: Tensor
    """Part number · 2, plus 1 for the right one of a pair in the picture, uint8 [batch, s, s]."""
    edges: Tensor
    """1 on outlines of parts and where depth jumps, else 0, [batch, 1, s, s]."""


def instances(parts: Tensor, points: Tensor) -> Tensor:
    """Instance map of part numbers [batch, s, s], split by the face's own midline through bridge and nose tip."""
    size = parts.shape[-1]
    grid = torch.arange(size, device=parts.device) + 0.5
    top, tip = points[:, 27, None, None], points[:, 33, None, None]
    along, offset_x = tip - top, grid[None, None] - top[..., 0]
    right = along[..., 1] * offset_x - along[..., 0] * (grid[None, :, None] - top[..., 1]) > 0
    paired = torch.isin(parts, torch.tensor(PAIRED, dtype=parts.dtype, device=parts.device))
    return parts * 2 + (right & paired).to(parts.dtype)


def edges(parts: Tensor, depth: Tensor, jump: float = 0.12) -> Tensor:
    """Outlines one to two pixels wide, [batch, 1, s, s], of part numbers and depth [batch, s, s]."""
    numbers = parts.float()[:, None]
    spread = functional.max_pool2d(numbers, 2, 1) + functional.max_pool2d(-numbers, 2, 1)
    far = torch.where(depth > 0, depth, torch.full_like(depth, 20.0))[:, None]
    step = functional.max_pool2d(far, 2, 1) + functional.max_pool2d(-far, 2, 1)
    return functional.pad(((spread > 0) | (step > jump)).float(), (0, 1, 0, 1))


def label(params: Tensor, frame: Frame) -> Labels:
    """The labels of controls [batch, len(NAMES)] and the frame they gave."""
    size = frame.rgb.shape[-1]
    points = landmarks(params, size)
    shape = params[:, [INDEX[name] for name in IDENTITY]]
    outline = edges(frame.parts, frame.depth)
    split = instances(frame.parts, points.to(frame.parts.device))
    return Labels(params, shape, points, visibility(params), split, outline)


def grey(rgb: Tensor) -> Tensor:
    """Luma of pictures [batch, 3, s, s] by ITU-R BT.601, on three equal channels."""
    weights = torch.tensor([0.299, 0.587, 0.114], device=rgb.device).view(1, 3, 1, 1)
    return (rgb * weights).sum(1, keepdim=True).expand_as(rgb)


def night(renderer: Renderer, params: Tensor, size: int) -> Frame:
    """The same puppets by moonlight and a lamp."""
    return renderer(with_control(params, "night", 1.0), size)
