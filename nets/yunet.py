"""YuNet, a small face detector, read from its ONNX file and run by torch.

Wu, Peng and Yu 2023, "YuNet: A Tiny Millisecond-level Face Detector" (network: section 3; anchor-free decoding of
boxes and landmarks: section 3.3). The file says which convolution follows which; strides and paddings are the same in
every YuNet, so they stand here, and neither OpenCV nor onnxruntime is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.stylegan2.contents import Contents

STRIDES = (8, 16, 32)
HEADS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
"""Channels of what is said of every cell: face or not, how well its box fits, box, five points."""

SIZES = (640, 288)
"""Longer sides at which a picture is looked at: trained on small faces, the network misses those that fill it.

What the first look found counts, as its points are finer.
"""

OVERLAP = 0.3  # of two boxes (intersection over union), from which they mean one face; OpenCV's default
_PASSED = {"Transpose", "Reshape"}  # they only lay out what the heads say for another decoder
_KNOWN = {"Conv", "Relu", "MaxPool", "Resize", "Upsample", "Add", "Sigmoid"} | _PASSED


class Detection(NamedTuple):
    """A face: box [4] (left, top, right, bottom), points [5, 2] (eye, eye, nose, mouth corner, corner), score 0..1.

    In pixels of the picture, x right, y down, (0, 0) the centre of the first pixel.
    """

    box: Tensor
    points: Tensor
    score: float


class _Node(NamedTuple):
    op: str
    inputs: list[str]
    output: str


class YuNet(nn.Module):
    """Pictures [N, 3, H, W] in 0..255, blue first, sides multiples of 32 → maps by name, e.g. ``kps_16``.

    Args:
        nodes: the graph in order; each has `op`, `inputs` and `outputs`.
        tensors: weights by the names that the nodes use.

    Raises:
        ValueError: it is not the graph of a YuNet, or its weights do not fit.
    """

    def __init__(self, nodes: Sequence[Mapping[str, Any]], tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.wanted = [f"{head}_{stride}" for head in HEADS for stride in STRIDES]
        self.nodes = _needed(nodes, self.wanted)
        names = [name for node in self.nodes if node.op == "Conv" for name in node.inputs[1:3]]
        if missing := sorted(set(names) - tensors.keys()):
            raise ValueError(f"it lacks the weights {', '.join(missing[:4])}")
        self._at = {name: f"weight_{number}" for number, name in enumerate(dict.fromkeys(names))}
        for name, attribute in self._at.items():
            self.register_buffer(attribute, tensors[name].float())

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """What the heads say, [N, channels, H / stride, W / stride] each; scores are probabilities."""
        found = {"": pictures}
        for op, inputs, output in self.nodes:
            x = found[inputs[0]] if inputs[0] in found else found[""]  # only the picture comes from outside
            found[output] = self._step(op, x, inputs, found)
        return {name: found[name] for name in self.wanted}

    def _step(self, op: str, x: Tensor, inputs: list[str], found: dict[str, Tensor]) -> Tensor:
        if op == "Conv":
            weight, *bias = (getattr(self, self._at[name]) for name in inputs[1:3])
            stride = 2 if weight.shape[1] == 3 else 1  # the first one alone halves; all others leave that to pooling
            groups = x.shape[1] // weight.shape[1]
            return F.conv2d(x, weight, bias[0] if bias else None, stride, weight.shape[-1] // 2, groups=groups)
        if op == "Add":
            return x + found[inputs[1]]
        if op in ("Resize", "Upsample"):
            return F.interpolate(x, scale_factor=2.0, mode="nearest")
        if op == "MaxPool":
            return F.max_pool2d(x, 2)
        return x.relu() if op == "Relu" else x.sigmoid() if op == "Sigmoid" else x


def _needed(nodes: Sequence[Mapping[str, Any]], wanted: list[str]) -> list[_Node]:
    """The nodes that the outputs come from, in order; shapes that other ones compute are not followed."""
    needed, found = set(wanted), []
    for node in reversed(nodes):
        op, inputs, outputs = node["op"], list(node["inputs"]), list(node["outputs"])
        if not outputs or outputs[0] not in needed:
            continue
        if op not in _KNOWN or not inputs or (op == "Conv" and len(inputs) < 2) or (op == "Add" and len(inputs) != 2):
            raise ValueError(f"it is no YuNet: it computes {outputs[0]} by {op}")
        needed.discard(outputs[0])
        needed.update(inputs if op == "Add" else inputs[:1])
        found.append(_Node(op, inputs, outputs[0]))
    made = {node.output for node in found}
    if lost := [name for name in wanted if name not in made]:
        raise ValueError(f"it is no YuNet: it does not give {lost[0]}")
    if len(needed) != 1:
        raise ValueError(f"it is no YuNet: it starts from {len(needed)} things instead of a picture")
    return found[::-1]


@torch.inference_mode(False)  # a network loaded during inference must still take gradients later
def from_contents(contents: Contents) -> YuNet:
    """The detector in a file that has been read. Raises ValueError when it holds another network."""
    nodes = contents.plain.get("nodes")
    if not isinstance(nodes, list):
        raise ValueError("it has no graph; YuNet comes as an ONNX file")
    net = YuNet(nodes, contents.tensors.get("", {})).eval().requires_grad_(False)
    try:
        found = net(torch.zeros(1, 3, 64, 64))
    except RuntimeError as error:
        raise ValueError(f"it is no YuNet: {str(error)[:120]}") from None
    for head, channels in HEADS.items():
        for stride in STRIDES:
            if found[f"{head}_{stride}"].shape != (1, channels, 64 // stride, 64 // stride):
                raise ValueError(f"it is no YuNet: {head}_{stride} is {list(found[f'{head}_{stride}'].shape)}")
    return net


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
