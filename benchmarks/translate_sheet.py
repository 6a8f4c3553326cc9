"""Sheets of image translation, to be looked at: ``python benchmarks/translate_sheet.py [--out docs/translation]``.

portraits.webp: exact labels of renders, outputs in four colourings, the render. edits.webp: portraits, their labels as
parsed, and each edit beside its labels. sketch.webp: sketches and four outputs each. colours.webp: photographs, grey,
coloured, and with two strokes. ink.webp: portraits and sketches of them by the program and by the networks, and back;
with ``--unpaired RUN`` by both methods of training. enlarged.webp: pieces of halved photographs, doubled by pixels, by
Lanczos' filter and by the network, and as they were. direct.webp: labels, by the encoder, directly, the render; then
labels that no puppet looks like, by the encoder with Polish, and directly.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.translate import Truth, pairs  # noqa: E402
from benchmarks.translate_direct import by_edit  # noqa: E402
from benchmarks.translate_edits import EDITS, STRANGE, drawn_by_hand  # noqa: E402
from benchmarks.translate_measures import SAMPLES, WEIGHTS, edited, networks  # noqa: E402
from benchmarks.translate_unpaired import SKETCHED  # noqa: E402
from editors.translate.colouring import hint_colours  # noqa: E402
from editors.translate.directly import drawn, given, merged  # noqa: E402
from editors.translate.outputs import Start, palette_of  # noqa: E402
from editors.translate.palettes import HINTS, PARTS, SKETCH  # noqa: E402
from editors.translate.parsing import cells, lines, parse  # noqa: E402
from editors.translate.portrait import Networks, Wanted, moved  # noqa: E402
from editors.translate.undrawn import without_beard  # noqa: E402
from facet import LabelMap  # noqa: E402
from facet.stylegan import GeneratorRef  # noqa: E402
from nets.colourise import Colourist, colourise, from_lab, lightness  # noqa: E402
from nets.features import FeatureNet  # noqa: E402
from nets.label_encoder import lines_of  # noqa: E402
from nets.stylegan2.sampling import codes  # noqa: E402
from nets.translation.tints import tints_of  # noqa: E402
from training.puppets import Renderer  # noqa: E402
from training.translation.export import read_colourist  # noqa: E402
from training.translation.export_direct import read_direct  # noqa: E402
from training.translation.export_enlarger import (  # noqa: E402
    as_tensor,
    halved_samples,
    read_doubling,
)
from training.translation.ink import inked  # noqa: E402
from training.trunk.convert import read_trunk  # noqa: E402

SIDE, SHEET = 160, 4243
PLACES = {0: (165, 15), 1: (110, 60), 3: (85, 90), 4: (60, 25)}
"""Which bundled photographs the sheet of enlarging shows, and where."""


def shown(picture: Tensor) -> np.ndarray:
    """[1, 3, h, w] in -1..1 as [SIDE, SIDE, 3] uint8."""
    pixels = ((picture[0].clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    return np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def labelled(labels: LabelMap) -> np.ndarray:
    """A label map in its colours."""
    return labels.resized((SIDE, SIDE)).picture()


def save(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of equally large pictures."""
    gap = 4
    wide, high = max(map(len, rows)), len(rows)
    sheet = Image.new("RGB", (wide * (SIDE + gap) - gap, high * (SIDE + gap) - gap), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(Image.fromarray(picture), (x * (SIDE + gap), y * (SIDE + gap)))
    sheet.save(path, quality=88, method=6)
    print(path, path.stat().st_size)


def stop() -> None:
    """Nobody stops it."""


def portraits(nets: Networks, truth: Truth) -> list[list[np.ndarray]]:
    """Labels, four outputs, truth."""
    rows = []
    start = codes(nets.generator, [6], 0.7)
    for number in range(len(truth.parts)):
        parts, own = truth.parts[number : number + 1], truth.colours[number : number + 1]
        palettes = [own, *(palette_of(nets, seed) for seed in (1, 4, 11))]
        made = [moved(nets, start, Wanted(parts, None, colours), 3, stop)[1] for colours in palettes]
        whole = LabelMap(truth.whole[number].byte().numpy(), PARTS)
        rows.append([labelled(whole), *map(shown, made), shown(truth.pictures[number : number + 1])])
    return rows


def edits(nets: Networks, seeds: tuple[int, ...]) -> list[list[np.ndarray]]:
    """Picture and its labels; then of every edit the labels and the picture."""
    rows = []
    for seed in seeds:
        start = Start(nets, GeneratorRef("puppets_256"), codes(nets.generator, [seed], 0.7), True)
        before = nets.draw(start.code)
        labels = parse(nets.judges, before)[0]
        above, below = [labelled(labels)], [shown(before)]
        for edit, _ in EDITS.values():
            above.append(labelled(edit(labels)))
            below.append(shown(edited(start, edit, 24)[0]))
        rows += [above, below]
    return rows


def directly(nets: Networks, truth: Truth, seeds: tuple[int, ...]) -> list[list[np.ndarray]]:
    """Labels, by the encoder, directly, the render; below portraits, strange labels, with Polish, directly."""
    net, rows = read_direct(WEIGHTS / "direct_portrait"), list[list[np.ndarray]]()
    start = codes(nets.generator, [6], 0.7)
    for row, parts, colours in zip(truth.params, truth.parts.split(1), truth.colours.split(1), strict=True):
        frame = Renderer()(row[None], net.config.size)
        made = moved(nets, start, Wanted(parts, None, colours), 3, stop)[1]
        tints = tints_of(2 * frame.rgb - 1, frame.parts, len(PARTS))
        found = drawn(net, frame.parts.long(), merged(net, 0, tints))
        labels = LabelMap(frame.parts[0].byte().numpy(), PARTS)
        rows.append([labelled(labels), shown(made), shown(found), shown(2 * frame.rgb - 1)])
    for seed, (name, edit) in zip(seeds, STRANGE.items(), strict=True):
        begin = Start(nets, GeneratorRef("puppets_256"), codes(nets.generator, [seed], 0.7), True)
        before = given(nets, nets.draw(begin.code), net.config.size)
        new, painted = by_edit(net, before, name)[:2]
        labels = LabelMap(painted[0].byte().numpy(), PARTS)
        rows.append([shown(before.picture), labelled(labels), shown(edited(begin, edit, 24)[0]), shown(new)])
    return rows


def sketched(nets: Networks, truth: Truth) -> list[list[np.ndarray]]:
    """Sketches and four outputs: one drawn by hand, one of the rims of exact labels."""
    rims = LabelMap((lines_of(truth.parts[:1])[0, 0] > 0.5).byte().numpy(), SKETCH)
    rows = []
    for sketch in (drawn_by_hand(), rims):
        drawn = lines(sketch, 128)
        row = [np.asarray(Image.fromarray(sketch.picture()).resize((SIDE, SIDE), Image.Resampling.LANCZOS))]
        for seed in (6, 3, 12, 9):
            start = codes(nets.generator, [seed], 0.7)
            colours = cells(nets.judges, nets.draw(start))[1]
            code, made = moved(nets, start, Wanted(None, drawn, colours), 3, stop)
            row.append(shown(without_beard(nets, code, made, drawn, stop)[1]))
        rows.append(row)
    return rows


def coloured(names: tuple[str, ...]) -> list[list[np.ndarray]]:
    """Photographs, grey, coloured."""
    net, trunk, rows = read_colourist(WEIGHTS / "colourist"), read_trunk(WEIGHTS / "vgg16_edges"), []
    for name in names:
        image = Image.open(SAMPLES / f"{name}.webp").convert("RGB")
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side)).resize((256, 256), Image.Resampling.LANCZOS)
        true = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float() / 255
        rows.append([shown(2 * one - 1) for one in (grey_of(true), colourise(net, trunk, true), true)])
    return [[*a, *b] for a, b in zip(rows[::2], rows[1::2], strict=True)] + [told(net, trunk)]


