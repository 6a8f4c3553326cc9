"""A comparison as one picture: the subject, then each method's result with its time and measures below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from facet import Subject
from registry.subjects import sample
from surfaces.compare.columns import Column, own_pictures
from surfaces.compare.difference import FULL, difference, difference_map

SIDE, GAP, LINE = 360, 20, 22
PAPER, BLANK, INK, SOFT = (250, 250, 248), (235, 235, 232), (28, 28, 30), (110, 110, 115)
MOST_ACROSS = 5
ARROWS = "↑ higher is better, ↓ lower is better"
FOOTNOTE = "* the method itself makes this number good, so it says little about the picture"


@dataclass(frozen=True)
class Cell:
    """One place of the sheet."""

    title: Sequence[str]
    picture: Image.Image | None
    lines: Sequence[str]
    below: Image.Image | None = None


def sheet(columns: Sequence[Column], subject: Subject | None, differences: bool = False) -> Image.Image:
    """Draw the sheet, at most five pictures across; with `differences`, below each how far it is from the subject."""
    drawn = subject if differences else None
    cells = [_column_cell(column, drawn) for column in columns]
    if subject is not None:
        cells.insert(0, _original_cell(columns, subject))
    lines = -(-len(cells) // MOST_ACROSS)
    across = -(-len(cells) // lines)
    rows = [cells[start : start + across] for start in range(0, len(cells), across)]
    heights = [_picture_height(row) + _below_height(row) + LINE * _text_lines(row) + 2 * GAP for row in rows]
    notes = _notes(columns, drawn is not None)
    foot = LINE * len(notes) + GAP
    page = Image.new("RGB", (GAP + across * (SIDE + GAP), GAP + sum(heights) + foot), PAPER)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for number, cell in enumerate(row):
            _draw(page, (GAP + number * (SIDE + GAP), top), cell, _picture_height(row), _below_height(row))
        top += height
    for note in notes:
        _write(ImageDraw.Draw(page), (GAP, top), note, SOFT, 14)
        top += LINE
    return page


def _notes(columns: Sequence[Column], differences: bool) -> list[str]:
    notes = [ARROWS] if any(column.measures for column in columns) else []
    if any(entry.home for column in columns for entry in column.measures.values()):
        notes.append(FOOTNOTE)
    if differences:
        notes.append(f"difference: black is unchanged, brightest is {FULL:g} levels of 255 or more")
    return notes


def _original_cell(columns: Sequence[Column], subject: Subject) -> Cell:
    """The subject, and below it the first further picture that all methods were given: the style, mostly."""
    size = "{} × {} pixels".format(*subject.size)
    for name, label in _further(columns):
        given = {str(column.values[name]) for column in columns}
        if len(given) == 1:
            picture = Subject.read(columns[0].values[name], name)
            known = f" “{sample(picture.sample_id, name).title}”" if picture.sample_id else ""
            return Cell(
                ["Original"],
                _fitted(subject.image),
                [size, f"below, {label.lower()}{known}"],
                _fitted(picture.image, 180),
            )
    return Cell(["Original"], _fitted(subject.image), [size])


def _further(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Name and label of the pictures, besides the subject, that every column was given."""
    return [
        (entry.name, entry.label)
        for entry in (columns[0].spec.inputs if columns else ())
        if entry.kind.is_picture
        and entry.name != "subject"
        and all(column.values.get(entry.name) is not None for column in columns)
    ]


def _column_cell(column: Column, subject: Subject | None) -> Cell:
    title = [column.spec.title, *(_wrapped(column.variant, ",") if column.variant else [])]
    if column.result is None:
        return Cell(title, None, _wrapped(column.error or column.state, " "))
    lines = [f"{column.seconds:.2f} s" + (" (stopped)" if column.result.stopped else "")]
    for entry in column.measures.values():
        better = "↑" if entry.better == "higher" else "↓"
        lines.append(f"{better} {entry.title} {entry.value:.3g}{' *' if entry.home else ''}")
    below = None
    if subject is not None:
        changed = difference(subject, column.result.subject)
        below = _fitted(Image.fromarray(difference_map(changed)))
        lines.insert(1, f"differs by {changed.mean():.1f} levels on average")
    elif own := own_pictures(column):
        below = _fitted(own[0].image, 180)
    return Cell(title, _fitted(column.result.subject.image), lines, below)


def _fitted(picture: Image.Image, side: int = SIDE) -> Image.Image:
    scale = side / max(picture.size)
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


def _below_height(row: Sequence[Cell]) -> int:
    tallest = max((cell.below.height for cell in row if cell.below), default=0)
    return tallest + GAP if tallest else 0


def _text_lines(row: Sequence[Cell]) -> int:
    return max(len(cell.title) + len(cell.lines) for cell in row)


def _draw(page: Image.Image, corner: tuple[int, int], cell: Cell, height: int, below: int) -> None:
    left, top = corner
    draw = ImageDraw.Draw(page)
    if cell.picture is None:
        draw.rectangle((left, top, left + SIDE, top + height), fill=BLANK)
    else:
        page.paste(cell.picture, (left + (SIDE - cell.picture.width) // 2, top + height - cell.picture.height))
    if cell.below is not None:
        page.paste(cell.below, (left + (SIDE - cell.below.width) // 2, top + height + GAP // 2))
    top += height + below + 8
    for line in cell.title:
        _write(draw, (left, top), line, INK, 16)
        top += LINE
    for line in cell.lines:
        _write(draw, (left, top), line, SOFT, 14)
        top += LINE


def _write(
    draw: ImageDraw.ImageDraw, corner: tuple[float, float], text: str, ink: tuple[int, int, int], size: int
) -> None:
    """A line of text; Pillow's own font has no arrows, so they are drawn."""
    left, top = corner
    font = ImageFont.load_default(size)
    for part in re.split("([↑↓])", text.replace("×", "x")):
        if part in ("↑", "↓"):
            tip, base = (top + 4, top + 13) if part == "↑" else (top + 13, top + 4)
            draw.polygon([(left, base), (left + 8, base), (left + 4, tip)], fill=ink)
            left += 9
        else:
            draw.text((left, top), part, ink, font)
            left += draw.textlength(part, font)
