"""A painting brought in through a source generator and through one that was adapted to its kind, side by side.

``python benchmarks/adapt_inversion.py --steps 40 --sheet docs/adapt/inversion.webp --json``: no generator is tuned, so
that what is kept of the painting is what each can draw. Paintings are puppets restyled by a method that adapts nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402

from benchmarks.adapt import loaded, sitter  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from editors.inversion import invert  # noqa: E402
from facet import Subject  # noqa: E402
from facet.app import finish  # noqa: E402
from metrics import METRICS  # noqa: E402
from registry.generators import ADAPTED  # noqa: E402

PX = 224
THROUGH = {"through the source": "puppets_256", "through the adapted one": ""}


def main() -> None:
    """Reads the command line, brings the paintings in, prints and writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--sheet", type=Path, help="where a picture of it is written")
    parser.add_argument("--quick", action="store_true", help="one painting, a few steps")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    args = parser.parse_args()
    torch.set_num_threads(1)
    names = list(ADAPTED)[: 1 if args.quick else None]
    rows, pictures = {}, []
    for name in names:
        style = name.removeprefix("puppets_")
        painting = Subject((sitter(loaded("puppets_256"), style)[0].permute(1, 2, 0) * 255).round().byte().numpy())
        row = [("the painting", painting.pixels)]
        for words, model in THROUGH.items():
            steps = 4 if args.quick else args.steps
            values = {"subject": painting, "model": model or name, "align": "none", "steps": steps, "tuning": 0}
            found = finish(invert, values, threads=1).subject
            row.append((words, found.pixels))
            shown = {"result": found.pixels, "subject": painting.pixels, "style": painting.pixels}
            measured = {key: METRICS[key](**shown) for key in ("style_random", "style_gabor", "ssim", "psnr")}
            rows[f"{style}, {words}"] = {key: round(value, 3) for key, value in measured.items()}
        pictures.append(row)
    if args.sheet:
        drawn(pictures).save(args.sheet, "WEBP", quality=86, method=6)
    columns = list(next(iter(rows.values())))
    print(table("painting", columns, {name: list(row.values()) for name, row in rows.items()}))
    if args.json:
        print(json.dumps(rows))


def drawn(rows: list[list[tuple[str, object]]]) -> Image.Image:
    """Rows of pictures under their names."""
    whole = Image.new("RGB", (PX * len(rows[0]), PX * len(rows) + 30), "white")
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(16)
    for column, (words, _) in enumerate(rows[0]):
        pen.text(((column + 0.5) * PX, 15), words, "black", font, anchor="mm")
    for number, row in enumerate(rows):
        for column, (_, pixels) in enumerate(row):
            shown = Image.fromarray(pixels).resize((PX, PX), Image.Resampling.LANCZOS)
            whole.paste(shown, (column * PX, 30 + number * PX))
    return whole


if __name__ == "__main__":
    main()