def told(net: Colourist, trunk: FeatureNet) -> list[np.ndarray]:
    """The cup in grey, without and with strokes: orange on the saucer, brown on the table, grey on the cup."""
    image = Image.open(SAMPLES / "coffee.webp").convert("RGB")
    side = min(image.size)
    left = (image.width - side) // 2
    image = image.crop((left, 0, left + side, side)).resize((256, 256), Image.Resampling.LANCZOS)
    true = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float() / 255
    strokes = Image.new("L", (256, 256))
    draw = ImageDraw.Draw(strokes)
    for name, line in (("red", (30, 190, 90, 225)), ("red", (170, 90, 185, 120)), ("brown", (20, 15, 60, 30)),
                       ("brown", (228, 30, 245, 120)), ("grey", (55, 100, 70, 130)), ("grey", (130, 50, 150, 60)),
                       ("orange", (85, 95, 130, 110))):  # fmt: skip
        draw.line(line, fill=HINTS.index(name), width=7)
    hints = LabelMap(np.array(strokes), HINTS)
    known = torch.from_numpy(hints.indices > 0)
    drawn = torch.where(known, torch.from_numpy(hints.picture().copy()).permute(2, 0, 1)[None] / 255, grey_of(true))
    made = [drawn, colourise(net, trunk, true), colourise(net, trunk, true, hint_colours(hints)), true]
    return [shown(2 * one - 1) for one in made]


