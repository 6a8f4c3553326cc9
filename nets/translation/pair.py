"""Ways between two worlds, one or both: a ResNet generator for each, in one file."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor, nn

from nets.own_layout import JsonConfig, OwnLayout
from nets.translation.anysize import Way, passed
from nets.translation.resnet import Resnet, ResnetConfig


@dataclass(frozen=True)
class PairConfig(JsonConfig):
    """The names of the ways, how they were trained, and the sizes of their networks.

    Attributes:
        ways: e.g. ``("to_ink", "to_portrait")``; a pair may have lost one.
        methods: of training, one for each way.
        net: of every way.
    """

    about = "a pair of ways"

    ways: tuple[str, ...]
    methods: tuple[str, ...]
    net: ResnetConfig = field(default_factory=ResnetConfig)

    @classmethod
    def from_json(cls, text: str) -> PairConfig:
        """The config in JSON. Raises ValueError for anything else."""
        try:
            facts = cls.facts(text)
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


_LAYOUT = OwnLayout(lambda text: Pair(PairConfig.from_json(text)), "no pair of ways")
from_state, to_state, from_contents = _LAYOUT.from_state, _LAYOUT.to_state, _LAYOUT.from_contents
