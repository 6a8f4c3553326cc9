"""Ten drags, before and after, and as one film: ``python benchmarks/drag_sheet.py [--out FOLDER] [--only NAME]``.

The puppets are drawn by the embedded generator from the renderer's controls, so that every landmark is known exactly
and handles can be put on them: on the nose, the corners of the mouth, the lids.
"""

from __future__ import annotations

import argparse
import io
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont, ImageSequence

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from editors.drag import drag  # noqa: E402
from editors.drag.generators import GENERATORS  # noqa: E402
from facet import Subject  # noqa: E402
from facet.app import Result, finish  # noqa: E402
from facet.stylegan import GeneratorRef  # noqa: E402
from nets.stylegan2 import Generator  # noqa: E402
from nets.stylegan2.sampling import picture  # noqa: E402
from registry.weights import load_net  # noqa: E402
from training.controls import ControlEncoder, features  # noqa: E402
from training.generator.student import read_controls  # noqa: E402
from training.puppets import INDEX, sample  # noqa: E402
from training.puppets.landmarks import landmarks  # noqa: E402

WEIGHTS = ROOT / "assets" / "weights" / "puppets_128"
SIDE, GAP, LINE, MARGIN = 256, 12, 30, 28
SHOT, FRAMES, LARGEST = 160, 16, 400_000  # the film: pixels and pictures of a drag, bytes in all
INK, PAPER, HANDLE, TARGET = "#222222", "#ffffff", "#d1344b", "#1f6fd1"
PLAIN = dict.fromkeys(("glasses", "hat", "beard", "moustache", "yaw", "pitch", "roll", "tears", "night"), 0.0)
LIDS = ((37, 41), (38, 40), (43, 47), (44, 46))
SERIOUS = {"smile": 0.0, "mouth_open": 0.0}
LOOSE = {**dict.fromkeys(("bald", "bun", "ponytail", "afro", "pigtails"), 0.0), "hair_length": 0.45}


@dataclass(frozen=True)
class Scene:
    """One drag: a puppet's seed, what is set about it, and (handle, right, down) for each pair.

    A handle is the number of a landmark (iBUG 300-W), or a place (x, y); lengths are hundredths of the height. A way
    of no length is an anchor. onto: landmarks that are dragged onto others. rows: as the editor's input; small things
    want finer rows. motion: as the editor's; lids and hair hardly move along the main axes.
    """

    name: str
    seed: int
    moves: tuple[tuple[int | tuple[float, float], float, float], ...]
    controls: dict[str, float] = field(default_factory=dict)
    rows: int = 0
    onto: tuple[tuple[int, int], ...] = ()
    motion: str = "own"


SCENES = (
    Scene("smile", 4, ((48, -3, -3), (54, 3, -3), (57, 0, 2)), {**SERIOUS, "lip_fullness": 0.3}),
    Scene("open the mouth", 2, ((57, 0, 7), (8, 0, 3), (33, 0, 0)), {"mouth_open": 0.0}),
    Scene("turn the head", 3, ((30, 12, 0),)),
    Scene("and the other way", 2, ((30, -12, 0),)),
    Scene("look up", 4, ((30, 0, -8),)),
    Scene("close the eyes", 8, ((33, 0, 0),), {"eyes_closed": 0.0}, 8, LIDS, "published"),
    Scene("longer hair", 9, (((20, 66), 0, 14), ((80, 66), 0, 14), (33, 0, 0)), LOOSE, motion="published"),
    Scene("wider face", 6, ((3, -6, 0), (13, 6, 0), (30, 0, 0))),
    Scene("narrower face", 10, ((3, 4, 0), (13, -4, 0), (30, 0, 0))),
    Scene("tilt the head", 7, ((36, 0, -4), (45, 0, 4))),
)


def source(scene: Scene, generator: Generator, encoder: ControlEncoder) -> tuple[Subject, np.ndarray]:
    """The puppet of a scene with its code, and its landmarks [72, 2] in pixels."""
    params = sample(500 + scene.seed, 1)
    for name, value in {**PLAIN, **scene.controls}.items():
        params[0, INDEX[name]] = value
    with torch.no_grad():
        w_plus = generator.mapping.rows(encoder(features(params)))
    pixels = (picture(generator, w_plus) * 255 + 0.5).byte().permute(1, 2, 0).numpy()
    places = landmarks(params, generator.config.resolution[0])[0].numpy() - 0.5  # there a pixel's centre is at a half
    return Subject(pixels, w_plus[0].numpy(), GeneratorRef(GENERATORS[0].name)), places


def pairs_of(scene: Scene, places: np.ndarray, height: int) -> list[list[float]]:
    """Its pairs in pixels."""
    pairs = []
    for handle, right, down in scene.moves:
        x, y = places[handle] if isinstance(handle, int) else np.array(handle) / 100 * height
        pairs.append([x, y, x + right / 100 * height, y + down / 100 * height])
    pairs += [[*places[handle], *places[target]] for handle, target in scene.onto]
    return [[float(np.clip(value, 0, height - 1)) for value in pair] for pair in pairs]


