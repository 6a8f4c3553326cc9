"""Make the examples that the page shows in each editor's tab: every picture is the result of the settings beside it.

    python benchmarks/examples.py [--only EDITOR,EDITOR]

Runs every row of `EXAMPLES` and writes assets/examples: a small WebP of each result, and examples.json with the picture
and the settings that one press brings. Puppets are made once, as PNGs with their codes, and so is a photograph that was
brought in and made to smile. What a visitor would draw or mark is drawn here. With `--only` the rows of other editors
stay as they are.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.examples_drawn import marked, painted, rims, sketch  # noqa: E402
from benchmarks.translate_edits import glasses, longer_hair  # noqa: E402
from facet import Placement, placement_of  # noqa: E402
from registry.execution import finish  # noqa: E402
from registry.generators import EMBEDDED  # noqa: E402
from registry.plugins import Registry, load_registry  # noqa: E402
from registry.saved import subject_png, subject_with_lineage  # noqa: E402
from registry.subjects import Subject  # noqa: E402

FOLDER = ROOT / "assets" / "examples"
SIDE = 160
FIRST = "../first/puppet.png"
PUPPETS = {"first": ("A puppet", FIRST), "second": ("Another puppet", 12), "third": ("A third puppet", 27)}
"""Id → title, and its file or the seed that draws it."""
BROUGHT = {
    "glasses": ("Eileen Collins, with glasses", "sample:astronaut", {"glasses": 1.0}),
    "asleep": ("Eileen Collins, eyes closed", "sample:astronaut", {"eyes_closed": 1.0}),
}
"""Id → title, photograph, and what was changed once it was brought in: what is pasted back. No picker offers them."""

P, Q, R = "puppet:first", "puppet:second", "puppet:third"
BROUGHT_IN = "puppet:glasses", "puppet:asleep"
CAT, LAKE, CUP, SPICES = "sample:chelsea", "sample:lake", "sample:coffee", "sample:spices"
EXAMPLES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "adain": [("Waves", LAKE, {"style": "sample:waves"}), ("Watercolour", CUP, {"style": "sample:watercolour"})],
    "wct": [("Watercolour", LAKE, {"style": "sample:watercolour"}), ("Glass", CUP, {"style": "sample:glass"})],
    "fast_style": [("Night", LAKE, {"look": "night"}), ("Mosaic", CAT, {"look": "mosaic"})],
    "colour_transfer": [
        ("Lake at night", LAKE, {"style": "sample:night"}),
        ("Golden cup", CUP, {"style": "sample:gold", "strength": 0.8}),
    ],
    "neural_style": [("Woodcut", CAT, {"style": "sample:woodcut"}), ("Waves", LAKE, {"style": "sample:waves"})],
    "colourise": [("A lake", LAKE, {}), ("A cat", CAT, {})],
    "enlarge": [("Twice as large", CUP, {"factor": "2"}), ("Four times", SPICES, {"factor": "4"})],
    "parse_portrait": [("Parts of a face", P, {}), ("Another face", Q, {})],
    "drag": [
        ("Turn the head", P, {"pairs": [[146, 148, 122, 152]]}),
        ("Look to the other side", Q, {"pairs": [[128, 150, 150, 150]]}),
    ],
    "free_drag": [
        ("Turn the head", P, {"pairs": [[146, 148, 128, 150]]}),
        ("Chin up", R, {"pairs": [[128, 190, 128, 176]]}),
    ],
    "drag_flow": [
        ("Turn the head", P, {"pairs": [[146, 148, 122, 152]]}),
        ("Look down", R, {"pairs": [[128, 150, 128, 164]]}),
    ],
    "warp_drag": [
        ("A shorter nose", CAT, {"pairs": [[257, 258, 257, 222], [160, 116, 160, 116], [319, 112, 319, 112]]}),
        ("A wider cup", CUP, {"pairs": [[440, 80, 505, 70], [275, 80, 275, 80], [330, 330, 330, 330]]}),
    ],
    "attributes": [("A smile", Q, {"strengths": {"smile": 1.2}}), ("Older", P, {"strengths": {"age": 1.0}})],
    "adapt": [
        ("In woodcut", "", {"style": "sample:woodcut", "steps": 40}),
        ("In gold", "", {"style": "sample:gold", "steps": 40}),
    ],
    "latent": [
        ("Seed 6", "", {"seed": 6}),
        ("Two seeds mixed", "", {"seed": 12, "mix": "coarse", "mix_seed": 27}),
        ("In ink", "", {"seed": 3, "model": "puppets_ink"}),
    ],
    "teach_style": [
        ("Pencil", CAT, {"style": "sample:pencil"}),
        ("Knife", LAKE, {"style": "sample:knife"}),
    ],
    "animation": [("A smile comes", Q, {"seconds": 2.0}), ("A turning head", P, {"motion": "turn", "seconds": 2.0})],
    "walk": [("To two others", P, {"seconds": 2.0}), ("To a third", Q, {"seeds": "9", "seconds": 2.0})],
    "in_generator": [("In ink", P, {"model": "puppets_ink"}), ("In oil", Q, {"model": "puppets_oil"})],
    "latent_mix": [
        ("Another's shape", P, {"rows": "coarse: seed 1"}),
        ("Another's colours", Q, {"rows": "fine: seed 4"}),
    ],
    "latent_arithmetic": [
        ("The mean of three", P, {"formula": "mean(A, seed 1, seed 2)"}),
        ("Half another", R, {"formula": "mean(A, seed 9)"}),
    ],
    "nearest_seed": [("Who is nearest?", P, {}), ("And to this one?", R, {})],
    "units": [("Sixteen units off", P, {"units": "0-15"}), ("Sixteen others", Q, {"units": "40-55"})],
    "invert": [("An astronaut", "sample:astronaut", {}), ("An officer", "sample:hopper", {})],
    "paste_back": [("Glasses", BROUGHT_IN[0], {}), ("Eyes closed", BROUGHT_IN[1], {})],
    "paint_portrait": [
        ("Glasses", Q, {"labels": painted(glasses)}),
        ("Longer hair", R, {"labels": painted(longer_hair)}),
    ],
    "sketch_portrait": [
        ("A few strokes", "", {"sketch": sketch}),
        ("Rims of a puppet", "", {"sketch": rims}),
    ],
    "ink_sketch": [("A puppet", P, {}), ("Finer strokes", Q, {"size": 384})],
    "fit_direction": [
        ("A smile", "", {"samples": marked("smile")}),
        ("Age", "", {"samples": marked("age")}),
    ],
}
"""Editor → title, picture and settings of each example; the other settings are the declared ones. A function makes a
setting of the picture."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="ids, separated by commas")
    wanted = set(filter(None, parser.parse_args().only.split(",")))
    FOLDER.mkdir(exist_ok=True)
    registry = load_registry()
    if not wanted:
        (FOLDER / "examples.json").unlink(missing_ok=True)
    files = {name: puppet(registry, name, of) for name, (_, of) in PUPPETS.items()}
    note("puppets", {name: {"title": title, "file": files[name]} for name, (title, _) in PUPPETS.items()})
    for name, (title, photograph, strengths) in BROUGHT.items():
        row = {"title": title, "file": brought(registry, name, photograph, strengths), "offered": False}
        note("puppets", {name: row})
    note("generators", {name: drawn_by(registry, name) for name in EMBEDDED})
    for editor, rows in EXAMPLES.items():
        if not wanted or editor in wanted:
            note("editors", {editor: [made(registry, editor, number, row) for number, row in enumerate(rows, 1)]})


