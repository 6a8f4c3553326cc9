"""Grows a trained generator wider without changing what it draws."""

from __future__ import annotations

import torch
from torch import nn

RGB = "rgb.weight"
"""Layers whose gain is 1 / sqrt(inputs) and that no demodulation makes up for."""


def widen(narrow: nn.Module, wide: nn.Module) -> None:
    """Copies ``narrow`` into ``wide``, the same kind of network with at least as many channels everywhere.

    New channels keep the random weights that make them, and no old one reads them yet: there the weights are zero, so
    that also the demodulation stays as it was. Raises ValueError for a tensor that would shrink.
    """
    target = dict(wide.state_dict())
    for name, value in narrow.state_dict().items():
        place = target[name]
        if any(a < b for a, b in zip(place.shape, value.shape, strict=True)):
            raise ValueError(f"{name}: {list(place.shape)} cannot hold {list(value.shape)}")
        with torch.no_grad():
            if value.ndim == 4:  # convolutions [outputs, inputs, k, k]
                place[: value.shape[0], value.shape[1] :] = 0
            gain = (place.shape[1] / value.shape[1]) ** 0.5 if name.endswith(RGB) else 1.0
            place[tuple(slice(n) for n in value.shape)] = value * gain