def arrows(shown: Image.Image, pairs: list[list[float]], scale: float) -> None:
    """Handle, line and target of each pair; an anchor is a ring."""
    draw = ImageDraw.Draw(shown)
    for x, y, to_x, to_y in ([(value + 0.5) * scale for value in pair] for pair in pairs):
        if (x, y) == (to_x, to_y):
            draw.ellipse([x - 4, y - 4, x + 4, y + 4], outline=PAPER, width=4)
            draw.ellipse([x - 4, y - 4, x + 4, y + 4], outline=HANDLE, width=2)
            continue
        draw.line([x, y, to_x, to_y], fill=PAPER, width=4)
        draw.line([x, y, to_x, to_y], fill=TARGET, width=2)
        for px, py, colour in ((x, y, HANDLE), (to_x, to_y, TARGET)):
            draw.ellipse([px - 4, py - 4, px + 4, py + 4], fill=colour, outline=PAPER, width=1)


def cell(scene: Scene, before: Subject, after: Result, pairs: list[list[float]]) -> Image.Image:
    """Before with its arrows, after, and how it went."""
    sheet = Image.new("RGB", (2 * SIDE + 2, SIDE + LINE), PAPER)
    for column, subject in enumerate((before, after.subject)):
        shown = subject.image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        if not column:
            arrows(shown, pairs, SIDE / before.size[1])
        sheet.paste(shown, (column * (SIDE + 2), 0))
    left, steps = after.metrics["distance_left_px"], after.metrics["steps"]
    text = f"{scene.name} · {steps:.0f} steps, {left:.1f} px left"
    ImageDraw.Draw(sheet).text((2, SIDE + 6), text, INK, ImageFont.load_default(15))
    return sheet


def arranged(cells: list[Image.Image], columns: int = 2) -> Image.Image:
    """So many cells in a row."""
    columns = min(columns, len(cells))
    rows, (wide, high) = -(-len(cells) // columns), cells[0].size
    sheet = Image.new("RGB", (columns * (wide + MARGIN) - MARGIN, rows * (high + GAP) - GAP), PAPER)
    for number, each in enumerate(cells):
        sheet.paste(each, (number % columns * (wide + MARGIN), number // columns * (high + GAP)))
    return sheet


def shots(before: Subject, after: Result, pairs: list[list[float]], name: str) -> list[Image.Image]:
    """`FRAMES` pictures of a drag on its way, with its name; the arrows are on the first."""
    assert after.film is not None, "it was asked for"
    with Image.open(io.BytesIO(after.film.content)) as film:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
    found = []
    for number in np.linspace(0, len(frames) - 1, FRAMES).round().astype(int):
        shown = Image.new("RGB", (SHOT, SHOT + 18), PAPER)
        shown.paste(frames[number].resize((SHOT, SHOT), Image.Resampling.LANCZOS))
        if not found:
            arrows(shown, pairs, SHOT / before.size[1])
        ImageDraw.Draw(shown).text((2, SHOT + 2), name, INK, ImageFont.load_default(12))
        found.append(shown)
    return found


def filmed(reels: list[list[Image.Image]], path: Path) -> None:
    """All drags at once as one animated WebP of at most `LARGEST` bytes."""
    frames = [arranged([reel[number] for reel in reels], 5) for number in range(FRAMES)]
    rests = [1200, *[90] * (FRAMES - 2), 1500]
    for quality in (80, 70, 60, 50, 40, 30):
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=rests, loop=0, quality=quality, method=6)
        if path.stat().st_size <= LARGEST:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=str(ROOT / "docs" / "drag"), help="the folder for sheet and films")
    parser.add_argument("--only", default="", help="the scenes whose names begin so")
    parser.add_argument("--steps", type=int, default=80)
    options = parser.parse_args()
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    generator, encoder, cells, reels = load_net(GENERATORS[0]).module, read_controls(WEIGHTS), [], []
    for scene in (each for each in SCENES if each.name.startswith(options.only)):
        before, places = source(scene, generator, encoder)
        pairs = pairs_of(scene, places, before.size[1])
        values = {"subject": before, "pairs": pairs, "steps": options.steps, "film": "webp"}
        after = finish(drag, values | {"rows": scene.rows, "motion": scene.motion}, threads=1)
        print(scene.name, {name: round(value, 2) for name, value in after.metrics.items()}, flush=True)
        cells.append(cell(scene, before, after, pairs))
        reels.append(shots(before, after, pairs, scene.name))
    filmed(reels, folder / "film.webp")
    arranged(cells).save(folder / "sheet.webp", quality=84, method=6)
    for name in ("sheet.webp", "film.webp"):
        print(f"{folder / name}: {(folder / name).stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
