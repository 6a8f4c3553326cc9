"""Facet's own network for twice the size: Real-ESRGAN's compact one, smaller, in Facet's layout."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from torch import Tensor

from nets.own_layout import JsonConfig, OwnLayout, stored
from nets.translation.enlarging import Compact


@dataclass(frozen=True)
class CompactConfig(JsonConfig):
    """Arguments of `Compact`. Raises ValueError for a size that is no whole number from 1 on."""

    about = "a network that enlarges"

    scale: int = 2
    width: int = 48
    layers: int = 10

    def __post_init__(self) -> None:
        if not all(isinstance(n, int) and n > 0 for n in asdict(self).values()):
            raise ValueError(f"a size of the network is no whole number from 1 on: {self}")

    def build(self) -> Compact:
        """A fresh network."""
        return Compact(self.scale, self.width, self.layers)


_LAYOUT = OwnLayout(lambda text: CompactConfig.from_json(text).build(), "no network that enlarges")
from_state, from_contents = _LAYOUT.from_state, _LAYOUT.from_contents


def to_state(net: Compact, config: CompactConfig) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, config)
