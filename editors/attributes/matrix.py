"""The measured side effects of all sliders as one picture: what each of them does, and what changes besides."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from facet.stylegan import Direction

CELL, FONT, GAP = 18, 14, 8
PAPER, INK, FAINT, LINE = (250, 249, 247), (40, 37, 33), (124, 118, 110), (226, 222, 216)
BRICK, PINE = np.array([176, 64, 41]), np.array([20, 105, 92])
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont
FULL = 0.6
"""Share of a control's range at which a cell has its full colour."""


def matrix(offered: Mapping[str, Direction], moved: Collection[str] = ()) -> Tensor | None:
    """The matrix as a picture [3, H, W] in 0..1; None where nothing was measured.

    A row is a slider that goes through its whole range, a column what the judges read, both in the same order: the
    diagonal is what the slider says. Brick is more of it, pine less. The sliders in `moved` stand out.
    """
    rows = [each for each in offered.values() if each.gain is not None]
    if not rows:
        return None
    font = ImageFont.load_default(FONT)
    left = int(max(font.getlength(each.title) for each in rows)) + 2 * GAP
    top, side = left + GAP, CELL * len(rows)
    page = Image.new("RGB", (left + side + 2 * GAP, top + side + 4 * GAP + FONT), PAPER)
    pen = ImageDraw.Draw(page)
    for number, each in enumerate(rows):
        ink = INK if not moved or each.id in moved else FAINT
        middle = top + number * CELL + CELL // 2
        pen.text((left - GAP, middle), each.title, ink, font, anchor="rm")
        _upright(page, each.title, left + number * CELL, top - GAP, font)
        if each.id in moved:
            pen.rectangle((2, middle - CELL // 2 + 2, 5, middle + CELL // 2 - 2), tuple(BRICK))
        for column, other in enumerate(rows):
            share = each.gain if other is each else each.effects.get(other.id, 0.0)
            corner = left + column * CELL, top + number * CELL
            pen.rectangle((*corner, corner[0] + CELL - 2, corner[1] + CELL - 2), _colour(share or 0.0), LINE)
    _legend(pen, left, top + side + 2 * GAP, font)
    return torch.from_numpy(np.array(page)).permute(2, 0, 1).float() / 255


def _colour(share: float) -> tuple[int, ...]:
    strength = min(1.0, abs(share) / FULL) ** 0.7  # small effects are what one looks for
    mixed = np.array(PAPER) * (1 - strength) + (BRICK if share > 0 else PINE) * strength
    return tuple(int(level) for level in mixed)


def _upright(page: Image.Image, text: str, x: int, bottom: int, font: Font) -> None:
    """Text that is read from below, in the middle of a column."""
    label = Image.new("RGB", (int(font.getlength(text)) + 2, CELL), PAPER)
    ImageDraw.Draw(label).text((0, CELL // 2), text, INK, font, anchor="lm")
    turned = label.rotate(90, expand=True)
    page.paste(turned, (x, bottom - turned.height))


def _legend(pen: ImageDraw.ImageDraw, left: int, top: int, font: Font) -> None:
    x = left
    for share in (-0.6, -0.3, -0.1, 0.1, 0.3, 0.6):
        pen.rectangle((x, top, x + CELL - 2, top + CELL - 2), _colour(share), LINE)
        text = f"{share:+.0%}"
        pen.text((x + CELL + 2, top + CELL // 2), text, INK, font, anchor="lm")
        x += CELL + int(font.getlength(text)) + 2 * GAP
    pen.text((x, top + CELL // 2), "of the range, by a slider's whole way", FAINT, font, anchor="lm")
