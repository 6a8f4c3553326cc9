"""What a generator needs of memory, told from its sizes alone."""

from __future__ import annotations

from nets.affordable import check
from nets.stylegan2.config import GeneratorConfig

MOST_PIXELS = 25_000_000
"""Of one picture; editors take no larger ones either."""

_FLOAT = 4  # bytes
_LEAST = 8  # channels: processors compute narrower maps as if they had so many
_WORKSPACE = 64 << 20  # bytes that convolutions want for themselves


def weight_bytes(config: GeneratorConfig) -> int:
    """All weights in float32, without the noise, which a file need not hold."""
    hidden = config.mapping_width or config.w_dim
    embed = (config.embed_dim or config.w_dim) if config.c_dim else 0
    count = config.c_dim * embed + (config.z_dim + embed + config.w_dim) * hidden
    count += hidden * hidden * max(0, config.mapping_layers - 2)
    before = config.channels[config.heights[0]]
    for height in config.heights:
        after = config.channels[height]
        count += 9 * after * (before + after) + config.w_dim * (before + 2 * after)
        before = after
    return _FLOAT * count


def drawing_bytes(config: GeneratorConfig) -> int:
    """The most that drawing one picture holds at once beside the weights, with the noise of all layers.

    A block holds its input at half the size, and its output twice: measured from 256 to 2048 pixels and from 1 to 512
    channels, it is right within a fifth.
    """
    most = noise = 0
    before = config.channels[config.heights[0]]
    for height in config.heights:
        after = config.channels[height]
        pixels = height * config.size_at(height)[1]
        noise += 2 * pixels
        most = max(most, pixels * (max(before, _LEAST) // 2 + 2 * max(after, _LEAST) + 4))
        before = after
    return _FLOAT * (most + noise) + _WORKSPACE


def affordable(config: GeneratorConfig, free: int | None) -> None:
    """Raise ValueError if pictures are larger than Facet takes, or one costs too much; see `nets.affordable.check`."""
    height, width = config.resolution
    if height * width > MOST_PIXELS:
        most = MOST_PIXELS // 1_000_000
        raise ValueError(
            f"its pictures are {width} × {height}, and the most is {most} megapixels. Choose another generator"
        )
    check(drawing_bytes(config), weight_bytes(config), free, f"one picture of {width} × {height}")
