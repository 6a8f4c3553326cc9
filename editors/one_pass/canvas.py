"""What AdaIN and WCT share besides the network: pictures at their working size, colours, and a canvas for tiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from editors.one_pass.look import Look
from facet import Choice, Picture, Slider, Subject
from nets.features.tiles import Tile

StylePicture = Annotated[Subject, Picture(samples="styles", doc="The picture whose look is taken over.")]
COLOURS = {
    "style": "from the style",
    "content": "the photograph's palette",
    "light": "the photograph's very colours",
}
Colours = Annotated[str, Choice(COLOURS, doc="Whose colours the result has.")]
Size = Annotated[
    int, Slider(0, 6144, step=64, unit="px", doc="Longer side of the result, at most the picture's own, which 0 keeps.")
]
StyleSize = Annotated[
    int,
    Slider(
        64, 1024, step=32, unit="px", doc="Longer side at which the style is looked at: larger strokes from larger."
    ),
]
LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
"""Rec. 601 luminance."""


def mask_of(mask: np.ndarray | None, height: int, width: int) -> Tensor | None:
    """A mask as weights [1, 1, height, width] from 0 to 1, soft along its edge; None for none."""
    if mask is None:
        return None
    shown = Image.fromarray(mask).convert("L").resize((width, height), Image.Resampling.BOX)
    weights = torch.from_numpy(np.asarray(shown).copy())[None, None].float() / 255
    soft = F.avg_pool2d(F.pad(weights, (4, 4, 4, 4), mode="replicate"), 9, stride=1)
    return torch.minimum(weights, soft)  # nothing outside the mask changes


class Canvas:
    """The result as it grows, uint8; where nothing was painted yet it shows what it began with.

    Args:
        look: the photograph. What is painted of a transparent one is laid on white again.
        light: keep the photograph's colours, and take only luminance from what is painted.
        mask: weights [1, 1, h, w]; outside of it the photograph stays as it is.
        opacity: of what is painted, over the photograph.
    """

    def __init__(self, look: Look, light: bool = False, mask: Tensor | None = None, opacity: float = 1.0) -> None:
        self.look, self.light, self.mask, self.opacity = look, light, mask, opacity
        self.picture = look.pixels
        self.painted = self.picture.clone()

    def small(self, longer: int) -> Canvas:
        """A canvas for the same picture, its longer side that many pixels."""
        height, width = self.picture.shape[2:]
        scale = longer / max(height, width)
        size = max(1, round(height * scale)), max(1, round(width * scale))
        shown = Image.fromarray(self.picture[0].permute(1, 2, 0).numpy()).resize(size[::-1], Image.Resampling.BOX)
        mask, seen, alpha = (
            each if each is None else F.interpolate(each, size, mode="area")
            for each in (self.mask, self.look.seen, self.look.alpha)
        )
        look = Look(torch.from_numpy(np.asarray(shown).copy()).permute(2, 0, 1)[None], seen, alpha)
        return Canvas(look, self.light, mask, self.opacity)

    def begin(self, sketch: Tensor) -> None:
        """Show a small picture [1, 3, h, w] uint8, enlarged, until tiles come."""
        image = Image.fromarray(sketch[0].permute(1, 2, 0).numpy())
        height, width = self.painted.shape[2:]
        large = image.resize((width, height), Image.Resampling.BICUBIC)
        self.painted = torch.from_numpy(np.asarray(large).copy()).permute(2, 0, 1)[None]

    def put(self, tile: Tile, made: Tensor) -> None:
        """A tile's kept part [1, 3, h, w] in about -1..1."""
        made = (made.float().cpu() + 1) * 127.5
        own = self.picture[:, :, tile.rows, tile.columns].float()
        if self.light:
            made = own + ((made - own) * LUMA).sum(1, keepdim=True)
        made = torch.lerp(own, made, self.opacity)
        if self.mask is not None:
            made = torch.lerp(own, made, self.mask[:, :, tile.rows, tile.columns])
        if self.look.alpha is not None:
            made = 255 + self.look.alpha[:, :, tile.rows, tile.columns] * (made - 255)
        self.painted[:, :, tile.rows, tile.columns] = made.round().clamp(0, 255).to(torch.uint8)

    def image(self) -> Callable[[], Any]:
        """Makes the picture as it is when asked: [h, w, 3] uint8."""
        return lambda: np.ascontiguousarray(self.painted[0].permute(1, 2, 0).numpy())

    def glance(self, longer: int = 768) -> np.ndarray:
        """A small picture for the screen."""
        step = max(1, max(self.painted.shape[2:]) // longer)
        return np.ascontiguousarray(self.painted[0, :, ::step, ::step].permute(1, 2, 0).numpy())
