"""What a convolution derives from its weights, kept between calls while the weights stay as they are."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nets.stylegan2.modconv import energy


def derive(weight: Tensor, up: bool) -> tuple[Tensor, Tensor]:
    """Weight [O, I, 3, 3] → what the convolution reads ([I, O, 3, 3] when `up`), and its energy [O, I]."""
    kernel = weight.transpose(0, 1).contiguous() if up else weight
    return kernel, energy(weight)


class Prepared:
    """`derive`, remembered for weights that take no gradient now.

    On a processor both results cost as much as a convolution of a small map. In-place changes are noticed by the
    tensor's version counter, and those that go round it (`.data`) by 64 of its values.
    """

    def __init__(self) -> None:
        self.kept: tuple[tuple[Any, ...], Tensor, tuple[Tensor, Tensor]] | None = None

    def __call__(self, weight: Tensor, up: bool) -> tuple[Tensor, Tensor]:
        """`derive(weight, up)`, from memory where that is safe."""
        differentiable = weight.requires_grad and torch.is_grad_enabled()
        if differentiable or not weight.is_leaf or weight.is_inference() or weight.device.type != "cpu":
            return derive(weight, up)
        key = (weight.data_ptr(), weight._version, weight.dtype, up)
        sample = weight.detach()[:: -(-weight.shape[0] // 8), :: -(-weight.shape[1] // 8), 1, 1]
        kept = self.kept
        if kept is None or kept[0] != key or not torch.equal(kept[1], sample):
            with torch.inference_mode(False), torch.no_grad():
                kept = self.kept = key, sample.clone(), derive(weight.detach(), up)
        return kept[2]

    def __deepcopy__(self, memo: dict[int, Any]) -> Prepared:
        return Prepared()  # a copied network has weights of its own

    def __reduce__(self) -> tuple[type[Prepared], tuple[()]]:
        return Prepared, ()