def note(part: str, rows: dict[str, Any]) -> None:
    """Write rows into a part of examples.json, whose others stay."""
    file = FOLDER / "examples.json"
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    found = told.get(part, {}) | rows
    told[part] = {name: found[name] for name in (EXAMPLES if part == "editors" else found) if name in found}
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def puppet(registry: Registry, name: str, of: str | int) -> str:
    """The file of a puppet, below the folder of examples; one that is there already stays."""
    if isinstance(of, int) and not (FOLDER / f"{name}.png").is_file():
        (FOLDER / f"{name}.png").write_bytes(subject_png(finish(registry.get("latent"), {"seed": of}).subject))
    return of if isinstance(of, str) else f"{name}.png"


def brought(registry: Registry, name: str, photograph: str, strengths: dict[str, float]) -> str:
    """The file of a photograph that was brought in and edited; one that is there already stays.

    Nothing is tuned, so that the picture belongs to the generator that comes along: only its movement goes back.
    """
    if not (FOLDER / f"{name}.png").is_file():
        found = finish(registry.get("invert"), {"subject": photograph, "tuning": 0}).subject
        edited = finish(registry.get("attributes"), {"strengths": strengths, "subject": found}).subject
        (FOLDER / f"{name}.png").write_bytes(subject_png(edited))
    return f"{name}.png"


def drawn_by(registry: Registry, generator: str) -> str:
    """The file of a portrait that an embedded generator draws."""
    name = f"generator_{generator}.webp"
    (FOLDER / name).write_bytes(small(finish(registry.get("latent"), {"seed": 6, "model": generator}).subject, 96))
    return name


def subject_of(on: str) -> Subject:
    """The picture that an example begins with."""
    kind, _, name = on.partition(":")
    if kind != "puppet":
        return Subject.read(on)
    of = PUPPETS[name][1] if name in PUPPETS else None
    return subject_with_lineage(FOLDER / (of if isinstance(of, str) else f"{name}.png"))


def made(registry: Registry, editor: str, number: int, row: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """Run one example and write its picture."""
    title, on, told = row
    spec, subject = registry.get(editor), subject_of(on) if on else None
    inputs = {name: value(subject) if callable(value) else value for name, value in told.items()}
    result = finish(spec, {**inputs, **({"subject": subject} if subject else {})})
    recorded = {name: result.recipe["inputs"][name] for name in inputs}
    name = f"{editor}_{number}.webp"
    where = placement_of(subject) if subject and editor == "paste_back" else None
    (FOLDER / name).write_bytes(small(result.subject) if where is None else small(head(result.subject, where)))
    print(f"{editor}: {title}, {result.seconds:.1f} s, {(FOLDER / name).stat().st_size} bytes", flush=True)
    return {"title": title, "on": on, "inputs": recorded, "file": name, "seconds": round(result.seconds, 1)}


def head(photograph: Subject, where: Placement) -> Subject:
    """The part of a photograph in which something was put back."""
    (left, top), (right, bottom) = np.min(where.corners, 0), np.max(where.corners, 0)
    rows, columns = slice(max(0, round(top)), round(bottom)), slice(max(0, round(left)), round(right))
    return Subject(photograph.pixels[rows, columns])


def small(subject: Subject, wide: int = SIDE) -> bytes:
    """A square cut from the middle, where heads are, as WebP."""
    width, height = subject.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 3
    square = Image.fromarray(subject.pixels[top : top + side, left : left + side])
    file = io.BytesIO()
    square.resize((wide, wide), Image.Resampling.BOX).save(file, "WEBP", quality=80, method=6)
    return file.getvalue()


if __name__ == "__main__":
    main()
