"""Seconds and memory of a step of the quick drag, against the plain one, and whether the handles are the same.

    python benchmarks/drag.py [--quick] [--json] [--sizes 256 512 1024 puppets] [--parts speed equality masks]

Random weights of config-f widths, and the embedded puppets. Three ways to take the same step:

    plain   `editors.drag.method`: the whole pass to the image at every step, features enlarged to the image
    prefix  the same, but nothing after the block whose features are used: no straw man
    quick   `editors.drag.fast`

Each runs in a process of its own, one step after the other in turns, so that all meet the same load. Seconds are of the
processor (on a GPU, of the clock) and the least of the steps after the first; with a corrected mask the mean of a whole
cycle of later ones, for each fourth looks at the whole map. Memory is the most that was held beyond what the process
held with the generator loaded. Then the same steps are compared over 21 drags without a mask: corners, borders, several
pairs, arrival; and over 10 masked drags of the trained puppets with the published motion, in either mode of the mask.
On one quiet core all of it takes about 15 minutes, `--quick` less than one.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.drag_masks import masked
from benchmarks.drag_team import KINDS, Drag, Report, Team, apart
from editors.drag.masks import EVERY, FIRST

Row = dict[str, Any]
PARTS = ("speed", "equality", "masks")
TITLE = (
    "image    on   pairs mask      quick s  prefix s  plain s  prefix, plain / quick  quick, plain MB  equal  px apart"
)

PUPPETS = {"learning_rate": 0.01, "rows": 6, "block": 64, "radius": 8.0}  # as the generator's card has it


def crowd(pairs: int, size: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """So many handles all over the image, and targets a tenth of it away."""
    handles = [
        (int(size * (0.15 + 0.7 * (0.618034 * n % 1))), int(size * (0.15 + 0.7 * (n + 0.5) / pairs)))
        for n in range(pairs)
    ]
    return handles, [(x + size // 10 * (-1) ** n, y - size // 12) for n, (x, y) in enumerate(handles)]


def drags(size: int) -> list[Drag]:
    """21 drags of up to 8 pairs: inside, from corners and borders, to corners, short ones that arrive, other rates."""
    far, mid, bit = size - 1, size // 2, max(size // 64, 3)
    single = [
        ((mid, mid), (mid + size // 6, mid)), ((mid, mid), (mid, mid - size // 7)), ((0, 0), (mid, mid)),
        ((far, far), (mid, mid)), ((0, far), (mid, mid)), ((far, 0), (mid, mid)), ((0, mid), (mid, mid)),
        ((mid, 0), (mid, mid)), ((far, mid), (mid, mid)), ((mid, far), (mid, mid)), ((mid, mid), (0, 0)),
        ((size // 3, size // 3), (size // 3 + bit, size // 3)), ((mid, size // 3), (mid - bit, size // 3 + bit)),
        ((mid, size // 5), (mid, size // 5 + 1)), ((1, 1), (far, far)),
    ]  # fmt: skip
    found: list[Drag] = [([handle], [target], "none", {}) for handle, target in single]
    found += [(*crowd(pairs, size), "none", {}) for pairs in (2, 3, 8)]
    found += [([(mid, mid)], [(mid + size // 5, mid)], "none", {"learning_rate": rate}) for rate in (2e-3, 5e-3)]
    return [*found, ([(mid, mid)], [(mid + size // 6, mid)], "none", {"variant": "paper"})]


def speed(name: str, device: str, cases: Sequence[tuple[int, bool]], steps: int, seconds: float) -> list[Row]:
    """Rows of the table for one generator: so many pairs, masked or not, for the least time of some steps.

    What comes after the block of the features is left out ("prefix") for one pair only. With a mask, both of its modes
    are measured, against the same plain steps.
    """
    size, preset = (128, PUPPETS) if name == "puppets" else (int(name), {})
    team, rows = Team(name, device), []
    for pairs, held in cases:
        kinds, points = KINDS if pairs == 1 else ("plain", "quick"), crowd(pairs, size)
        reports = team.run((*points, "exact left" if held else "none", preset), steps, seconds, kinds)
        rows.append({"generator": name, "device": device, "pairs": pairs, "mask": "exact" if held else "none"})
        rows[-1] |= compared(reports)
        show(rows[-1])
        if held:
            again = team.run((*points, "corrected left", preset), FIRST + EVERY, kinds=("quick",))
            both = [each | anew for each, anew in zip(reports, again, strict=False)]
            rows.append({**rows[-1], "mask": "corrected"} | compared(both, [each["quick"] for each in again[FIRST:]]))
            show(rows[-1])
    team.end()
    return rows


def compared(reports: list[dict[str, Report]], cycle: Sequence[Report] = ()) -> Row:
    """Seconds, memory and ratios of one drag, and how far apart the plain handles and the quick ones were.

    cycle: quick steps of unequal cost, whose mean is what one takes.
    """
    row: Row = {}
    for kind in reports[0]:
        later = [report[kind] for report in reports[1:]] or [reports[0][kind]]
        row[f"{kind}_s"], row[f"{kind}_wall_s"] = (min(each[n] for each in later) for n in (0, 1))
        row[f"{kind}_mb"] = max(report[kind][2] for report in reports)
    if cycle:
        row["quick_s"], row["quick_wall_s"] = (sum(each[n] for each in cycle) / len(cycle) for n in (0, 1))
    row["ratio"] = row["plain_s"] / row["quick_s"]
    if "prefix_s" in row:
        row["prefix_ratio"] = row["prefix_s"] / row["quick_s"]
    gaps = [apart(report["plain"], report["quick"]) for report in reports]
    return row | {"steps": len(gaps), "equal": sum(gap == 0 for gap in gaps), "apart_px": max(gaps)}


def show(row: Row) -> None:
    """One line of the table."""
    prefix = f"{row['prefix_s']:9.3f}" if "prefix_s" in row else " " * 9
    print(
        f"{row['generator']:<8} {row['device']:<5} {row['pairs']:>3}  {row['mask']:<9} {row['quick_s']:8.4f} {prefix} "
        f"{row['plain_s']:8.3f}  {row.get('prefix_ratio', math.nan):6.1f} {row['ratio']:6.1f}  {row['quick_mb']:6.0f} "
        f"{row['plain_mb']:8.0f}  {row['equal']:>3}/{row['steps']:<3} {row['apart_px']:4.0f}",
        flush=True,
    )


def equality(name: str, device: str, steps: int, count: int) -> Row:
    """How many steps of some drags have all handles at the same pixels, and the most that any were apart."""
    size, preset = (128, PUPPETS) if name == "puppets" else (int(name), {})
    team, equal, total, most, ended = Team(name, device, ("prefix", "quick")), 0, 0, 0.0, 0
    chosen = drags(size)[:: -(-len(drags(size)) // count)]
    for number, (handles, targets, mask, settings) in enumerate(chosen, 1):
        reports = team.run((handles, targets, mask, {**preset, **settings}), steps)
        gaps = [apart(report["prefix"], report["quick"]) for report in reports]
        equal, total, most = equal + sum(gap == 0 for gap in gaps), total + len(gaps), max(most, *gaps)
        there = reports[-1]["prefix"][4] and reports[-1]["quick"][4]
        ended += there
        print(
            f"{number:>3} {len(handles)} × {handles[0]} → {targets[0]} {settings or ''}: "
            f"{sum(gap == 0 for gap in gaps)} of {len(gaps)} steps equal{', arrived' * there}",
            flush=True,
        )
    team.end()
    print(
        f"{name:<8} {device:<5} {len(chosen)} drags: {equal} of {total} steps equal, "
        f"at most {most:.0f} px apart, {ended} arrived",
        flush=True,
    )
    return {"generator": name, "device": device, "drags": len(chosen), "steps": total, "equal": equal, "apart_px": most}


def summary(rows: list[Row], same: list[Row]) -> dict[str, float]:
    """The figures under names of their own."""
    keep = ("quick_s", "plain_s", "ratio", "prefix_ratio", "quick_mb", "plain_mb", "apart_px")
    figures = {
        f"{key}_{row['generator']}_{row['pairs']}_{row['mask']}_{row['device']}": round(row[key], 4)
        for row in rows
        for key in keep
        if key in row
    }
    for row in same:
        label = f"{row['generator']}_{row['device']}"
        figures |= {f"equal_{label}": row["equal"] / row["steps"], f"most_apart_px_{label}": row["apart_px"]}
        figures |= {f"near_{label}": row["near"] / row["steps"]} if "near" in row else {}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="256 px and puppets, 2 steps, few drags")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--sizes", nargs="+", default=["256", "512", "1024", "puppets"], help="pixels, or puppets")
    parser.add_argument("--pairs", nargs="+", type=int, default=[1, 5, 20], help="how many points, in the table")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each row of the table, about")
    options = parser.parse_args()

    import torch

    quick, rows, same = options.quick, [], []
    cases = [(1, False), (1, True)] if quick else [(n, held) for held in (False, True) for n in options.pairs]
    for device in ["cpu"] + (["cuda"] if torch.cuda.is_available() else []):
        if "speed" in options.parts:
            print(TITLE)
            for name in ["256", "puppets"] if quick else options.sizes:
                rows += speed(name, device, cases, 2 if quick else 8, options.seconds)
        if "equality" in options.parts:
            for name in ["256"] if quick else ["256", "puppets"]:
                same.append(equality(name, device, 2 if quick else 10, 3 if quick else 99))
        if "masks" in options.parts:
            same += masked(device, 8 if quick else 50, 1 if quick else 99)
    if options.json:
        print(json.dumps(summary(rows, same)))


if __name__ == "__main__":
    main()
