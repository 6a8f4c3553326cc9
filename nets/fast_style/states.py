"""Fast style networks from tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from nets.contents import Contents
from nets.fast_style.config import FastStyleConfig
from nets.fast_style.network import FastStyle
from nets.own_layout import restored, stored


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> FastStyle:
    """The network in `state`, frozen; metadata has `config`, the JSON of a `FastStyleConfig`. Raises as `restored`."""
    return restored(lambda text: FastStyle(FastStyleConfig.from_json(text)), "no fast style network", state, metadata)


def to_state(net: FastStyle) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> FastStyle:
    """The network in a file that has been read. Raises ValueError when it holds none."""
    return from_state(contents.tensors.get("", {}), contents.plain)
