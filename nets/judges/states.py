"""Judges from tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nets.judges.config import JudgesConfig
from nets.judges.network import Judges
from nets.stylegan2.contents import Contents


@torch.inference_mode(False)  # a network loaded during inference must still take gradients later
def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Judges:
    """The judges in `state`, in evaluation mode, float32, frozen.

    metadata: has `config`, the JSON of a `JudgesConfig`.
    Raises ValueError when the config is missing or broken, or the tensors do not fit it.
    """
    if not isinstance(metadata.get("config"), str):
        raise ValueError("it has no config; these are no judges")
    net = Judges(JudgesConfig.from_json(metadata["config"]))
    own = net.state_dict()
    if own.keys() != state.keys():
        raise ValueError(f"tensors are missing or unknown: {sorted(own.keys() ^ state.keys())[:4]}")
    for name, value in state.items():
        if value.shape != own[name].shape:
            raise ValueError(f"{name} is {list(value.shape)}, expected {list(own[name].shape)}")
    net.load_state_dict({name: value.float() for name, value in state.items()})
    return net.to(memory_format=torch.channels_last).eval().requires_grad_(False)


def to_state(net: Judges) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    half = {name: value.detach().half().contiguous() for name, value in net.state_dict().items()}
    return half, {"config": net.config.to_json(), "layout": "facet"}


def from_contents(contents: Contents) -> Judges:
    """`from_state` for a file that has been read. Raises ValueError when it holds no judges."""
    return from_state(contents.tensors.get("", {}), contents.plain)
