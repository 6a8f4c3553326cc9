"""Facet's own network for twice the size: Real-ESRGAN's compact one, smaller, in Facet's layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from nets.contents import Contents
from nets.own_layout import restored, stored
from nets.translation.enlarging import Compact


@dataclass(frozen=True)
class CompactConfig:
    """Arguments of `Compact`. Raises ValueError for a size that is no whole number from 1 on."""

    scale: int = 2
    width: int = 48
    layers: int = 10

    def __post_init__(self) -> None:
        if not all(isinstance(n, int) and n > 0 for n in asdict(self).values()):
            raise ValueError(f"a size of the network is no whole number from 1 on: {self}")

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> CompactConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.keys() != asdict(cls()).keys():
            raise ValueError(f"not a config of a network that enlarges: {text[:80]}")
        return cls(**facts)

    def build(self) -> Compact:
        """A fresh network."""
        return Compact(self.scale, self.width, self.layers)


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Compact:
    """The network in `state`, frozen; metadata has `config`. Raises as `nets.own_layout.restored`."""
    return restored(lambda text: CompactConfig.from_json(text).build(), "no network that enlarges", state, metadata)


def to_state(net: Compact, config: CompactConfig) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, config)


def from_contents(contents: Contents) -> Compact:
    """`from_state` for a file that has been read. Raises ValueError when it holds no such network."""
    return from_state(contents.tensors.get("", {}), contents.plain)
