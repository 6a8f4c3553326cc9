"""Photographs: who finds their faces, how soon they are brought in, and how edits look when they are carried over.

    python benchmarks/photographs.py [--quick] [--json] [--sheet docs/photographs.webp]
    python benchmarks/photographs.py --pictures FOLDER --marks eyes.json

Without a folder the two bundled portraits are measured. A folder's portraits are added to them; `--marks` has the eyes
of each, marked by hand, as {"file.jpg": [[x, y], [x, y]]}, and without it they are only brought in and edited.

    found        share of faces found, with the eyes within a third of their distance
    eye error    mean distance of both eyes from the marks, in eye distances
    to 25 dB     seconds until the generator's picture is that near to the photograph
    sharp        steepness of edges and grain over the photograph's own, inside the square
    at once, in steps   the same of a turn, carried over in one step, and in as many as it is large
    seam         steepness along the border of what changed over the photograph's own there; 1 is no seam
    live         milliseconds for a picture that follows a slider, and how many there are in a second
    on the page  the same with a mouse and a browser: pictures drawn in a second, milliseconds of each part, and of
                 processor for each picture, by the server and by the browser
    reached      how much of the generator's movement the photograph's landmarks have made
    parted       how far the photograph's lips go apart, over the generator's
    untouched    share of the photograph's pixels that keep their bits
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import photographs_faces as looking  # noqa: E402
from benchmarks import photographs_live, photographs_sheet  # noqa: E402
from benchmarks.photographs_carried import EDITS, TURNS, Edit, bring, edits, turns  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from editors.attributes import attributes  # noqa: E402
from editors.inversion import invert  # noqa: E402
from facet import Context, Subject  # noqa: E402
from registry.saved import subject_png  # noqa: E402

MOST = 1600  # longer side of a folder's pictures


def portraits(folder: Path | None, marks: Path | None) -> list[looking.Portrait]:
    """The bundled ones, and the folder's; those without marks have no eyes."""
    known = json.loads(marks.read_text()) if marks else {}
    found = looking.samples()
    for file in sorted(folder.glob("*.jpg")) if folder else []:
        if marks and file.name not in known:
            continue
        image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
        scale = min(1.0, MOST / max(image.size))
        image = image.resize([round(side * scale) for side in image.size], Image.Resampling.LANCZOS)
        found.append(looking.Portrait(file.stem, image, np.array(known.get(file.name, [])) * scale))
    return found


def detection(people: list[looking.Portrait], quick: bool, wanted: str) -> dict[str, object]:
    """The table of detectors, printed and as figures."""
    who = looking.everybody(Context(nets=invert.nets))
    who = {name: detect for name, detect in who.items() if not wanted or name in wanted.split(",")}
    marked = [person for person in people if len(person.eyes)]
    found = looking.faces(marked, who, quick)
    heads = ["found", "others", "eye error %", "at most %", "s"]
    rows = {f"{variant}, {name}": row for variant, each in found.items() for name, row in each.items()}
    print(table(f"{len(marked)} portraits", heads, rows))
    nobody = looking.invented(who)
    print(
        table(f"{len(looking.NOBODY)} pictures of nobody", ["faces"], {name: [count] for name, count in nobody.items()})
    )
    return {"faces": found, "invented": nobody}


def carrying(
    person: looking.Portrait, quick: bool, before: bool
) -> tuple[dict[str, object], list[Edit], Subject, Subject]:
    """One portrait brought in and edited: figures, pictures, the photograph and the subject."""
    photograph = Subject.read(person.image)
    made = bring(photograph, quick)
    figures: dict[str, object] = {
        "first_s": made.first,
        "to_19_db_s": made.known,
        "to_25_db_s": made.like,
        "all_s": made.whole,
        "psnr": made.psnr,
    }
    rows = {"now": [made.first, made.known, made.like, made.whole, made.psnr]}
    if before:
        old = bring(photograph, quick, as_before=True)
        rows["as before"] = [old.first, old.known, old.like, old.whole, old.psnr]
        figures |= {"before_to_25_db_s": old.like, "before_all_s": old.whole, "before_psnr": old.psnr}
    print(table(person.name, ["first s", "to 19 dB s", "to 25 dB s", "all s", "dB"], rows))
    names = ["smile", "turn", "closed eyes"] if quick else list(EDITS)
    ctx = Context(nets=(*invert.nets, *attributes.nets))
    done = edits(ctx, photograph, made.subject, names)
    heads = list(done[0].numbers)
    print(table(person.name, heads, {edit.name: [edit.numbers[head] for head in heads] for edit in done}))
    turned = turns(ctx, photograph, made.subject, ["turn by 20°"] if quick else list(TURNS))
    heads = list(next(iter(turned.values())))
    print(table(person.name, heads, {name: [row[head] for head in heads] for name, row in turned.items()}))
    numbers = {"edits": {edit.name: edit.numbers for edit in done}, "turns": turned}
    return figures | numbers, done, photograph, made.subject


def on_the_page(photograph: Subject, brought: Subject, quick: bool) -> dict[str, dict[str, float]]:
    """What a visitor's mouse and browser get of it, printed and as figures; nothing where there is no browser."""
    if not photographs_live.browser_there():
        print("on the page: not measured, there is no browser that playwright can drive")
        return {}
    found = photographs_live.on_the_page(subject_png(photograph), subject_png(brought), 2 if quick else 4, few=quick)
    heads = list(dict.fromkeys(name for row in found.values() for name in row))
    print(table("on the page", heads, {name: [row.get(head) for head in heads] for name, row in found.items()}))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer of everything, at 128 pixels: under a minute")
    parser.add_argument("--json", action="store_true", help="end with one line of figures")
    parser.add_argument("--pictures", type=Path, help="a folder of further portraits")
    parser.add_argument("--marks", type=Path, help="their eyes")
    parser.add_argument("--sheet", type=Path, help="draw the sheet of both bundled portraits, a drag and a turn")
    parser.add_argument("--only", choices=("faces", "carry", "live"), help="one part alone")
    parser.add_argument("--detectors", default="", help="some of MTCNN,judges,YuNet,OpenCV,MediaPipe; all by default")
    options = parser.parse_args()
    people, figures = portraits(options.pictures, options.marks), {}
    if options.only not in ("carry", "live"):
        figures |= detection(people, options.quick, options.detectors)
    drawn = []
    carried = options.only in (None, "carry")
    for person in people[: 1 if options.quick else None] if carried else []:
        found, *pictures = carrying(person, options.quick, before=person.name == "astronaut" and not options.quick)
        figures[person.name] = found
        drawn.append(tuple(pictures))
    if options.only in (None, "live"):
        photograph = Subject.read(people[0].image)
        brought = drawn[0][-1] if drawn else bring(photograph, options.quick).subject
        figures["on the page"] = on_the_page(photograph, brought, options.quick)
    if options.sheet:
        photographs_sheet.sheet(drawn[:2], options.sheet)
        _, photograph, brought = drawn[0]
        beside = {name: options.sheet.with_stem(f"{options.sheet.stem}_{name}") for name in ("drag", "turn")}
        photographs_sheet.dragged(photograph, brought, beside["drag"])
        photographs_sheet.film(photograph, brought, beside["turn"])
    if options.json:
        print(json.dumps(json.loads(json.dumps(figures), parse_constant=lambda _: None)))


if __name__ == "__main__":
    main()
