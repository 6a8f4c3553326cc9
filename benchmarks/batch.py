"""Batches against a loop of single commands, one worker against two, Ray's cost, and what a kill -9 leaves.

    python benchmarks/batch.py [--quick] [--json] [--ray] [--only workers]

All pictures are made here. Times are walls of whole commands, start included, each pair one after the other on the same
machine; the loop of single commands is timed over a few and multiplied. `--ray` needs “facet-editors[ray]”.

Figures (with --json, the last line):
    per_s, loop_per_s, times      pictures a second of a batch and of the loop (colour transfer), and their ratio
    drag_times                    the same ratio for drags of puppets
    two_workers                   one worker's seconds over two's, one thread each, for an edit that keeps a core busy,
                                  once both have begun; two_workers_wall: of whole commands, start included
    worker_mb                     the most memory that a worker held
    ray_ms, ray_worker_mb         what an edit costs more on Ray than in processes, and an actor's memory
    ray_page_ms                   what an edit costs more on a Ray worker than in the page's own process
    killed_equal, killed_lost, killed_twice   after kill -9 in the middle and the same command again: results equal to
                                  an uninterrupted batch's, missing, and made again although they were finished
    ray_killed_…                  the same where a Ray worker is killed in the middle and the batch goes on by itself
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.batch_commands import ROOT, Watching, env, facet, judged, noted, timed, wait_for

STYLE = ("--style", "sample:oil", "--threads", "1")


def pictures(folder: Path, count: int, side: int) -> Path:
    """So many soft random pictures of `side` pixels."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(count):
        rough = Image.fromarray(random.integers(0, 256, (12, 12, 3), np.uint8))
        rough.resize((side, side), Image.Resampling.BICUBIC).save(folder / f"p{number:04}.png")
    return folder


def short(where: Path, count: int, singles: int) -> dict[str, float]:
    """Colour transfer: a batch against the loop."""
    shots = pictures(where / "shots", count, 256)
    batch = timed("batch", "colour_transfer", "--in", shots, "--out", where / "short", *STYLE)
    files = sorted(shots.iterdir())[:singles]
    loop = sum(timed("colour_transfer", "--subject", file, *STYLE, "-o", where / "one.png") for file in files)
    row = {"per_s": count / batch, "loop_per_s": singles / loop, "times": (loop / singles) / (batch / count)}
    print(f"colour transfer: {row['per_s']:.2f} pictures a second, single commands {row['loop_per_s']:.3f}: "
          f"{row['times']:.1f} times", flush=True)  # fmt: skip
    return row


def drags(where: Path, count: int, singles: int) -> dict[str, float]:
    """Drags of puppets: the same."""
    faces = where / "faces"
    faces.mkdir()
    timed("latent", "--seed", 1, "-o", faces / "f0.png")
    for number in range(1, count):
        (faces / f"f{number}.png").write_bytes((faces / "f0.png").read_bytes())
    how = ("--pairs", "[[128, 150, 128, 140]]", "--steps", "5", "--threads", "1")
    batch = timed("batch", "drag", "--in", faces, "--out", where / "drags", *how)
    loop = sum(timed("drag", "--subject", faces / "f0.png", *how, "-o", where / "d.png") for _ in range(singles))
    times = (loop / singles) / (batch / count)
    print(f"drags: {count / batch:.2f} a second, single commands {singles / loop:.3f}: {times:.1f} times", flush=True)
    return {"drag_times": times}


def pace(out: Path, workers: int) -> float:
    """Seconds an edit takes once every worker has begun: between the first results and the last, by their files."""
    ready = sorted(path.stat().st_mtime_ns for path in out.glob("*.png"))
    return (ready[-1] - ready[workers - 1]) / 1e9 / (len(ready) - workers)


def workers(where: Path, count: int) -> dict[str, float]:
    """Warped drags of large pictures, which keep a core busy: one process against two, with one thread each."""
    shots = pictures(where / "large", count, 1400)
    how = ("--pairs", "[[600, 600, 700, 560], [300, 300, 340, 300]]", "--threads", "1")
    walls, paces = [], []
    for number in (1, 2):
        out = where / f"workers{number}"
        with Watching() as watching:
            walls.append(watching.run("batch", "warp_drag", "--in", shots, "--out", out, *how, "--workers", number))
        paces.append(pace(out, number))
    row = {"two_workers": paces[0] / paces[1], "two_workers_wall": walls[0] / walls[1], "worker_mb": watching.most}
    print(
        f"two workers: {row['two_workers']:.2f} times one ({paces[0]:.2f} s an edit alone), with their start "
        f"{row['two_workers_wall']:.2f}; {row['worker_mb']:.0f} MB each", flush=True,
    )  # fmt: skip
    return row


