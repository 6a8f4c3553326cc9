"""Masked drags of the trained puppets, step by step beside the plain ones: the masks' part of ``benchmarks/drag.py``.

Random weights answer a mask alike everywhere; trained ones do not, so that a stand-in for the mask term shows its
faults only there. The motion is the published one: every coordinate of the first rows of w_plus.
"""

from __future__ import annotations

from typing import Any

from benchmarks.drag_team import Team, apart

MANNERS = {"learning_rate": 0.01, "rows": 6, "block": 64, "radius": 8.0}
DRAGS = (
    ("left", [(64, 80)], [(76, 78)]),
    ("face", [(64, 80)], [(56, 80)]),
    ("face", [(52, 92), (72, 92)], [(48, 89), (77, 89)]),
    ("lower", [(64, 92)], [(64, 98)]),
    ("left", [(64, 80), (50, 62)], [(70, 74), (56, 56)]),
    ("face", [(40, 70)], [(46, 64)]),
    ("left", [(64, 98)], [(64, 104)]),
    ("lower", [(64, 80), (64, 98)], [(60, 80), (58, 100)]),
    ("face", [(64, 60)], [(64, 52)]),
    ("left", [(90, 60)], [(98, 60)]),
)
"""Where the picture may change (`drag_team.may_change`), handles and targets in pixels of 128."""


def masked(device: str, steps: int, count: int) -> list[dict[str, Any]]:
    """For each mode of the mask: steps, how many have all handles where the plain drag has them, or within a pixel."""
    team, rows = Team("puppets", device, ("plain", "quick")), []
    for mode in ("exact", "corrected"):
        row = {
            "generator": f"puppets_masked_{mode}",
            "device": device,
            "steps": 0,
            "equal": 0,
            "near": 0,
            "apart_px": 0.0,
        }
        for seed, (region, handles, targets) in enumerate(DRAGS[:count]):
            reports = team.run((handles, targets, f"{mode} {region}", {**MANNERS, "seed": seed}), steps)
            gaps = [apart(report["plain"], report["quick"]) for report in reports]
            row["steps"] += len(gaps)
            row["equal"] += sum(gap == 0 for gap in gaps)
            row["near"] += sum(gap <= 1 for gap in gaps)
            row["apart_px"] = max(row["apart_px"], *gaps)
        print(
            f"puppets, mask {mode}: of {row['steps']} steps {row['equal']} equal, {row['near']} within 1 px, "
            f"at most {row['apart_px']:.0f} px apart",
            flush=True,
        )
        rows.append(row)
    team.end()
    return rows
