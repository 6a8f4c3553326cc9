"""The sizes of a feature network and its decoders: the facts that lie beside the tensors."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

DECODED = 4
"""Taps that have a decoder: relu1_1 to relu4_1."""


@dataclass(frozen=True)
class FeaturesConfig:
    """Sizes.

    Attributes:
        widths: channels at 1/1, 1/2, 1/4, 1/8 and 1/16 of the picture's size.
        depths: convolutions at each of them; the first one's response is the tap.

    Raises:
        ValueError: not five of each, or an empty one.
    """

    widths: tuple[int, ...] = (32, 64, 128, 256, 256)
    depths: tuple[int, ...] = (2, 2, 3, 1, 1)

    def __post_init__(self) -> None:
        for name in ("widths", "depths"):
            value = tuple(getattr(self, name))
            object.__setattr__(self, name, value)  # frozen for everybody else
            if len(value) != 5 or not all(isinstance(n, int) and n > 0 for n in value):
                raise ValueError(f"{name}: expected five whole numbers from 1 on, got {value}")

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FeaturesConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.keys() != {"widths", "depths"}:
            raise ValueError(f"not a config of a feature network: {text[:80]}")
        try:
            return cls(**facts)
        except TypeError as error:
            raise ValueError(f"not a config of a feature network: {error}") from None
