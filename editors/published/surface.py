"""The result as it grows: what a network drew, laid over the picture it was drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from facet import Subject


def pixels_of(subject: Subject, longer: int) -> Tensor:
    """A picture [1, 3, h, w] uint8 whose longer side is at most `longer`; 0 for its own size."""
    width, height = subject.size
    scale = longer / max(width, height) if longer else 1.0
    image = subject.pixels
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None]


def mask_of(mask: np.ndarray | None, height: int, width: int) -> Tensor | None:
    """A mask as weights [1, 1, height, width] from 0 to 1, soft along its inner edge; None for none."""
    if mask is None:
        return None
    shown = Image.fromarray(mask).convert("L").resize((width, height), Image.Resampling.BOX)
    weights = torch.from_numpy(np.asarray(shown).copy())[None, None].float() / 255
    return torch.minimum(weights, F.avg_pool2d(F.pad(weights, (4, 4, 4, 4), mode="replicate"), 9, stride=1))


class Sheet:
    """A picture [1, 3, h, w] uint8 that pieces are put into.

    Args:
        own: what it shows before.
        strength: how much of what is put there covers it, 0 to 1.
        mask: weights [1, 1, h, w] of where it does.
        light: keep its colours, and take only luminance.
    """

    def __init__(self, own: Tensor, strength: float = 1.0, mask: Tensor | None = None, light: bool = False) -> None:
        self.own, self.strength, self.mask, self.light = own, strength, mask, light
        self.pixels = own.clone()

    def put(self, rows: slice, columns: slice, made: Tensor) -> None:
        """A piece [1, 3, h, w] in -1..1."""
        made = (made.float().cpu() + 1) * 127.5
        own = self.own[:, :, rows, columns].float()
        if self.light:
            luma = made.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)  # Rec. 601
            made = own + ((made - own) * luma).sum(1, keepdim=True)
        weight = self.strength if self.mask is None else self.strength * self.mask[:, :, rows, columns]
        self.pixels[:, :, rows, columns] = (own + (made - own) * weight).round().clamp(0, 255).to(torch.uint8)

    def image(self) -> Callable[[], Any]:
        """Makes the picture as it is when asked: [h, w, 3] uint8."""
        return lambda: np.ascontiguousarray(self.pixels[0].permute(1, 2, 0).numpy())

    def glance(self, longer: int = 768) -> np.ndarray:
        """A small picture for the screen."""
        step = max(1, max(self.pixels.shape[2:]) // longer)
        return np.ascontiguousarray(self.pixels[0, :, ::step, ::step].permute(1, 2, 0).numpy())
