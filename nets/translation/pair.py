"""Ways between two worlds, one or both: a ResNet generator for each, in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import Tensor, nn

from nets.contents import Contents
from nets.own_layout import restored, stored
from nets.translation.anysize import Way, passed
from nets.translation.resnet import Resnet, ResnetConfig


@dataclass(frozen=True)
class PairConfig:
    """The names of the ways, how they were trained, and the sizes of their networks.

    Attributes:
        ways: e.g. ``("to_ink", "to_portrait")``; a pair may have lost one.
        methods: of training, one for each way.
        net: of every way.
    """

    ways: tuple[str, ...]
    methods: tuple[str, ...]
    net: ResnetConfig = field(default_factory=ResnetConfig)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> PairConfig:
        """The config in JSON. Raises ValueError for anything else."""
        try:
            facts = json.loads(text)
            net = ResnetConfig(**facts["net"])
            return cls(tuple(map(str, facts["ways"])), tuple(map(str, facts["methods"])), net)
        except (TypeError, KeyError) as problem:
            raise ValueError(f"not a config of a pair of ways: {text[:80]}") from problem


class Pair(nn.Module):
    """Pictures [n, 3, h, w] in -1..1 of any size → those of the other world, of the same size."""

    def __init__(self, config: PairConfig) -> None:
        super().__init__()
        self.config = config
        self.ways = nn.ModuleDict({way: Resnet(config.net) for way in config.ways})

    def forward(self, pictures: Tensor, way: str) -> Tensor:
        """Raises KeyError for a way that there is not."""
        net = self.ways[way]
        return passed(Way(net, self.config.net.multiple), pictures)


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Pair:
    """The networks in `state`, frozen; metadata has `config`. Raises as `nets.own_layout.restored`."""
    return restored(lambda text: Pair(PairConfig.from_json(text)), "no pair of ways", state, metadata)


def to_state(net: Pair) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> Pair:
    """`from_state` for a file that has been read. Raises ValueError when it holds no pair."""
    return from_state(contents.tensors.get("", {}), contents.plain)
