"""Fast style networks from tensors, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nets.contents import Contents
from nets.fast_style.config import FastStyleConfig
from nets.fast_style.network import FastStyle
from nets.fast_style.paint import is_some, nothing
from nets.fast_style.rows import with_paint
from nets.own_layout import restored, stored


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> FastStyle:
    """The network in `state`, frozen.

    Args:
        state: tensors by name; `paint` has rows of the painted styles alone, and need not be there.
        metadata: `config`, the JSON of a `FastStyleConfig`, and `painted`, the JSON of the names of those styles.

    Raises:
        ValueError: as `restored`; or paint and the names of its styles do not fit each other.
    """

    def build(text: str) -> FastStyle:
        return FastStyle(FastStyleConfig.from_json(text))

    if not isinstance(metadata.get("config"), str):
        return restored(build, "no fast style network", state, metadata)
    net, tensors = build(metadata["config"]), dict(state)
    styles = net.config.styles
    if not all(value.ndim and len(value) == len(styles) for name, value in state.items() if name != "paint"):
        return restored(build, "no fast style network", state, metadata)
    if "paint" not in tensors:
        by_style = [with_paint({name: value[n] for name, value in state.items()}, net) for n in range(len(styles))]
        tensors = {name: torch.stack([rows[name] for rows in by_style]) for name in by_style[0]}
        return restored(build, "no fast style network", tensors, metadata)
    painted, paint = json.loads(metadata.get("painted", "[]")), nothing(len(styles))
    if tensors["paint"].shape != (len(painted), paint.shape[1]) or not set(painted) <= set(styles):
        raise ValueError(f"its paint is not that of {painted}; this is no fast style network")
    for name, row in zip(painted, tensors["paint"], strict=True):
        paint[styles.index(name)] = row
    return restored(build, "no fast style network", tensors | {"paint": paint}, metadata)


def to_state(net: FastStyle) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, paint in bytes and of the painted styles only, and the metadata beside them."""
    tensors, metadata = stored(net, net.config)
    painted = [n for n, row in enumerate(net.paint) if is_some(row)]
    tensors["paint"] = net.paint.detach()[painted].contiguous()
    return tensors, metadata | {"painted": json.dumps([net.config.styles[n] for n in painted])}


def from_contents(contents: Contents) -> FastStyle:
    """The network in a file that has been read. Raises ValueError when it holds none."""
    return from_state(contents.tensors.get("", {}), contents.plain)
