"""What the detectors saw, drawn on the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from editors.inversion.detectors import MTCNN_NAME, YUNET_NAME, Face
from editors.inversion.place import Square

SIDES = 480, 640  # least and most pixels of the drawn picture's longer side
FAINTEST = 0.4  # guesses below this are not drawn
INK, PAPER = (40, 37, 33), (250, 249, 247)
BY_HAND, PINE, BLUE, BRICK = (255, 255, 255), (20, 140, 122), (58, 104, 190), (205, 84, 54)
_FONT = 15


def drawn(picture: Tensor, square: Square) -> Tensor | None:
    """The picture [3, H, W] in 0..1 with the square, what each detector saw, and how sure it is; None if none looked.

    White is what was cut out, pine YuNet's points, blue MTCNN's, brick those of the judges; faces that count are
    numbered from the left, the others are faint.
    """
    if square.seen is None:
        return None
    height, width = picture.shape[1:]
    longer = max(height, width)
    scale = min(max(longer, SIDES[0]), SIDES[1]) / longer
    size = max(1, round(width * scale)), max(1, round(height * scale))
    page = Image.fromarray((picture * 255).round().byte().permute(1, 2, 0).numpy()).resize(
        size, Image.Resampling.LANCZOS
    )
    pen = ImageDraw.Draw(page, "RGBA")
    corners = [tuple(corner) for corner in ((square.quad + 0.5) * scale).tolist()]
    _line(pen, [*corners, corners[0]], BY_HAND, 255)
    numbers = {id(face): number for number, face in enumerate(square.seen.found(), 1)}
    shown = [face for face in square.seen.faces if face.sure >= FAINTEST]
    labels: list[tuple[float, float]] = []
    for face in sorted(shown, key=lambda face: face.by):
        _face(pen, face, numbers.get(id(face)), scale, size, labels)
    if square.points is not None and square.how == "four points":
        _points(pen, (square.points + 0.5) * scale, BY_HAND, 255)
    return torch.from_numpy(np.array(page)).permute(2, 0, 1).float() / 255


def _face(
    pen: ImageDraw.ImageDraw,
    face: Face,
    number: int | None,
    scale: float,
    size: tuple[int, int],
    labels: list[tuple[float, float]],
) -> None:
    colour = {YUNET_NAME: PINE, MTCNN_NAME: BLUE}.get(face.by, BRICK)
    opacity = 255 if face.certain else 130
    points = (face.points + 0.5) * scale
    _points(pen, points, colour, opacity)
    text = f"{number} · " if number else ""
    text += f"{face.by.removeprefix('the ')} {face.sure:.0%}"
    font = ImageFont.load_default(_FONT)
    width = pen.textlength(text, font) + 8
    left = min(max(2.0, float(points[:, 0].mean()) - width / 2), max(2.0, size[0] - width - 2))
    top = _free_row(float(points[:, 1].max()) + 0.6 * face.reach * scale, left, width, size[1], labels)
    labels.append((left, top))
    pen.rounded_rectangle((left, top, left + width, top + _FONT + 6), 3, (*PAPER, 225 if face.certain else 160))
    pen.text((left + 4, top + 1), text, colour if face.certain else INK, font)


def _free_row(wanted: float, left: float, width: float, height: int, labels: list[tuple[float, float]]) -> float:
    """Where a label's top goes: as wanted, or else the nearest row inside the picture where no other one lies."""
    row = _FONT + 9.0
    rows = [min(wanted, height - row) + step * row for step in (0, 1, -1, 2, -2, 3, -3)]
    inside = [top for top in rows if 0 <= top <= height - row]
    free = [top for top in inside if all(abs(top - y) >= row or abs(left - x) >= width for x, y in labels)]
    return (free or inside or [0.0])[0]


def _points(pen: ImageDraw.ImageDraw, points: Tensor, colour: tuple[int, int, int], opacity: int) -> None:
    eye, other, corner, last = (tuple(point) for point in points.tolist())
    for line in ((eye, other), (corner, last)):
        _line(pen, line, colour, opacity)
    for x, y in (eye, other, corner, last):
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), (*colour, opacity), (*INK, opacity))


def _line(
    pen: ImageDraw.ImageDraw, points: Sequence[Sequence[float]], colour: tuple[int, int, int], opacity: int
) -> None:
    pen.line(points, (*INK, opacity // 2), 4)
    pen.line(points, (*colour, opacity), 2)
