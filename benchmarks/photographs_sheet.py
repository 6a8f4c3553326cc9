"""Pictures of docs/photographs.md: a sheet of edits, a drag before and after, a head that turns; see photographs.py."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from benchmarks.photographs_carried import Edit
from editors.animation import animation
from editors.drag import drag
from editors.inversion import networks, paste_back
from facet import Context, Subject, placement_of
from facet.app import finish
from nets.align import crop
from nets.judges import read

SHOWN, CELL, GAP, GUTTER = 7, 224, 4, 22
HEADS = ("the photograph", "the generator", "pixels pasted", "movement carried")
PAPER, INK = (250, 249, 247), (40, 37, 33)
CORNERS = (48, 54)
"""A mouth's, of iBUG's 68 landmarks."""
PULL = (0.10, -0.16)
"""How far each of them is dragged, outwards and down the picture, in eye distances."""


def sheet(rows: Sequence[tuple[list[Edit], Subject, Subject]], out: Path) -> None:
    """Portraits side by side, an edit in each row: photograph, generator, pasted pixels, carried."""
    across = len(HEADS) * (CELL + GAP) + GUTTER
    page = Image.new("RGB", (across * len(rows) - GUTTER, SHOWN * (CELL + GAP + GUTTER)), PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for column, (done, photograph, subject) in enumerate(rows):
        quad = torch.tensor(placement_of(subject).corners, dtype=torch.float64)
        for row, edit in enumerate(done[:SHOWN]):
            cells = [photograph.tensor()[0], edit.after, edit.pasted, edit.carried]
            for number, (picture, head) in enumerate(zip(cells, HEADS, strict=True)):
                shown = picture if picture is edit.after else crop(picture, quad, CELL)
                place = column * across + number * (CELL + GAP), GUTTER + row * (CELL + GAP + GUTTER)
                page.paste(_image(shown).resize((CELL, CELL), Image.Resampling.LANCZOS), place)
                text = f"{edit.name}: {head}" if number == 0 else head
                text = edit.left_out if number == 3 and edit.left_out else text
                pen.text((place[0] + 2, place[1] - 18), text, INK, font)
    _save(page, out)


def dragged(photograph: Subject, brought: Subject, out: Path, side: int = 480) -> None:
    """Corners of a mouth that are dragged: the photograph with the arrows, and afterwards."""
    judges, where = networks.judges_of(Context(nets=networks.NETS)), placement_of(brought)
    marks = read(judges, brought.tensor() * 2 - 1, careful=True).landmarks[0]
    eyes = float((marks[36:42].mean(0) - marks[42:48].mean(0)).norm())
    pairs = [
        [x, y, x + sign * PULL[0] * eyes, y + PULL[1] * eyes]
        for sign, (x, y) in zip((-1, 1), marks[list(CORNERS)].tolist(), strict=True)
    ]
    edited = finish(drag, {"subject": brought, "pairs": pairs}).subject
    after = finish(paste_back, {"subject": edited, "source": photograph}).subject
    quad, scale = torch.tensor(where.corners, dtype=torch.float64), side / brought.size[0]
    page = Image.new("RGB", (2 * side + GAP, side), PAPER)
    for number, picture in enumerate((photograph, after)):
        page.paste(_image(crop(picture.tensor()[0], quad, side)), (number * (side + GAP), 0))
    pen = ImageDraw.Draw(page)
    for pair in pairs:
        x, y, to_x, to_y = (part * scale for part in pair)
        pen.line([x, y, to_x, to_y], fill=(255, 255, 255), width=3)
        pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=(214, 60, 40), outline=(255, 255, 255))
        pen.ellipse([to_x - 5, to_y - 5, to_x + 5, to_y + 5], fill=(40, 110, 220), outline=(255, 255, 255))
    _save(page, out)


def film(photograph: Subject, brought: Subject, out: Path) -> None:
    """A head that turns in its photograph, as an animated WebP."""
    how = {"motion": "turn", "reach": 0.6, "seconds": 2, "fps": 12, "format": "webp", "onto": True, "size": 320}
    made = finish(animation, {"subject": brought, "source": photograph, **how}).film
    frames = Image.open(io.BytesIO(made.content))
    pictures = []
    for number in range(made.frames):
        frames.seek(number)
        pictures.append(frames.convert("RGB"))
    pictures[0].save(out, save_all=True, append_images=pictures[1:], duration=1000 // 12, loop=0, quality=70, method=6)
    print(f"{out}: {made.frames} frames, {out.stat().st_size // 1000} kB")


def _image(picture: torch.Tensor) -> Image.Image:
    levels = (picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    return Image.fromarray(np.ascontiguousarray(levels))


def _save(page: Image.Image, out: Path) -> None:
    page.save(out, quality=80, method=6)
    print(f"{out}: {page.width} × {page.height}, {out.stat().st_size // 1000} kB")
