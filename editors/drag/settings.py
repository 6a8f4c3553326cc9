"""What a drag may be told beside its points, and the lengths in pixels that follow from the size of the image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from nets.stylegan2 import GeneratorConfig

Variant = Literal["official", "paper"]
Space = Literal["w_plus", "w"]
MaskMode = Literal["exact", "corrected"]
Point = tuple[float, float]  # (x, y) in image pixels, x right, y down; the centre of the first pixel is (0, 0)

SIZE = 512  # lengths are given for images of this height


@dataclass(frozen=True)
class DragSettings:
    """How a drag moves w. Lengths are in pixels of an image 512 high and scale with the image's height.

    learning_rate: Adam's step, in w or along its axes. rows: the first so many rows of w_plus move (all that exist, at
        most).
    block: height of the block whose features are supervised and tracked (the next lower one that exists).
    radius: r1, of the disc that is pushed. search: r2, half the side of the square that is searched for the handle.
    mask_weight: lambda of the mask term.
    axes: how many main axes of W each row moves along, with steps in units of W's deviation along them; 0 moves all
        its coordinates alike, as published.
    variant: "official" as the authors' code computes it, "paper" as the paper's equations do; see `method`.
    space: "w_plus" moves every row by itself, "w" moves one w that all those rows share.
    mask_mode: how the mask term is computed: on the features enlarged to the image at every step ("exact"), or at every
        fourth one, and between these on a coarser block, set right ("corrected"). `PlainDrag` knows only "exact".
    Raises ValueError, naming the field, for values that cannot work.
    """

    learning_rate: float = 1e-3
    rows: int = 6
    block: int = 128
    radius: float = 3.0
    search: float = 12.0
    mask_weight: float = 20.0
    axes: int = 0
    variant: Variant = "official"
    space: Space = "w_plus"
    mask_mode: MaskMode = "exact"

    def __post_init__(self) -> None:
        for name in ("learning_rate", "rows", "block", "radius", "search"):
            value = getattr(self, name)
            if not math.isfinite(value) or value <= 0:
                raise ValueError(f"{name}: must be above 0, got {value}")
        for name in ("mask_weight", "axes"):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"{name}: must be at least 0, got {value}")
        for name, kinds in (("variant", Variant), ("space", Space), ("mask_mode", MaskMode)):
            if getattr(self, name) not in get_args(kinds):
                raise ValueError(f"{name}: {getattr(self, name)!r} is not one of {get_args(kinds)}")

    def scaled(self, config: GeneratorConfig) -> Scaled:
        """The same in whole pixels, rows and a block of one generator."""
        height = config.resolution[0]
        return Scaled(
            rows=min(self.rows, config.num_ws),
            block=max([each for each in config.heights if each <= self.block] or config.heights[:1]),
            radius=max(1, round(self.radius * height / SIZE)),
            search=max(1, round(self.search * height / SIZE)),
            near=max(2 * height / SIZE, 2.0) if self.variant == "official" else 1.0,
        )


class Scaled(NamedTuple):
    """`DragSettings` for one generator: rows and block that exist, lengths in pixels of its image.

    near: a drag has arrived when no handle is farther than this from its target.
    """

    rows: int
    block: int
    radius: int
    search: int
    near: float