def on_ray(where: Path, count: int) -> dict[str, float]:
    """Short edits on Ray: what one costs more than in a process, in a batch and from a page; an actor is killed."""
    shots = where / "shots"
    two = ("--workers", 2, *STYLE)
    timed("batch", "colour_transfer", "--in", shots, "--out", where / "beside", *two)
    with Watching("ray::") as watching:
        watching.run("batch", "colour_transfer", "--in", shots, "--out", where / "ray", *two, "--ray")
    row = {
        "ray_ms": (pace(where / "ray", 2) - pace(where / "beside", 2)) * 2 * 1000,  # two go on at a time
        "ray_worker_mb": watching.most,
        "ray_page_ms": from_page(count),
    }
    out = where / "ray_killed"
    with Watching("ray::") as watching:
        watching.begin("batch", "colour_transfer", "--in", shots, "--out", out, *two, "--ray")
        wait_for(out, len(list(shots.iterdir())) // 3, watching.process)
        actors = [pid for pid, told in watching.below() if told.startswith("ray::") and "Actor" in told]
        os.kill(actors[0], signal.SIGKILL)
        watching.end()
    row |= judged("ray_killed", out, where / "short")
    print(f"Ray: {row['ray_ms']:.0f} ms an edit more in a batch, {row['ray_page_ms']:.0f} ms from a page; "
          f"{row['ray_worker_mb']:.0f} MB a worker", flush=True)  # fmt: skip
    return row


def from_page(count: int) -> float:
    """Milliseconds that an edit takes longer on a Ray worker than in the process of the page, both warm."""
    script = (
        "import time, torch; from facet.app import finish, load_registry; from registry.execution import ray_executor\n"
        "torch.set_num_threads(1); here = load_registry(); spec = here.get('colour_transfer')\n"
        "values = {'subject': 'sample:chelsea', 'style': 'sample:oil'}\n"
        "def pace(on):\n"
        "    for _ in range(3): finish(spec, values, on=on)\n"
        "    began = time.perf_counter()\n"
        f"    for _ in range({count}): finish(spec, values, on=on)\n"
        f"    return (time.perf_counter() - began) / {count}\n"
        "with ray_executor('', 1, here) as far: print(1000 * (pace(far) - pace(None)))\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=env(), check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def killed(where: Path) -> dict[str, float]:
    """Kill a batch half-way, begin it again, and compare with the uninterrupted one of `short`."""
    shots, out = where / "shots", where / "killed"
    words = facet("batch", "colour_transfer", "--in", shots, "--out", out, *STYLE)
    first = subprocess.Popen(words, cwd=ROOT, env=env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finished = wait_for(out, len(list(shots.iterdir())) // 3, first)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    finished = noted(out)
    changed = {name: (out / f"{name}.png").stat().st_mtime_ns for name in finished}
    subprocess.run(words, cwd=ROOT, env=env(), check=True, capture_output=True)
    again = sum((out / f"{name}.png").stat().st_mtime_ns != when for name, when in changed.items())
    row = judged("killed", out, where / "short")
    return row | {"killed_twice": row["killed_twice"] + again}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pictures")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--only", metavar="PARTS", help="of short, killed, drags, workers, ray, separated by commas")
    parser.add_argument("--ray", action="store_true", help="on Ray, too")
    found = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="facet-batch-benchmark-") as folder:
        where = Path(folder)
        parts = found.only.split(",") if found.only else ["short", "killed", "drags", "workers", *["ray"] * found.ray]
        if {"short", "killed", "ray"} & set(parts):
            figures |= short(where, 60 if found.quick else 200, 1 if found.quick else 5)
        if "killed" in parts:
            figures |= killed(where)
        if "drags" in parts:
            figures |= drags(where, 3 if found.quick else 10, 1 if found.quick else 3)
        if "workers" in parts and (found.only or not found.quick):
            figures |= workers(where, 8 if found.quick else 30)
        if "ray" in parts:
            figures |= on_ray(where, 20 if found.quick else 100)
    if found.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
