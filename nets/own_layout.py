"""Networks in Facet's own layout: tensors by the module's own names, and beside them the JSON of its config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)


class Config(Protocol):
    """Sizes of a network, as its weights file keeps them."""

    def to_json(self) -> str:
        """One line of JSON."""


@torch.inference_mode(False)  # a network loaded during inference must still take gradients later
def restored(build: Callable[[str], Net], kind: str, state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Net:
    """The network with the tensors in `state`, in evaluation mode, float32, frozen, channels last.

    Args:
        build: makes it of its config's JSON; a config that it does not understand is its ValueError.
        kind: what it should be, for the sentence, e.g. ``"no encoder"``.
        state: tensors by name.
        metadata: has `config`.

    Raises:
        ValueError: the config is missing or broken, or the tensors do not fit it.
    """
    if not isinstance(metadata.get("config"), str):
        raise ValueError(f"it has no config; this is {kind}")
    net = build(metadata["config"])
    own = net.state_dict()
    if own.keys() != state.keys():
        raise ValueError(f"tensors are missing or unknown: {sorted(own.keys() ^ state.keys())[:4]}")
    for name, value in state.items():
        if value.shape != own[name].shape:
            raise ValueError(f"{name} is {list(value.shape)}, expected {list(own[name].shape)}")
    net.load_state_dict({name: value.float() for name, value in state.items()})
    return net.to(memory_format=torch.channels_last).eval().requires_grad_(False)


def stored(net: nn.Module, config: Config) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    half = {name: value.detach().half().contiguous() for name, value in net.state_dict().items()}
    return half, {"config": config.to_json(), "layout": "facet"}
