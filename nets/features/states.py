"""Feature networks and decoders from tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from torch import Tensor

from nets.contents import Contents
from nets.features.config import FeaturesConfig
from nets.features.decoder import Decoders
from nets.features.network import FeatureNet
from nets.own_layout import restored, stored

Net = TypeVar("Net", FeatureNet, Decoders)


def from_state(kind: type[Net], state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Net:
    """The `FeatureNet` or `Decoders` in `state`, frozen; metadata has `config`, the JSON of a `FeaturesConfig`.

    Raises as `restored`.
    """
    return restored(lambda text: kind(FeaturesConfig.from_json(text)), "no feature network", state, metadata)


def to_state(net: FeatureNet | Decoders) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata that belongs beside them."""
    return stored(net, net.config)


def from_contents(contents: Contents) -> FeatureNet:
    """The trunk in a file that has been read. Raises ValueError when it holds none."""
    return from_state(FeatureNet, contents.tensors.get("", {}), contents.plain)


def decoders_from_contents(contents: Contents) -> Decoders:
    """The decoders in a file that has been read. Raises ValueError when it holds none."""
    return from_state(Decoders, contents.tensors.get("", {}), contents.plain)
