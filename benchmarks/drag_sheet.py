"""A sheet of ten drags, before and after: ``python benchmarks/drag_sheet.py [--out FILE] [--only NAME]``.

Handles are landmarks that the puppets' judge finds, or places given as shares of the picture.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.drag_accuracy import judged  # noqa: E402
from editors.drag import drag  # noqa: E402
from editors.latent import latent  # noqa: E402
from facet import Result, finish  # noqa: E402

SIDE, GAP, LINE, MARGIN = 288, 10, 30, 24
INK, PAPER, HANDLE, TARGET = "#222222", "#ffffff", "#d1344b", "#1f6fd1"


@dataclass(frozen=True)
class Scene:
    """One drag: its seed, and (handle, right, down) for each pair, the way in hundredths of the picture's height.

    A handle is the number of a landmark, or a place (x, y) in hundredths.
    """

    name: str
    seed: int
    moves: tuple[tuple[int | tuple[float, float], float, float], ...]
    steps: int = 150


SCENES = (
    Scene("smile", 3, ((48, -3, -3), (54, 3, -3), (33, 0, 0))),
    Scene("open the mouth", 5, ((57, 0, 6), (51, 0, -1), (33, 0, 0))),
    Scene("turn the head", 0, ((30, 12, 0),)),
    Scene("and the other way", 2, ((30, -12, 0),)),
    Scene("look up", 1, ((30, 0, -7),)),
    Scene("raise the brows", 4, ((19, 0, -4), (24, 0, -4), (33, 0, 0))),
    Scene("wider face", 6, ((4, -6, 0), (12, 6, 0), (30, 0, 0))),
    Scene("tilt the head", 7, ((36, 0, -5), (45, 0, 5))),
    Scene("close the eyes", 8, ((37, 0, 4), (38, 0, 4), (43, 0, 4), (44, 0, 4), (33, 0, 0))),
    Scene("longer hair", 9, (((22, 62), 0, 14), ((78, 62), 0, 14), (33, 0, 0))),
)


def made(scene: Scene, places: np.ndarray, source: Result) -> tuple[Result, list[list[float]]]:
    """The drag's result, and its pairs."""
    height = source.subject.size[1]
    pairs = []
    for handle, right, down in scene.moves:
        x, y = places[handle] if isinstance(handle, int) else np.array(handle) / 100 * height
        to = np.clip([x + right / 100 * height, y + down / 100 * height], 0, height - 1)
        pairs.append([float(x), float(y), float(to[0]), float(to[1])])
    return finish(drag, {"subject": source.subject, "pairs": pairs, "steps": scene.steps}, threads=1), pairs


def arrows(picture: Image.Image, pairs: list[list[float]], scale: float) -> None:
    """Handle, line and target of each pair; an anchor is a ring."""
    draw = ImageDraw.Draw(picture)
    for x, y, to_x, to_y in ([(value + 0.5) * scale for value in pair] for pair in pairs):
        if (x, y) == (to_x, to_y):
            draw.ellipse([x - 5, y - 5, x + 5, y + 5], outline=INK, width=2)
            continue
        draw.line([x, y, to_x, to_y], fill=PAPER, width=4)
        draw.line([x, y, to_x, to_y], fill=TARGET, width=2)
        for px, py, colour in ((x, y, HANDLE), (to_x, to_y, TARGET)):
            draw.ellipse([px - 5, py - 5, px + 5, py + 5], fill=colour, outline=PAPER, width=1)


def cell(
    scene: Scene, before: Result, after: Result, pairs: list[list[float]], font: ImageFont.ImageFont
) -> Image.Image:
    """Before with its arrows, after, and what it was."""
    sheet = Image.new("RGB", (2 * SIDE + 2, SIDE + LINE), PAPER)
    scale = SIDE / before.subject.size[1]
    for column, result in enumerate((before, after)):
        picture = result.subject.image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        if not column:
            arrows(picture, pairs, scale)
        sheet.paste(picture, (column * (SIDE + 2), 0))
    left, steps = after.metrics["distance_left_px"], after.metrics["steps"]
    text = f"{scene.name} · {steps:.0f} steps, {left:.1f} px left"
    ImageDraw.Draw(sheet).text((2, SIDE + 6), text, INK, font)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=str(ROOT / "docs" / "drag" / "sheet.webp"))
    parser.add_argument("--only", default="", help="the scenes whose names begin so")
    options = parser.parse_args()
    detect, _, _ = judged(with_floor=False)
    font, cells = ImageFont.load_default(15), []
    for scene in (each for each in SCENES if each.name.startswith(options.only)):
        before = finish(latent, {"seed": scene.seed, "gallery": 1, "truncation_psi": 0.7}, threads=1)
        with torch.no_grad():
            places = detect(before.subject.tensor())[0][0].numpy()
        after, pairs = made(scene, places, before)
        print(scene.name, {name: round(value, 2) for name, value in after.metrics.items()}, flush=True)
        cells.append(cell(scene, before, after, pairs, font))
    columns = min(2, len(cells))
    rows, (wide, high) = -(-len(cells) // columns), cells[0].size
    sheet = Image.new("RGB", (columns * (wide + MARGIN) - MARGIN, rows * (high + GAP) - GAP), PAPER)
    for number, each in enumerate(cells):
        sheet.paste(each, (number % columns * (wide + MARGIN), number // columns * (high + GAP)))
    Path(options.out).parent.mkdir(parents=True, exist_ok=True)
    sheet.save(options.out, quality=84, method=6)
    print(f"{options.out}: {Path(options.out).stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
