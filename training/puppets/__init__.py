"""The puppet world: friendly portrait heads from signed distance fields, with exact labels.

``Renderer()(sample(seed, count), size)`` draws; ``labels.landmarks`` and its neighbours tell what was drawn.
"""

from training.puppets.camera import Frame, Renderer
from training.puppets.parameters import (
    CONTROLS,
    INDEX,
    NAMES,
    Z_DIM,
    from_latent,
    mirrored,
    neutral,
    sample,
    with_control,
)

__all__ = [
    "CONTROLS", "INDEX", "NAMES", "Z_DIM", "Frame", "Renderer", "from_latent", "mirrored", "neutral", "sample",
    "with_control",
]  # fmt: skip
