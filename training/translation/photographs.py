"""Photographs to learn colours from: ``python -m training.translation.photographs --pictures DIR --gcompris DIR``.

The first DIR is what `training.trunk.pictures` made: of its pictures those count that show the world (`PATTERNS`). The
second has the resource files of Debian's package ``gcompris-qt-data`` (``usr/share/gcompris-qt/rcc`` after ``dpkg-deb
-x``), which hold some 250 photographs as WebP or JPEG, each under a free licence that the package's copyright file
names (CC0, CC BY, CC BY-SA, GPL or public domain; none forbids commerce or changes). OUT gets colours.npz and
colours.json. Every eighth wallpaper and every twelfth other one is held out.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

RESOURCES = ("categorization", "explore_monuments", "explore_world_animals", "details", "erase", "explore_farm_animals")
PATTERNS = (
    "*_by_Sander*", "*_by_Bolly*", "*_by_freespace*", "*_by_Jakkub*", "*aitzgorri*", "*greentock*", "*life_by*",
    "*friends*", "*picosdeeuropa*", "*seeding*", "*sunset_by*", "*Kleiber*", "*mate_nature_*", "*BytheWater*",
    "*ColdRipple*", "*ColorfulCups*", "*EveningGlow*", "*FallenLeaf*", "*_Kite_*", "*OneStandsOut*", "*_Path_*",
    "*Shell_contents*", "*summer_1am*", "china.jpg", "flower.jpg",
)  # fmt: skip
"""Names of the wallpapers that are photographs."""
LEAST, SHORT = 150, 320
GREY = 4.0
"""Pictures whose mean chroma is less teach nothing."""


def embedded(data: bytes) -> Iterator[Image.Image]:
    """The WebP and JPEG pictures that lie in a resource file as they are."""
    place = 0
    while True:
        found = [n for n in (data.find(b"RIFF", place), data.find(b"\xff\xd8\xff", place)) if n >= 0]
        if not found:
            return
        place = min(found) + 4
        try:
            image = Image.open(io.BytesIO(data[min(found) : min(found) + (4 << 20)]))
            image.load()
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
            continue
        yield image


def fit(image: Image.Image) -> np.ndarray | None:
    """A photograph [h, w, 3] uint8, its shorter side at most `SHORT`; None for a small, transparent or grey one."""
    if min(image.size) < LEAST or (
        image.mode in ("RGBA", "LA", "P") and image.convert("RGBA").getextrema()[3][0] < 255
    ):
        return None
    image = image.convert("RGB")
    share = min(1.0, SHORT / min(image.size))
    image = image.resize([max(1, round(n * share)) for n in image.size], Image.Resampling.LANCZOS)
    lab = np.asarray(image.convert("LAB")).astype(np.int16)
    chroma = np.hypot(*(np.where(lab[..., n] > 127, lab[..., n] - 256, lab[..., n]) for n in (1, 2))).mean()
    return np.asarray(image) if chroma >= GREY else None


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--gcompris", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, str, np.ndarray]] = []
    listed = json.loads((args.pictures / "listed.json").read_text())["photographs"]
    with np.load(args.pictures / "photographs.npz") as known:
        for number, row in enumerate(listed):
            if any(fnmatch.fnmatch(row["file"], pattern) for pattern in PATTERNS):
                picture = fit(Image.fromarray(known[f"arr_{number}"]))
                if picture is not None:
                    rows.append((row["file"], row["source"], picture))
    wallpapers = len(rows)
    for name in RESOURCES:
        for number, image in enumerate(embedded((args.gcompris / f"{name}.rcc").read_bytes())):
            picture = fit(image)
            if picture is not None:
                rows.append((f"{name}.rcc number {number}", "gcompris-qt-data (Debian)", picture))
    held = [n for n in range(len(rows)) if (n % 8 == 0 if n < wallpapers else (n - wallpapers) % 12 == 0)]
    np.savez_compressed(args.out / "colours.npz", *(row[2] for row in rows))
    facts = {"pictures": [{"file": f, "source": s} for f, s, _ in rows], "held_out": held}
    (args.out / "colours.json").write_text(json.dumps(facts, indent=1))
    print(len(rows), "photographs,", len(held), "held out")


if __name__ == "__main__":
    main()
