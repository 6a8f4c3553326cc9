"""What drags cannot do, and what is said about it: ``python benchmarks/drag_limits.py [--out FILE] [--steps N]``.

Two targets that the generator knows no picture of, and two handles where little or nothing tells one place from the
next, with the editor's own sentences beside them.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.drag_sheet import (  # noqa: E402
    INK,
    PAPER,
    SERIOUS,
    SIDE,
    WEIGHTS,
    Scene,
    arranged,
    arrows,
    pairs_of,
    source,
)
from editors.drag import drag  # noqa: E402
from editors.drag.generators import GENERATORS  # noqa: E402
from facet import Subject  # noqa: E402
from facet.app import Result, run  # noqa: E402
from registry.weights import load_net  # noqa: E402
from training.generator.student import read_controls  # noqa: E402

WORDS = 84  # height of the text below a pair of pictures
SCENES = (
    Scene("a nose that leaves the face", 3, ((30, 38, -30),)),
    Scene("an eye that moves to the chin", 6, ((36, 0, 30), (45, 0, 0), (30, 0, 0))),
    Scene("a handle on the background", 4, (((12, 14), 30, 0),), SERIOUS),
    Scene("a handle on a cap", 2, (((50, 16), 14, 0),), {"hat": 1.0}),
)


def shown(scene: Scene, before: Subject, steps: int, pairs: list[list[float]]) -> Image.Image:
    """Before with its arrows, after, and what was said in the end."""
    *_, last, result = run(drag, {"subject": before, "pairs": pairs, "steps": steps}, threads=1)
    assert isinstance(result, Result), "it ends with one"
    print(f"{scene.name}: {last.note}", flush=True)
    cell = Image.new("RGB", (2 * SIDE + 2, SIDE + WORDS), PAPER)
    for column, subject in enumerate((before, result.subject)):
        large = subject.image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        if not column:
            arrows(large, pairs, SIDE / before.size[1])
        cell.paste(large, (column * (SIDE + 2), 0))
    draw = ImageDraw.Draw(cell)
    draw.text((2, SIDE + 6), scene.name, INK, ImageFont.load_default(15))
    said = textwrap.fill(f"“{last.note}”", 72)
    draw.multiline_text((2, SIDE + 28), said, "#8a1f30", ImageFont.load_default(13), spacing=3)
    return cell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "drag" / "limits.webp")
    parser.add_argument("--steps", type=int, default=80)
    options = parser.parse_args()
    generator, encoder, cells = load_net(GENERATORS[0]).module, read_controls(WEIGHTS), []
    for scene in SCENES:
        before, places = source(scene, generator, encoder)
        cells.append(shown(scene, before, options.steps, pairs_of(scene, places, before.size[1])))
    arranged(cells).save(options.out, quality=84, method=6)
    print(f"{options.out}: {options.out.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
