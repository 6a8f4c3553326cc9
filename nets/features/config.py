"""The sizes of a feature network and its decoders: the facts that lie beside the tensors."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

DECODED = 4
"""Taps that have a decoder: relu1_1 to relu4_1."""


NAMES = {"widths", "depths", "decoder", "coloured"}


@dataclass(frozen=True)
class FeaturesConfig:
    """Sizes.

    Attributes:
        widths: channels at 1/1, 1/2, 1/4, 1/8 and, where the trunk goes that deep, 1/16 of the picture's size.
        depths: convolutions at each of them; the first one's response is the tap.
        decoder: channels of the decoders at 1/1, 1/2 and 1/4; empty: those of the trunk.
        coloured: the decoders read taps with the picture's own colours beside them (`nets.features.Coloured`).

    Raises:
        ValueError: not four or five of each, or an empty one.
    """

    widths: tuple[int, ...] = (32, 64, 128, 256, 256)
    depths: tuple[int, ...] = (2, 2, 3, 1, 1)
    decoder: tuple[int, ...] = ()
    coloured: bool = False

    def __post_init__(self) -> None:
        for name, counts in (("widths", (4, 5)), ("depths", (len(self.widths),)), ("decoder", (0, 3))):
            value = tuple(getattr(self, name))
            object.__setattr__(self, name, value)  # frozen for everybody else
            if len(value) not in counts or not all(isinstance(n, int) and n > 0 for n in value):
                many = " or ".join(map(str, counts))
                raise ValueError(f"{name}: expected {many} whole numbers from 1 on, got {value}")

    @property
    def decoder_widths(self) -> tuple[int, ...]:
        """Channels of the decoders at 1/1, 1/2 and 1/4."""
        return self.decoder or self.widths[:3]

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps({k: v for k, v in dataclasses.asdict(self).items() if v}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FeaturesConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or not {"widths", "depths"} <= facts.keys() <= NAMES:
            raise ValueError(f"not a config of a feature network: {text[:80]}")
        try:
            return cls(**facts)
        except TypeError as error:
            raise ValueError(f"not a config of a feature network: {error}") from None
