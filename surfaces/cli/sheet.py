"""A comparison as one picture: the subject, then each method's result with its time and measures below."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from facet import Subject
from surfaces.compare.columns import Column

SIDE, GAP, LINE = 360, 20, 22
PAPER, INK, SOFT = (250, 250, 248), (28, 28, 30), (110, 110, 115)
MOST_ACROSS = 4


def sheet(columns: Sequence[Column], subject: Subject | None) -> Image.Image:
    """Draw the sheet, at most four pictures across."""
    cells: list[tuple[str, Image.Image | None, list[str]]] = []
    if subject is not None:
        cells.append(("source", subject.image, ["{} × {}".format(*subject.size)]))
    for column in columns:
        picture = column.result.subject.image if column.result else None
        cells.append((column.label, picture, _lines(column)))
    across = min(MOST_ACROSS, len(cells))
    foot = LINE * (1 + max(len(lines) for _, _, lines in cells)) + GAP
    down = -(-len(cells) // across)
    page = Image.new("RGB", (GAP + across * (SIDE + GAP), GAP + down * (SIDE + foot + GAP)), PAPER)
    for number, (title, picture, lines) in enumerate(cells):
        left = GAP + number % across * (SIDE + GAP)
        top = GAP + number // across * (SIDE + foot + GAP)
        _cell(page, (left, top), title, picture, lines)
    return page


def _lines(column: Column) -> list[str]:
    if column.result is None:
        return _wrapped(column.error or column.state)
    lines = [f"{column.seconds:.2f} s" + (" (stopped)" if column.result.stopped else "")]
    return lines + [f"{m.title} {m.value:.3g}{' *' if m.home else ''}" for m in column.measures.values()]


def _wrapped(sentence: str, width: int = 48) -> list[str]:
    lines = [""]
    for word in sentence.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:4]


def _cell(
    page: Image.Image, corner: tuple[int, int], title: str, picture: Image.Image | None, lines: Sequence[str]
) -> None:
    left, top = corner
    draw = ImageDraw.Draw(page)
    if picture is None:
        draw.rectangle((left, top, left + SIDE, top + SIDE), fill=(235, 235, 232))
    else:
        scale = SIDE / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        small = picture.resize(size, Image.Resampling.LANCZOS)
        page.paste(small, (left + (SIDE - size[0]) // 2, top + SIDE - size[1]))
    draw.text((left, top + SIDE + 8), title[:44], INK, ImageFont.load_default(16))
    for number, line in enumerate(lines, 1):
        draw.text((left, top + SIDE + 10 + LINE * number), line, SOFT, ImageFont.load_default(14))
