"""Networks in Facet's own layout: tensors by the module's own names, and beside them the JSON of its config."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

import torch
from torch import Tensor, nn

from nets.contents import Contents

Net = TypeVar("Net", bound=nn.Module)


class Config(Protocol):
    """Sizes of a network, as its weights file keeps them."""

    def to_json(self) -> str:
        """One line of JSON."""


@dataclass(frozen=True)
class JsonConfig:
    """Sizes of a network as a dataclass of plain values, which goes to JSON and comes back."""

    about: ClassVar[str]
    """What it is the config of, for the sentence, e.g. ``"an encoder"``."""

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        return cls(**cls.facts(text))

    @classmethod
    def facts(cls, text: str) -> dict[str, Any]:
        """What `to_json` wrote, each field as JSON has it. Raises ValueError for anything else."""
        found = json.loads(text)
        if not isinstance(found, dict) or found.keys() != {entry.name for entry in dataclasses.fields(cls)}:
            raise ValueError(f"not a config of {cls.about}: {text[:80]}")
        return found


@dataclass(frozen=True)
class OwnLayout(Generic[Net]):
    """How one kind of network is read and written.

    Attributes:
        build: makes a network of its config's JSON; a config that it does not understand is its ValueError.
        kind: what a file should have held, for the sentence, e.g. ``"no encoder"``.
    """

    build: Callable[[str], Net]
    kind: str

    def from_state(self, state: Mapping[str, Any], metadata: Mapping[str, Any]) -> Net:
        """The network in `state`, frozen; metadata has `config`. Raises as `restored`."""
        return restored(self.build, self.kind, state, metadata)

    def to_state(self, net: Net) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Its tensors in half precision, and the metadata that belongs beside them; `net` has a `config`."""
        return stored(net, cast(Config, net.config))

    def from_contents(self, contents: Contents) -> Net:
        """`from_state` for a file that has been read. Raises ValueError when it holds no such network."""
        return self.from_state(contents.tensors.get("", {}), contents.plain)


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
