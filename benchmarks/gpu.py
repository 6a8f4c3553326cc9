"""Every built-in editor on CUDA against the CPU, and steps of a drag per second on CUDA.

    python benchmarks/gpu.py [--quick] [--json]

An editor makes the conformance kit's trial of it on either device, once to load its networks and once for the figures:
seconds, the most memory that was held beyond what was held before (on CUDA the GPU's beside the process's), and how far
two pictures are apart in levels of 0..255. They agree when the mean is at most `MEAN` and 99 of 100 values differ by
at most `MOST`: float32 sums in another order round differently, and an optimiser carries that on. Editors whose weights
are not here are named.
Then the quick drag (one point, no mask, random weights of config-f widths) at 256, 512 and 1024 pixels. All of it ends
within five minutes: what does not fit any more is named as left out. `--quick`: one editor of each task, 256 pixels.

This has never run on a GPU. Where there is none it says so and ends.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from benchmarks.drag_team import Drag, Team
from benchmarks.tables import table
from facet import EditorError
from facet.app import EditorSpec, finish, load_registry
from registry.conformance import trial_values

MEAN, MOST = 1.0, 8.0
SECONDS, EACH, QUICK = 270.0, 20.0, 50.0  # for all of it, for one run of an editor, and for all of a quick one
SIZES = (256, 512, 1024)
STEPS = 30
NO_GPU = "There is no CUDA device here, so nothing was measured."


@dataclass(frozen=True)
class Row:
    """What one editor took, seconds and MB (of 2^20 bytes) on each device, and how far apart the pictures are."""

    seconds: tuple[float, float]
    megabytes: tuple[float, float]
    mean: float
    p99: float

    @property
    def agrees(self) -> bool:
        """Whether the pictures are the same within the tolerance."""
        return self.mean <= MEAN and self.p99 <= MOST


def compared(spec: EditorSpec, devices: tuple[str, str]) -> Row:
    """One editor's trial on both devices. Raises EditorError where it cannot be made."""
    values, seconds, megabytes, made = trial_values(spec), [], [], []
    for device in devices:
        finish(spec, values, device=device, seconds=EACH)
        begun = time.perf_counter()
        result = finish(spec, values, device=device, seconds=EACH)
        seconds.append(time.perf_counter() - begun)
        megabytes.append(result.peak_memory_bytes / 2**20)
        made.append(result.subject.pixels.astype(np.float32))
    gap = np.abs(made[0] - made[1])
    return Row((seconds[0], seconds[1]), (megabytes[0], megabytes[1]), float(gap.mean()), float(np.quantile(gap, 0.99)))


def editors(specs: Iterable[EditorSpec], quick: bool) -> Iterator[EditorSpec]:
    """Those that ask for a GPU; with `quick` the first one of each task."""
    tasks: set[str] = set()
    for spec in specs:
        if spec.gpu_seconds and not (quick and spec.task in tasks):
            tasks.add(spec.task)
            yield spec


def measured(specs: Iterable[EditorSpec], devices: tuple[str, str], until: float) -> dict[str, Row | str]:
    """A row of each editor, or in words why there is none; no editor begins after `until` (of `time.monotonic`)."""
    rows: dict[str, Row | str] = {}
    for spec in specs:
        if time.monotonic() > until:
            rows[spec.id] = "left out: the time is over"
            continue
        try:
            rows[spec.id] = compared(spec, devices)
        except EditorError as problem:
            rows[spec.id] = f"left out: {problem}"
        print(f"{spec.id}: {'done' if isinstance(rows[spec.id], Row) else rows[spec.id]}", flush=True)
    return rows


def drag_rate(name: str, device: str, seconds: float) -> float:
    """Steps per second of the quick drag, by the clock, without the first one."""
    size = int(name) if name.isdigit() else 128
    drag: Drag = ([(size // 2, size // 2)], [(size // 2 + size // 4, size // 2)], "none", {})
    team = Team(name, device, ("quick",))
    reports = team.run(drag, STEPS, seconds)
    team.end()
    later = [report["quick"][1] for report in reports[1:]]
    return len(later) / sum(later) if later else 0.0


def figures(gpu: str, rows: dict[str, Row | str], rates: dict[str, float]) -> dict[str, Any]:
    """All figures under names of their own."""
    found: dict[str, Any] = {"gpu": gpu, "left_out": sorted(name for name, row in rows.items() if isinstance(row, str))}
    for name, row in rows.items():
        if isinstance(row, Row):
            found |= {f"cpu_s_{name}": row.seconds[0], f"gpu_s_{name}": row.seconds[1]}
            found |= {f"cpu_mb_{name}": row.megabytes[0], f"gpu_mb_{name}": row.megabytes[1]}
            found |= {f"mean_levels_{name}": row.mean, f"p99_levels_{name}": row.p99, f"agrees_{name}": row.agrees}
    return found | {f"drag_steps_per_s_{size}": rate for size, rate in rates.items()}


def show(rows: dict[str, Row | str], rates: dict[str, float]) -> None:
    """Both tables."""
    columns = ["CPU s", "GPU s", "CPU MB", "GPU MB", "mean levels", "99 % within", "agrees"]
    whole = {name: row for name, row in rows.items() if isinstance(row, Row)}
    cells = {n: [*r.seconds, *r.megabytes, r.mean, r.p99, "yes" if r.agrees else "NO"] for n, r in whole.items()}
    print(table("editor", columns, cells))
    print(table("drag", ["steps per second"], {f"{size} px": [rate] for size, rate in rates.items()}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one editor of each task, 256 px")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print(NO_GPU)
        if options.json:
            print(json.dumps({"gpu": None}))
        return
    begun = time.monotonic()
    sizes = SIZES[:1] if options.quick else SIZES
    rates = {str(size): drag_rate(str(size), "cuda", 10.0) for size in sizes}
    built_in = [spec for spec in load_registry() if spec.handler.__module__.startswith("editors.")]
    until = begun + (QUICK if options.quick else SECONDS) - 2 * EACH
    rows = measured(editors(built_in, options.quick), ("cpu", "cuda"), until)
    show(rows, rates)
    if options.json:
        print(json.dumps(figures(torch.cuda.get_device_name(), rows, rates)))


if __name__ == "__main__":
    main()
