"""The sheet of docs/attributes.md: sliders at their low end, at 0 and at their high end, on two puppets.

python benchmarks/attributes_sheet.py [--out docs/attributes.webp] [--reach 0.67]
python benchmarks/attributes_sheet.py --table
python benchmarks/attributes_sheet.py --matrix docs/attributes_matrix.webp

The second prints the table of measured gains and side effects that the docs quote, from the card of the directions; the
third draws all of them as a matrix.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from editors.attributes.matrix import matrix  # noqa: E402
from editors.attributes.method import moved, moves  # noqa: E402
from facet.stylegan import directions_of, generator_nets  # noqa: E402
from nets.stylegan2.contents import from_contents  # noqa: E402
from nets.stylegan2.sampling import pictures  # noqa: E402
from registry.weights import load_net  # noqa: E402

SHOWN = (
    *("smile", "mouth_open", "eyes_closed", "anger", "yaw", "pitch", "roll", "age", "gender", "hair_length"),
    *("hair_volume", "hair_grey", "afro", "beard", "glasses", "hat", "skin_tone", "face_width", "light_side", "night"),
)
SEEDS = (3, 12)
ACROSS, SIDE, GAP, GUTTER, LINE = 2, 128, 3, 26, 26
HARDLY = 0.2  # a gain below this says more about the judges than about the direction
PAPER, INK = (250, 249, 247), (40, 37, 33)


def table() -> str:
    """Gain and the strongest side effects of every embedded direction, as Markdown."""
    lines = ["| slider | does of what it says | its strongest side effects |", "|---|---|---|"]
    for each in directions_of("puppets").values():
        if each.source == "embedded" and each.gain is not None:
            strongest = sorted(each.effects.items(), key=lambda row: -abs(row[1]))[:4]
            says = ", ".join(f"{name.replace('_', ' ')} {share:+.0%}" for name, share in strongest)
            star = " *" if abs(each.gain) < HARDLY else ""
            lines.append(f"| {each.title} | {each.gain:.0%}{star} | {says or 'none of 1 % or more'} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "attributes.webp")
    parser.add_argument("--reach", type=float, default=0.67, help="share of each slider's range that is shown")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)), help="the puppets, between commas")
    parser.add_argument("--table", action="store_true", help="print the table of side effects instead")
    parser.add_argument("--matrix", type=Path, help="draw the matrix of side effects instead")
    options = parser.parse_args()
    if options.table:
        print(table())
        return
    if options.matrix:
        shown = matrix(directions_of("puppets"))
        Image.fromarray((shown * 255).round().byte().permute(1, 2, 0).numpy()).save(options.matrix, lossless=True)
        return
    net = load_net(generator_nets(from_contents)[0]).module
    with torch.no_grad():
        codes = net.mapping(net.z([int(seed) for seed in options.seeds.split(",")]), truncation_psi=0.7)
    offered, rows = directions_of("puppets"), -(-len(SHOWN) // ACROSS)
    cell = len(codes) * (3 * SIDE + 2 * GAP) + (len(codes) - 1) * 4 * GAP
    size = (ACROSS * cell + (ACROSS + 1) * GUTTER, rows * (SIDE + LINE + GUTTER // 2) + GUTTER)
    page = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(17)
    for number, name in enumerate(SHOWN):
        direction = offered[name]
        left = GUTTER + (number // rows) * (cell + GUTTER)
        top = GUTTER // 2 + (number % rows) * (SIDE + LINE + GUTTER // 2)
        ends = [options.reach * direction.low, 0.0, options.reach * direction.high]
        text = f"{direction.title}   {ends[0]:+.3g}{direction.unit} · 0 · {ends[2]:+.3g}{direction.unit}"
        draw.text((left, top), text, INK, font)
        for place, code in enumerate(codes):
            for step, strength in enumerate(ends):
                found = moves({direction: strength}, [], len(code), (0, len(code)), False, None)
                made = pictures(net, moved(code[None], found))[0]
                tile = Image.fromarray((made * 255).round().byte().permute(1, 2, 0).numpy())
                x = left + place * (3 * SIDE + 6 * GAP) + step * (SIDE + GAP)
                page.paste(tile.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (x, top + LINE))
    page.save(options.out, quality=88, method=6)
    print(f"{options.out}: {page.width} × {page.height}, {options.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
