"""The pictures of docs/latent.md and docs/animation.md: mixing, arithmetic, units, and three films.

python benchmarks/latent_sheet.py [--out docs]

Everything is made by the editors, as anybody would make it, from seeds of the embedded puppets.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from editors.animation import animation, walk  # noqa: E402
from editors.latent import latent, latent_arithmetic, latent_mix, units  # noqa: E402
from facet import Subject  # noqa: E402
from facet.app import Result, finish  # noqa: E402

Tile = tuple[np.ndarray, str]
SIDE, GAP, LINE = 128, 6, 24
PAPER, INK, PAINT = (250, 249, 247), (40, 37, 33), (200, 40, 60)
WHO, OTHERS, THIRD = 11, (3, 5), 4


def seed(number: int) -> Subject:
    """The puppet of a seed."""
    return finish(latent, {"model": "puppets", "seed": number, "truncation_psi": 0.7, "gallery": 1}).subject


def sheet(rows: Sequence[Sequence[Tile]], path: Path) -> None:
    """Rows of captioned pictures as one."""
    across = max(len(row) for row in rows)
    page = Image.new("RGB", (across * (SIDE + GAP) + GAP, len(rows) * (SIDE + LINE + GAP) + GAP), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for down, row in enumerate(rows):
        for right, (pixels, caption) in enumerate(row):
            x, y = GAP + right * (SIDE + GAP), GAP + down * (SIDE + LINE + GAP)
            page.paste(Image.fromarray(pixels).resize((SIDE, SIDE)), (x, y))
            draw.text((x + 2, y + SIDE + 3), caption, INK, font)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path, quality=90, method=6)


def mixing(subject: Subject) -> list[list[Tile]]:
    """Coarse, middle and fine rows of two seeds in one picture."""
    rows = []
    for other in OTHERS:
        parts = [f"{span}: seed {other}" for span in ("coarse", "middle", "fine")]
        mixed = [(finish(latent_mix, {"subject": subject, "rows": part}).subject.pixels, part) for part in parts]
        rows.append([(subject.pixels, "A"), (seed(other).pixels, f"seed {other}"), *mixed])
    return rows


def arithmetic(subject: Subject) -> list[list[Tile]]:
    """A mean of three, an analogy, half the way to the mean."""
    given = {"subject": subject, "second": seed(OTHERS[0]), "third": seed(THIRD)}
    shown = [(each.pixels, name) for each, name in zip(given.values(), "ABC", strict=True)]
    for formula in ("mean(A, B, C)", "A - B + C", "0.5 * A"):
        shown.append((finish(latent_arithmetic, given | {"formula": formula}).subject.pixels, formula))
    return [shown]


def dissected(subject: Subject) -> list[list[Tile]]:
    """The units of two blocks that agree best with a painted hat, and the picture without them."""
    height, width = subject.pixels.shape[:2]
    y, x = np.mgrid[:height, :width] / np.array([height, width])[:, None, None]
    hat = (((x - 0.53) / 0.34) ** 2 + ((y - 0.3) / 0.25) ** 2 < 1) & (y < 0.34)
    painted = subject.pixels.copy()
    painted[hat] = (0.5 * painted[hat] + 0.5 * np.array(PAINT)).astype(np.uint8)
    rows = []
    for block, count in (("8", 16), ("16", 24)):
        made: Result = finish(units, {"subject": subject, "region": hat, "block": block, "count": count})
        best = [(pixels, name) for name, pixels in made.images.items() if name.startswith("unit")][:3]
        rows.append([(painted, "painted"), *best, (made.subject.pixels, f"{count} units of {block} off")])
    return rows


def films(subject: Subject, folder: Path) -> None:
    """A head that turns, a walk through four seeds, key frames."""
    common = {"subject": subject, "format": "webp"}
    keys = "0: smile=0; 1.5: smile=1, yaw=-15; 3: smile=0"
    made = {
        "turn": finish(animation, common | {"motion": "turn", "seconds": 3}),
        "walk": finish(walk, common | {"seeds": "7, 12, 40", "seconds": 5}),
        "keys": finish(animation, common | {"motion": "key_frames", "key_frames": keys, "seconds": 4}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, result in made.items():
        assert result.film is not None
        (folder / f"{name}.webp").write_bytes(result.film.content)


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    out = parser.parse_args().out
    subject = seed(WHO)
    for name, rows in (("mix", mixing), ("arithmetic", arithmetic), ("units", dissected)):
        sheet(rows(subject), out / "latent" / f"{name}.webp")
    films(subject, out / "animation")


if __name__ == "__main__":
    main()
