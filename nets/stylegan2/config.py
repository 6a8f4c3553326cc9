"""The sizes of one generator: everything that the tensors' shapes fix, and the few facts that they do not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Architecture = Literal["skip", "resnet", "orig"]
MOST_SIZE, MOST_LAYERS, MOST_TAPS = (
    8192,
    64,
    32,
)  # far beyond every published generator; sampling many z at once stays affordable


@dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of a StyleGAN2 generator. Heights name the blocks: block 4 holds the constant, block 8 doubles it.

    resolution: (height, width) of the image; one int means a square.
    channels: feature maps that leave each block, by block height: height, height/2, … down to the constant.
    conv_clamp: activations are clamped to ±conv_clamp (256 in the ADA half-precision recipe), or not at all when None.
    mapping_width, embed_dim: hidden width of the mapping network and width of the label embedding; None means w_dim.
    Raises ValueError, naming the field, when the sizes do not fit together.
    """

    resolution: tuple[int, int] = (256, 256)
    channels: Mapping[int, int] = field(default_factory=dict)
    z_dim: int = 512
    c_dim: int = 0
    w_dim: int = 512
    mapping_layers: int = 8
    mapping_width: int | None = None
    embed_dim: int | None = None
    mapping_lr: float = 0.01
    img_channels: int = 3
    architecture: Architecture = "skip"
    resample_filter: tuple[float, ...] = (1, 3, 3, 1)
    conv_clamp: float | None = None
    use_noise: bool = True

    def __post_init__(self) -> None:
        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)  # frozen for everybody else

        size = self.resolution
        put("resolution", (size, size) if isinstance(size, int) else tuple(int(n) for n in size))
        put("resample_filter", tuple(float(tap) for tap in self.resample_filter))
        widths = self.channels or default_channels(self.resolution[0])
        put("channels", {int(height): int(widths[height]) for height in sorted(widths, key=int)})
        self._check()

    def _check(self) -> None:
        heights = list(self.channels)
        if len(self.resolution) != 2 or heights[-1] != self.resolution[0]:
            raise ValueError(f"channels: the last block is {heights[-1]}, but the image is {self.resolution}")
        if any(after != 2 * before for before, after in zip(heights, heights[1:], strict=False)):
            raise ValueError(f"channels: block heights must double each time, got {heights}")
        if self.resolution[1] % 2 ** (len(heights) - 1):
            raise ValueError(f"resolution: width {self.resolution[1]} cannot be halved {len(heights) - 1} times")
        if self.architecture not in get_args(Architecture):
            raise ValueError(f"architecture: {self.architecture!r} is not one of {get_args(Architecture)}")
        if not 0 < len(self.resample_filter) <= MOST_TAPS or abs(sum(self.resample_filter)) < 1e-12:
            raise ValueError(f"resample_filter: needs 1 to {MOST_TAPS} taps whose sum is not zero")
        sizes = (*self.channels.values(), *self.resolution, self.z_dim, self.w_dim, self.mapping_layers)
        if max(self.resolution) > MOST_SIZE:
            raise ValueError(f"resolution: {self.resolution} is more than {MOST_SIZE}")
        if max(self.z_dim, self.w_dim, self.c_dim, self.mapping_width or 0, self.embed_dim or 0) > MOST_SIZE:
            raise ValueError(f"z_dim, w_dim, c_dim and the mapping's width must be at most {MOST_SIZE}")
        if self.mapping_layers > MOST_LAYERS:
            raise ValueError(f"mapping_layers: {self.mapping_layers} is more than {MOST_LAYERS}")
        if min(*sizes, self.img_channels) < 1 or self.c_dim < 0:
            raise ValueError("every size must be at least 1 (c_dim: at least 0)")

    @property
    def heights(self) -> list[int]:
        """Block heights, from the constant to the image."""
        return list(self.channels)

    @property
    def num_ws(self) -> int:
        """Rows of w_plus: one per convolution, and one for the last RGB layer (equal for all three architectures)."""
        return 2 * len(self.channels)

    def size_at(self, height: int) -> tuple[int, int]:
        """(height, width) of the feature maps of one block."""
        return height, self.resolution[1] * height // self.resolution[0]

    def to_json(self) -> str:
        """One line of JSON, as kept in the metadata of a weights file."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> GeneratorConfig:
        """The config that `to_json` wrote. Raises ValueError for anything else."""
        facts = json.loads(text)
        known = {each.name for each in dataclasses.fields(cls)}
        if not isinstance(facts, dict) or not facts.keys() <= known:
            raise ValueError(f"not a generator config: {text[:80]}")
        return cls(**{**facts, "channels": {int(k): v for k, v in facts.get("channels", {}).items()}})


def default_channels(height: int, base: int = 32768, most: int = 512, start: int = 4) -> dict[int, int]:
    """Published widths: min(base / height, most); base 32768 is config-f, 16384 the half-wide one."""
    heights = [start]
    while heights[-1] < height:
        heights.append(2 * heights[-1])
    return {each: max(1, min(base // each, most)) for each in heights}
