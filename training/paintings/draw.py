"""Paints the style pictures that come with Facet: ``python -m training.paintings.draw [id …] [--out FOLDER]``.

Every picture is computed from a seed by one function; nothing is copied from a work of art. The same command with the
same versions of NumPy and Pillow writes the same files.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from training.paintings import brush, craft, modern, pattern, prints
from training.paintings.canvas import Array, Rng, to_image

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "styles"
SIZE = 512
MOST_BYTES = 98_000

PAINTERS: dict[str, tuple[str, Callable[[Rng], Array], int]] = {
    "night": ("Swirling night", brush.night, 545),
    "dots": ("River bank in dots", brush.dots, 442),
    "knife": ("Autumn wood, palette knife", brush.knife, 530),
    "watercolour": ("Watercolour washes", brush.watercolour, 1180),
    "ink": ("Ink mountains and bamboo", brush.ink, 322),
    "oil": ("Still life in old oil", brush.oil, 324),
    "waves": ("Rolling waves, colour woodblock", prints.waves, 532),
    "woodcut": ("Mountain woodcut", prints.woodcut, 777),
    "pencil": ("Pencil hatching", prints.pencil, 635),
    "halftone": ("Comic halftone", modern.halftone, 860),
    "neon": ("Neon city", modern.neon, 432),
    "contour": ("Contour blueprint", pattern.contour, 777),
    "fields": ("Sunset gouache", prints.fields, 630),
    "glass": ("Stained glass", craft.glass, 535),
    "mosaic": ("Sun mosaic", craft.mosaic, 643),
    "gold": ("Gold leaf ornament", craft.gold, 422),
    "bronze": ("Cast bronze", craft.bronze, 417),
    "tartan": ("Tartan weave", pattern.tartan, 646),
    "marbled": ("Marbled paper", pattern.marbled, 728),
    "cubist": ("Cubist facets", modern.cubist, 651),
}
"""Id → title, painter, seed."""


def paint(style_id: str) -> bytes:
    """One style picture as a WebP file of at most `MOST_BYTES`. Raises KeyError for an unknown id."""
    _, painter, seed = PAINTERS[style_id]
    picture = to_image(painter(np.random.default_rng(seed)), SIZE)
    for quality in range(92, 20, -3):
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= MOST_BYTES:
            break
    return file.getvalue()


def row(style_id: str, data: bytes) -> dict[str, Any]:
    """The entry of ``styles.json``."""
    title, painter, seed = PAINTERS[style_id]
    doc = inspect.getdoc(painter) or ""
    return {
        "id": style_id,
        "file": f"{style_id}.webp",
        "title": title,
        "attribution": "Facet, painted by a program",
        "licence": "CC0-1.0",
        "made": f"{painter.__module__}.{painter.__name__}, seed {seed}: {doc}",
        "seed": seed,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Paint the bundled style pictures.")
    parser.add_argument("ids", nargs="*", help=f"which ones (default all): {', '.join(PAINTERS)}")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    if unknown := [name for name in options.ids if name not in PAINTERS]:
        parser.error(f"no painter is called {', '.join(unknown)}")
    options.out.mkdir(parents=True, exist_ok=True)
    index = options.out / "styles.json"
    known = {entry["id"]: entry for entry in json.loads(index.read_text())} if index.is_file() else {}
    for name in options.ids or PAINTERS:
        data = paint(name)
        (options.out / f"{name}.webp").write_bytes(data)
        known[name] = row(name, data)
        print(f"{name}: {len(data) // 1024} KB", flush=True)
    rows = [known[name] for name in PAINTERS if name in known]
    index.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
