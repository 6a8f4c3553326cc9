"""Faces: how near inversion comes, how cleanly directions move, and whether published layouts are read.

    python benchmarks/faces.py [--quick] [--json] [--attributes smile,age,…] [--only inversion,directions,layouts]

Three parts, each in a module beside this one: puppets that no training saw are inverted (encoder, then optimisation,
then pivotal tuning; `puppets_inversion.py` has more of it), ways of finding directions are compared at matched strength
(`faces_directions.py`), and synthetic NVlabs, rosinality and e4e files are read (`faces_layouts.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import faces_directions, faces_layouts, faces_world, puppets_inversion

PARTS = ("inversion", "directions", "layouts")
METHODS = ("encoder", "encoder + optimise", "encoder + optimise + tune")


def inversion(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Encoder, + optimisation, + pivotal tuning on held-out portraits."""
    del options
    found = puppets_inversion.measure(2, 12, METHODS) if quick else puppets_inversion.measure(8, 60, METHODS)
    print(f"\n{found['pictures']} held-out portraits, {found['steps']} steps of each kind")
    print(f"{'method':28} PSNR dB  features (ours)  identity (ours)  CPU seconds")
    for name, row in found["all"].items():
        print(
            f"{name:28} {row['psnr_db']:7.2f}  {row['features']:15.4f}  {row['identity']:15.3f}  {row['seconds']:11.2f}"
        )
    return found


def directions(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Gain and side effects at matched strength, by method and attribute."""
    names = options.attributes.split(",") if options.attributes else list(faces_directions.ATTRIBUTES)
    names = names[:4] if quick and not options.attributes else names
    world = faces_world.load()
    samples, tested = (320, 4) if quick else (1600, 8)
    results = faces_directions.compare(world, samples, tested, names, not quick)
    faces_directions.show(results, world)
    rows = {
        method: {key: round(value, 4) for key, value in row.items()}
        for method, row in faces_directions.means(results).items()
    }
    return {"samples": samples, "names": names, "methods": rows, "cosines": faces_directions.cosines(names)}


def layouts(quick: bool, options: argparse.Namespace) -> dict[str, Any]:
    """Synthetic files of the published layouts: shapes, and how far what is read is from what was written."""
    del quick, options
    found, parameters = faces_layouts.layouts(), faces_layouts.documented()
    faces_layouts.show(found, parameters)
    return {row.layout: row._asdict() for row in found} | {"encoder_parameters": parameters}


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer of everything: less than a minute on two cores")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--attributes", default="", help="names between commas")
    parser.add_argument("--only", default=",".join(PARTS), help="parts between commas")
    options = parser.parse_args()
    parts: dict[str, Callable[[bool, argparse.Namespace], dict[str, Any]]] = {
        "inversion": inversion,
        "directions": directions,
        "layouts": layouts,
    }
    found: dict[str, Any] = {}
    for name in options.only.split(","):
        if name not in parts:
            parser.error(f"--only: “{name}” is none of {', '.join(PARTS)}")
        begun = time.process_time()
        found[name] = parts[name](options.quick, options)
        found[f"{name}_cpu_seconds"] = round(time.process_time() - begun, 1)
        print(f"{name}: {found[f'{name}_cpu_seconds']} CPU seconds", flush=True)
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