def in_ink(truth: Truth, run: Path | None) -> list[list[np.ndarray]]:
    """Portraits, the program's sketches, those of each pair; then what each pair makes of the program's."""
    sketches = inked(truth.pictures, truth.whole, SKETCHED)
    ways = pairs(run)
    ways = ways if run is None else {name: net for name, net in ways.items() if name != "as shipped"}
    rows = [truth.pictures, sketches, *(net(truth.pictures, "to_ink") for net in ways.values()),
            *(net(sketches, "to_portrait") for net in ways.values() if "to_portrait" in net.config.ways)]  # fmt: skip
    return [[shown(one) for one in row.split(1)] for row in rows]


def enlarged(places: dict[int, tuple[int, int]]) -> list[list[np.ndarray]]:
    """Pieces of 80 pixels of the bundled photographs, by number, with each pixel four pixels large."""
    net, rows = read_doubling(WEIGHTS / "doubling"), list[list[np.ndarray]]()
    for number, (true, small) in enumerate(halved_samples()):
        if number in places:
            left, top = places[number]
            size = true.shape[3], true.shape[2]
            filters = (
                as_tensor(small.resize(size, how)) for how in (Image.Resampling.NEAREST, Image.Resampling.LANCZOS)
            )
            pieces = [one[:, :, top : top + 80, left : left + 80] for one in (*filters, net(as_tensor(small)), true)]
            rows.append([shown(2 * torch.nn.functional.interpolate(one, scale_factor=2.0) - 1) for one in pieces])
    return [[*a, *b] for a, b in zip(rows[::2], rows[1::2], strict=True)]


def grey_of(picture: Tensor) -> Tensor:
    """A picture without its colours."""
    light = lightness(picture)
    return from_lab(torch.cat([light, torch.zeros_like(light).expand(-1, 2, -1, -1)], 1)).clamp(0, 1)


@torch.no_grad()
def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "translation")
    parser.add_argument("--only", choices=("portraits", "edits", "sketch", "colours", "ink", "enlarged", "direct"))
    parser.add_argument("--unpaired", type=Path, help="checkpoints of training.translation.unpaired")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if args.only in (None, "colours"):
        save(coloured(("lake", "astronaut", "chelsea", "rocket")), args.out / "colours.webp")
    if args.only in (None, "ink"):
        save(in_ink(Truth(7, SHEET), args.unpaired), args.out / "ink.webp")
    if args.only in (None, "enlarged"):
        save(enlarged(PLACES), args.out / "enlarged.webp")
    nets = networks(256)
    if args.only in (None, "edits"):
        save(edits(nets, (5, 8)), args.out / "edits.webp")
    if args.only in (None, "direct"):
        save(directly(nets, Truth(3, SHEET), (5, 8, 3)), args.out / "direct.webp")
    if args.only in (None, "portraits", "sketch"):
        truth = Truth(4)
        if args.only != "sketch":
            save(portraits(nets, truth), args.out / "portraits.webp")
        if args.only != "portraits":
            save(sketched(nets, truth), args.out / "sketch.webp")


if __name__ == "__main__":
    main()
