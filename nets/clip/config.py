"""The sizes of a CLIP with a vision transformer, all of which the shapes of its tensors give."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 64
"""Width of one attention head, in every published CLIP."""


@dataclass(frozen=True)
class TowerConfig:
    """One transformer. width: of its tokens, a multiple of `HEAD`; layers: how many blocks; hidden: of their MLPs."""

    width: int
    layers: int
    hidden: int

    def __post_init__(self) -> None:
        if self.width < HEAD or self.width % HEAD or self.layers < 1 or self.hidden < 1:
            raise ValueError(f"a tower of CLIP with width {self.width}, {self.layers} layers, MLPs of {self.hidden}")


@dataclass(frozen=True)
class ClipConfig:
    """Sizes of both towers.

    Attributes:
        image, text: the transformers.
        patch: side of the square patches that a picture is cut into, in pixels.
        grid: patches along each side; a picture is `patch * grid` pixels square.
        context: most tokens of a text, its beginning and end included.
        vocabulary: how many different tokens there are; the last one ends a text, the one before it begins one.
        embedding: length of the common vectors.
    """

    image: TowerConfig
    text: TowerConfig
    patch: int = 32
    grid: int = 7
    context: int = 77
    vocabulary: int = 49408
    embedding: int = 512

    @property
    def size(self) -> int:
        """Side of the pictures it sees, in pixels."""
        return self.patch * self.grid


B32 = ClipConfig(TowerConfig(768, 12, 3072), TowerConfig(512, 12, 2048))
"""ViT-B/32, the smallest published vision transformer: 151,277,313 numbers."""
