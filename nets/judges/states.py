"""Judges from tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from nets.contents import Contents
from nets.judges.config import JudgesConfig
from nets.judges.network import Judges
from nets.own_layout import restored, stored


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Judges:
    """The judges in `state`, frozen; metadata has `config`, the JSON of a `JudgesConfig`. Raises as `restored`."""
    return restored(lambda text: Judges(JudgesConfig.from_json(text)), "no judges", state, metadata)


def to_state(net: Judges) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> Judges:
    """`from_state` for a file that has been read. Raises ValueError when it holds no judges."""
    return from_state(contents.tensors.get("", {}), contents.plain)
