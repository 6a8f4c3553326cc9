"""The published fast style networks (Johnson, Alahi and Fei-Fei 2016), one style each, from PyTorch's example.

Convolutions of 32, 64 and 128 channels, five residual blocks, enlargement by repeating values, instance normalisation;
RGB in 0..255. Names are those of the example's ``TransformerNet``; an ONNX file of it names its weights so, or numbers
them in that order.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.contents import Contents
from nets.fast_style.network import padded
from nets.fast_style.normalisation import Statistics, normalised

DOWN = (("conv1", "in1", 3, 32, 9, 1), ("conv2", "in2", 32, 64, 3, 2), ("conv3", "in3", 64, 128, 3, 2))
BLOCKS = tuple(f"res{n}" for n in range(1, 6))
UP = (("deconv1", "in4", 128, 64), ("deconv2", "in5", 64, 32))


def _shapes() -> dict[str, tuple[int, ...]]:
    """Names and shapes of all weights, in the order in which they are numbered."""
    found: dict[str, tuple[int, ...]] = {}

    def layer(conv: str, norm: str, inputs: int, outputs: int, size: int) -> None:
        found[f"{conv}.conv2d.weight"] = (outputs, inputs, size, size)
        found[f"{conv}.conv2d.bias"] = (outputs,)
        if norm:
            found[f"{norm}.weight"] = found[f"{norm}.bias"] = (outputs,)

    for conv, norm, inputs, outputs, size, _ in DOWN:
        layer(conv, norm, inputs, outputs, size)
    for block in BLOCKS:
        for n in "12":
            layer(f"{block}.conv{n}", f"{block}.in{n}", 128, 128, 3)
    for conv, norm, inputs, outputs in UP:
        layer(conv, norm, inputs, outputs, 3)
    layer("deconv3", "", 32, 3, 9)
    return found


SHAPES = _shapes()


class PublishedFastStyle(nn.Module):
    """Pictures [N, 3, h, w] in -1..1 → pictures in about -1..1, in the one style it has."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterDict({name.replace(".", "_"): torch.zeros(size) for name, size in SHAPES.items()})

    def forward(self, pictures: Tensor, statistics: Statistics | None = None) -> Tensor:
        """The pictures, of any size, in that style; `statistics` as for `FastStyle`."""
        height, width = pictures.shape[2:]
        seen = statistics if statistics is not None else Statistics()
        x = F.pad((pictures + 1) * 127.5, (0, -width % 4, 0, -height % 4), mode="replicate")
        for conv, norm, _, _, _, stride in DOWN:
            x = F.relu(self._layer(x, conv, norm, seen, stride))
        for block in BLOCKS:
            inner = F.relu(self._layer(x, f"{block}.conv1", f"{block}.in1", seen))
            x = x + self._layer(inner, f"{block}.conv2", f"{block}.in2", seen)
        for conv, norm, _, _ in UP:
            x = F.relu(self._layer(F.interpolate(x, scale_factor=2.0, mode="nearest"), conv, norm, seen))
        made = self._conv(x, "deconv3")
        return (made / 127.5 - 1)[:, :, :height, :width]

    def _of(self, name: str) -> Tensor:
        return self.weights[name.replace(".", "_")]

    def _conv(self, x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = self._of(f"{name}.conv2d.weight")
        return F.conv2d(padded(x, weight.shape[-1] // 2), weight, self._of(f"{name}.conv2d.bias"), stride)

    def _layer(self, x: Tensor, conv: str, norm: str, seen: Statistics, stride: int = 1) -> Tensor:
        scale, shift = self._of(f"{norm}.weight")[None], self._of(f"{norm}.bias")[None]
        return normalised(self._conv(x, conv, stride), scale, shift, seen, eps=1e-5)


@torch.inference_mode(False)
def published_from_contents(contents: Contents) -> PublishedFastStyle:
    """The network in an ONNX file, or in PyTorch's own. Raises ValueError for another one."""
    state = {name: value for name, value in contents.tensors.get("", {}).items() if value.is_floating_point()}
    if not SHAPES.keys() <= state.keys():
        numbered = sorted((name for name in state if name.isdigit() and _is_weight(state[name])), key=int)
        state = {name: state[number] for name, number in zip(SHAPES, numbered, strict=False)}
    net = PublishedFastStyle()
    for name, size in SHAPES.items():
        if name not in state or tuple(state[name].shape) != size:
            raise ValueError(
                f"it is no fast style network of PyTorch's example: {name} is missing or has another shape"
            )
        net.weights[name.replace(".", "_")].data.copy_(state[name].float())
    return net.eval().requires_grad_(False)


def _is_weight(tensor: Tensor) -> bool:
    """Whether a numbered tensor is a weight, and not a constant of an enlargement, which has four numbers or fewer."""
    return tensor.numel() > 4 or tuple(tensor.shape) == SHAPES["deconv3.conv2d.bias"]
