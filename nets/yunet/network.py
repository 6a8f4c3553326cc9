"""YuNet, a small face detector, read from its ONNX file and run by torch.

Wu, Peng and Yu 2023, "YuNet: A Tiny Millisecond-level Face Detector" (network: section 3; anchor-free decoding of
boxes and landmarks: section 3.3). The file says which convolution follows which, with its strides and paddings, so
neither OpenCV nor onnxruntime is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.contents import Contents

STRIDES = (8, 16, 32)
HEADS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
"""Channels of what is said of every cell: face or not, how well its box fits, box, five points."""

_LARGEST = 8  # kernel and stride that are followed; a YuNet has 3 and 2
_PASSED = {"Transpose", "Reshape"}  # they only lay out what the heads say for another decoder
_KNOWN = {"Conv", "Relu", "MaxPool", "Resize", "Upsample", "Add", "Sigmoid"} | _PASSED


class Window(NamedTuple):
    """How a convolution or a pooling goes over a map: rows, then columns."""

    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    groups: int = 1


class _Node(NamedTuple):
    op: str
    inputs: list[str]
    output: str
    window: Window


class YuNet(nn.Module):
    """Pictures [N, 3, H, W] in 0..255, blue first, sides multiples of 32 → maps by name, e.g. ``kps_16``.

    Args:
        nodes: the graph in order; each has `op`, `inputs`, `outputs` and `attributes`.
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
        for op, inputs, output, window in self.nodes:
            x = found[inputs[0]] if inputs[0] in found else found[""]  # only the picture comes from outside
            found[output] = self._step(op, x, inputs, window, found)
        return {name: found[name] for name in self.wanted}

    def _step(self, op: str, x: Tensor, inputs: list[str], window: Window, found: dict[str, Tensor]) -> Tensor:
        if op == "Conv":
            weight, *bias = (getattr(self, self._at[name]) for name in inputs[1:3])
            return F.conv2d(x, weight, bias[0] if bias else None, window.stride, window.padding, groups=window.groups)
        if op == "Add":
            return x + found[inputs[1]]
        if op in ("Resize", "Upsample"):
            return F.interpolate(x, scale_factor=2.0, mode="nearest")
        if op == "MaxPool":
            return F.max_pool2d(x, window.kernel, window.stride, window.padding)
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
        found.append(_Node(op, inputs, outputs[0], _window(op, outputs[0], node.get("attributes", {}))))
    made = {node.output for node in found}
    if lost := [name for name in wanted if name not in made]:
        raise ValueError(f"it is no YuNet: it does not give {lost[0]}")
    if len(needed) != 1:
        raise ValueError(f"it is no YuNet: it starts from {len(needed)} things instead of a picture")
    return found[::-1]


def _window(op: str, output: str, attributes: Mapping[str, Any]) -> Window:
    """What a node's attributes say, with the defaults of ONNX. Raises ValueError for what no YuNet has."""
    if op not in ("Conv", "MaxPool"):
        return Window()
    kernel, stride = attributes.get("kernel_shape", [1, 1]), attributes.get("strides", [1, 1])
    pads, dilations = attributes.get("pads", [0, 0, 0, 0]), attributes.get("dilations", [1, 1])
    groups = attributes.get("group", 1)
    plain = attributes.get("auto_pad", "NOTSET") == "NOTSET" and not attributes.get("ceil_mode", 0)
    fits = (
        _all_within(kernel, 2, 1, _LARGEST)
        and _all_within(stride, 2, 1, _LARGEST)
        and _all_within(pads, 4, 0, max(kernel) // 2)
        and pads[:2] == pads[2:]
        and dilations == [1, 1]
        and isinstance(groups, int)
        and groups > 0
    )
    if not (plain and fits):
        raise ValueError(f"it is no YuNet: it computes {output} by {op} with {str(dict(attributes))[:120]}")
    return Window(tuple(kernel), tuple(stride), tuple(pads[:2]), groups)


def _all_within(numbers: Any, count: int, least: int, most: int) -> bool:
    whole = isinstance(numbers, list) and len(numbers) == count and all(isinstance(each, int) for each in numbers)
    return whole and all(least <= each <= most for each in numbers)


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
