"""What a number of edits a day needs: cores, memory, GPUs, traffic; from figures measured in this very run.

    python benchmarks/planning.py [--quick] [--json] [--edits 1000000]

Each edit of `MIX` runs here as a page runs it, warm, on one thread; processor seconds, memory and the size of its PNG
are measured. The rest is arithmetic with the assumptions of `ASSUMED`. `--quick`: edits of many steps run
four and a quarter of them, and a line through both gives the time of all. GPUs are measured where there is CUDA;
elsewhere their number comes from what editors declare they need (`gpu_seconds`), and it says so.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
HOME = tempfile.TemporaryDirectory(prefix="facet-planning-")  # tuned generators are kept there
os.environ["FACET_HOME"] = HOME.name

import torch  # noqa: E402

from benchmarks.tables import table  # noqa: E402
from facet.app import EditorSpec, Registry, Result, finish, load_registry, subject_png  # noqa: E402
from registry.device import resident_bytes  # noqa: E402
from registry.subjects import Subject, sample  # noqa: E402

DAY = 86_400.0
FEW = 4  # the fewest that every one of these editors takes


@dataclass(frozen=True)
class Edit:
    """One kind of edit in the mix.

    Attributes:
        editor: its id.
        share: of all edits.
        values: its inputs besides the picture; defaults for the rest.
        on: the picture: ``"photo"`` (512 pixels), ``"portrait"`` (with a latent code), or empty.
        steps: inputs that count steps; a quick run takes a quarter of each.
    """

    editor: str
    share: float
    values: Mapping[str, Any] = field(default_factory=dict)
    on: str = "photo"
    steps: Mapping[str, int] = field(default_factory=dict)


MIX = (
    Edit("colour_transfer", 0.25, {"style": "sample:oil"}),
    Edit("fast_style", 0.20),
    Edit("latent", 0.15, {"gallery": 1}, on=""),
    Edit("attributes", 0.15, {"strengths": {"smile": 1.5}}, on="portrait"),
    Edit("drag", 0.15, {"pairs": [[146, 148, 122, 152]]}, on="portrait", steps={"steps": 48}),
    Edit("invert", 0.06, steps={"steps": 60, "tuning": 100}),
    Edit("neural_style", 0.04, {"style": "sample:oil"}, steps={"effort": 40}),
)
ASSUMED = {
    "busiest hour": 3.0,  # times the mean of the day
    "busy": 0.7,  # share of its time that a worker works in that hour; above it, waiting grows quickly
    "cores of a machine": 16,
    "memory kept free": 0.25,  # of a machine's
    "GPU busy": 0.6,
}


@dataclass(frozen=True)
class Cost:
    """What one edit of a kind costs."""

    share: float
    core_seconds: float
    memory_mb: float
    png_mb: float
    gpu_seconds: float


def cost_of(registry: Registry, edit: Edit, pictures: Mapping[str, Subject], quick: bool, device: str) -> Cost:
    """Run it once, for that loads its networks, and measure it then."""
    spec = registry.get(edit.editor)
    values = dict(edit.values) | ({"subject": pictures[edit.on]} if edit.on else {})
    few = dict.fromkeys(edit.steps, FEW)
    finish(spec, values | few, threads=1, device="cpu")
    steps = {name: count // 4 for name, count in edit.steps.items()} if quick else dict(edit.steps)
    spent, result = _timed(spec, values | steps)
    if quick and steps:  # along the line through few steps and some
        least, _ = _timed(spec, values | few)
        more, all_steps = sum(steps.values()) - sum(few.values()), sum(edit.steps.values()) - sum(few.values())
        spent = least + max(0.0, spent - least) * all_steps / more
    declared = spec.gpu_seconds(**spec.check(values | dict(edit.steps)))
    return Cost(
        edit.share,
        spent,
        result.peak_memory_bytes / 1e6,
        len(subject_png(result.subject)) / 1e6,
        _on_gpu(spec, values | dict(edit.steps)) if device else declared,
    )


def _timed(spec: EditorSpec, values: Mapping[str, Any]) -> tuple[float, Result]:
    """Processor seconds of a run, and what came of it."""
    began = time.process_time()
    result = finish(spec, values, threads=1, device="cpu")
    return time.process_time() - began, result


def _on_gpu(spec: EditorSpec, values: Mapping[str, Any]) -> float:
    finish(spec, values, device="cuda")
    return finish(spec, values, device="cuda").seconds


def plan(costs: Mapping[str, Cost], edits: float, base_mb: float) -> dict[str, float]:
    """The arithmetic: what `edits` a day need."""
    peak = edits / DAY * ASSUMED["busiest hour"]
    core = sum(cost.share * cost.core_seconds for cost in costs.values())
    gpu = sum(cost.share * cost.gpu_seconds for cost in costs.values())
    workers = math.ceil(peak * core / ASSUMED["busy"])
    each_mb = base_mb + max(cost.memory_mb for cost in costs.values())
    machines = math.ceil(workers / ASSUMED["cores of a machine"])
    memory = ASSUMED["cores of a machine"] * each_mb / (1 - ASSUMED["memory kept free"]) / 1000
    traffic = sum(cost.share * cost.png_mb for cost in costs.values())
    return {
        "edits a second, in the busiest hour": peak,
        "core seconds of an edit": core,
        "cores (workers of one thread)": workers,
        "memory of a worker, MB": each_mb,
        "machines": machines,
        "memory of a machine, GB": memory,
        "GPU seconds of an edit": gpu,
        "GPUs instead": math.ceil(peak * gpu / ASSUMED["GPU busy"]),
        "results sent in a day, GB": edits * traffic / 1000,
        "edits a day of one core": DAY / ASSUMED["busiest hour"] * ASSUMED["busy"] / core,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a quarter of the steps; under a minute")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--edits", type=float, default=1e6, help="a day (default: a million)")
    options = parser.parse_args()
    if not 1 <= options.edits <= 1e12:
        parser.error("--edits: give a number from 1 to a million million")
    registry = load_registry()
    photo = Subject.read(sample("astronaut", "photo").path)
    portrait = finish(registry.get("latent"), {"seed": 3, "gallery": 1}, threads=1, device="cpu").subject
    pictures = {"photo": photo, "portrait": portrait}
    device = "cuda" if torch.cuda.is_available() else ""
    costs = {edit.editor: cost_of(registry, edit, pictures, options.quick, device) for edit in MIX}
    base_mb = resident_bytes() / 1e6  # with the networks of all of them loaded
    found = plan(costs, options.edits, base_mb)
    if options.json:
        rows = {name: vars(cost) for name, cost in costs.items()}
        told = {"edits": options.edits, "quick": options.quick, "gpu_measured": bool(device), "assumed": ASSUMED}
        print(json.dumps(told | {"costs": rows, "plan": found}, indent=2))
        return
    columns = ["share", "core s", "memory MB", "PNG MB", "GPU s" if device else "GPU s (declared)"]
    print(table("edit", columns, {name: list(vars(cost).values()) for name, cost in costs.items()}))
    print("\n" + table("assumed", ["value"], {name: [value] for name, value in ASSUMED.items()}))
    print(
        "\n" + table(f"{options.edits:,.0f} edits a day", ["needs"], {name: [value] for name, value in found.items()})
    )


if __name__ == "__main__":
    main()
