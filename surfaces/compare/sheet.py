"""A comparison as one picture: the subject, then each method's result with its time and measures below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from facet import Subject
from surfaces.compare.columns import Column

SIDE, GAP, LINE = 360, 20, 22
PAPER, BLANK, INK, SOFT = (250, 250, 248), (235, 235, 232), (28, 28, 30), (110, 110, 115)
MOST_ACROSS = 4
FOOTNOTE = "* the method itself makes this number good, so it says little about the picture"


@dataclass(frozen=True)
class Cell:
    """One place of the sheet."""

    title: Sequence[str]
    picture: Image.Image | None
    lines: Sequence[str]


def sheet(columns: Sequence[Column], subject: Subject | None) -> Image.Image:
    """Draw the sheet, at most four pictures across."""
    cells = [_column_cell(column) for column in columns]
    if subject is not None:
        size = "{} x {} pixels".format(*subject.size)
        cells.insert(0, Cell(["source"], _fitted(subject.image), [size]))
    across = min(MOST_ACROSS, len(cells))
    rows = [cells[start : start + across] for start in range(0, len(cells), across)]
    heights = [_picture_height(row) + LINE * _text_lines(row) + 2 * GAP for row in rows]
    page = Image.new("RGB", (GAP + across * (SIDE + GAP), GAP + sum(heights) + LINE + GAP), PAPER)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for number, cell in enumerate(row):
            _draw(page, (GAP + number * (SIDE + GAP), top), cell, _picture_height(row))
        top += height
    if any(entry.home for column in columns for entry in column.measures.values()):
        ImageDraw.Draw(page).text((GAP, top), FOOTNOTE, SOFT, ImageFont.load_default(14))
    return page


def _column_cell(column: Column) -> Cell:
    title = _wrapped(column.label, ",")
    if column.result is None:
        return Cell(title, None, _wrapped(column.error or column.state, " "))
    lines = [f"{column.seconds:.2f} s" + (" (stopped)" if column.result.stopped else "")]
    lines += [f"{entry.title} {entry.value:.3g}{' *' if entry.home else ''}" for entry in column.measures.values()]
    return Cell(title, _fitted(column.result.subject.image), lines)


def _fitted(picture: Image.Image) -> Image.Image:
    scale = SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _wrapped(text: str, at: str, width: int = 44) -> list[str]:
    lines = [""]
    for number, word in enumerate(text.split(at)):
        joined = word if number == 0 else at + word
        if len(lines[-1]) + len(joined) > width:
            lines.append("")
        lines[-1] += joined
    return [line.strip()[: width + 8] for line in lines[:4]]


def _picture_height(row: Sequence[Cell]) -> int:
    return max((cell.picture.height for cell in row if cell.picture), default=SIDE)


def _text_lines(row: Sequence[Cell]) -> int:
    return max(len(cell.title) + len(cell.lines) for cell in row)


def _draw(page: Image.Image, corner: tuple[int, int], cell: Cell, height: int) -> None:
    left, top = corner
    draw = ImageDraw.Draw(page)
    if cell.picture is None:
        draw.rectangle((left, top, left + SIDE, top + height), fill=BLANK)
    else:
        page.paste(cell.picture, (left + (SIDE - cell.picture.width) // 2, top + height - cell.picture.height))
    top += height + 8
    for line in cell.title:
        draw.text((left, top), line, INK, ImageFont.load_default(16))
        top += LINE
    for line in cell.lines:
        draw.text((left, top), line, SOFT, ImageFont.load_default(14))
        top += LINE
