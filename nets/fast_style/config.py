"""The sizes of a fast style network: the facts that lie beside the tensors."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class FastStyleConfig:
    """Sizes.

    Attributes:
        styles: names of the styles, in the order of the rows of every conditional normalisation.
        widths: channels at 1/1, 1/2, 1/4 and 1/8 of the picture's size.
        blocks: residual blocks at 1/8, and at 1/4 on the way up.

    Raises:
        ValueError: no style, two of one name, or a size that is no whole number from 1 on.
    """

    styles: tuple[str, ...]
    widths: tuple[int, ...] = (16, 32, 64, 96)
    blocks: tuple[int, ...] = (2, 2)

    def __post_init__(self) -> None:
        for name in ("styles", "widths", "blocks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # frozen for everybody else
        names, sizes = self.styles, (*self.widths, *self.blocks)
        if not names or not all(isinstance(n, str) and n for n in names) or len(set(names)) != len(names):
            raise ValueError(f"styles: expected different names, got {names}")
        if (len(self.widths), len(self.blocks)) != (4, 2) or not all(isinstance(n, int) and n > 0 for n in sizes):
            raise ValueError(f"widths and blocks: expected whole numbers from 1 on, got {sizes}")

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FastStyleConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.keys() != {"styles", "widths", "blocks"}:
            raise ValueError(f"not a config of a fast style network: {text[:80]}")
        try:
            return cls(**facts)
        except TypeError as error:
            raise ValueError(f"not a config of a fast style network: {error}") from None
