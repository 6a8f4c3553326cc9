"""The sheets of style results that the docs show."""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image

from editors.style.neural import Settings, paint
from facet import Subject
from facet.app import Registry, finish, load_registry
from nets.colour import METHODS, transfer

CONTENTS = ("hopper", "chelsea", "lake", "coffee")
STYLES = ("night", "knife", "mosaic", "gold", "watercolour", "woodcut", "dots")
FAST = ("night", "knife", "waves", "mosaic", "glass", "marbled", "pencil", "halftone")
GRADES = ("fields", "knife", "neon", "ink", "night")
CELL, GAP = 224, 6


def paint_sheet(size: int) -> bytes:
    """Every content in every style, as a WebP of at most 400 KB."""
    grid = _headed(STYLES)
    for content in CONTENTS:
        subject = Subject.read(f"sample:{content}")
        row = [subject.image]
        for style in STYLES:
            frames = paint(subject.tensor(), Subject.read(f"sample:{style}").tensor(), Settings(size=size))
            row.append(_image(list(frames)[-1].picture))
            print(f"{content} x {style}", flush=True)
        grid.append(row)
    return _webp(_layout(grid))


def method_sheet(name: str, size: int) -> bytes:
    """Every content in every style by one editor, or one content by all of them, as a WebP of at most 400 KB."""
    registry = load_registry()
    if name == "methods":
        return _webp(_layout(_side_by_side(registry, size)))
    styles = FAST if name == "fast_style" else STYLES
    grid = _headed(styles)
    for content in CONTENTS:
        subject = Subject.read(f"sample:{content}")
        grid.append([subject.image, *(_made(registry, name, subject, style, size) for style in styles)])
    return _webp(_layout(grid))


def _side_by_side(registry: Registry, size: int) -> list[list[Image.Image]]:
    """A row for each style: the photograph, the style, and what every editor makes of them."""
    rows, ways = [], ("neural_style:gabor", "neural_style:vgg16_edges", "adain", "wct", "fast_style")
    for content, style in (("hopper", "night"), ("chelsea", "knife"), ("lake", "waves"), ("coffee", "mosaic")):
        subject = Subject.read(f"sample:{content}")
        made = (_made(registry, way, subject, style, size) for way in ways)
        rows.append([subject.image, Subject.read(f"sample:{style}").image, *made])
    return rows


def _made(registry: Registry, way: str, subject: Subject, style: str, size: int) -> Image.Image:
    name, _, features = way.partition(":")
    values = {"subject": subject, "size": size} | ({"features": features} if features else {})
    values |= {"look": style} if name == "fast_style" else {"style": f"sample:{style}"}
    return finish(registry.get(name), values, threads=1).subject.image


def colour_sheet() -> bytes:
    """Colour transfer: photographs by grades and methods, as a WebP of at most 400 KB."""
    grid = _headed(GRADES)
    for content, method in zip(("lake", "hopper", "coffee", "spices"), METHODS, strict=True):
        subject = Subject.read(f"sample:{content}")
        looks = (Subject.read(f"sample:{style}").tensor() for style in GRADES)
        grid.append([subject.image, *(_image(transfer(subject.tensor(), look, method)) for look in looks)])
    return _webp(_layout(grid))


def _headed(styles: tuple[str, ...]) -> list[list[Image.Image]]:
    return [[Image.new("RGB", (CELL, CELL), "white"), *(Subject.read(f"sample:{style}").image for style in styles)]]


def _image(picture: torch.Tensor) -> Image.Image:
    return Image.fromarray((picture[0].permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8))


def _layout(grid: list[list[Image.Image]]) -> Image.Image:
    """Square cells, cut from the upper middle so that faces stay in."""
    pitch = CELL + GAP
    sheet = Image.new("RGB", (pitch * len(grid[0]) - GAP, pitch * len(grid) - GAP), "white")
    for y, row in enumerate(grid):
        for x, picture in enumerate(row):
            side = min(picture.size)
            left, top = (picture.width - side) // 2, (picture.height - side) // 4
            cell = picture.crop((left, top, left + side, top + side)).resize((CELL, CELL), Image.Resampling.LANCZOS)
            sheet.paste(cell, (x * pitch, y * pitch))
    return sheet


def _webp(sheet: Image.Image) -> bytes:
    for quality in range(88, 20, -4):
        file = io.BytesIO()
        sheet.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= 400_000:
            break
    return file.getvalue()
