"""Batches against a loop of single commands, one worker against two, Ray's cost, and what a kill -9 leaves.

    python benchmarks/batch.py [--quick] [--json] [--ray]

All pictures are made here. Times are walls of whole commands, start included, each pair one after the other on the same
machine; the loop of single commands is timed over a few and multiplied. `--ray` needs “facet-editors[ray]”.

Figures (with --json, the last line):
    per_s, loop_per_s, times      pictures a second of a batch and of the loop (colour transfer), and their ratio
    drag_times                    the same ratio for drags of puppets
    two_workers                   one worker's seconds over two's, one thread each, for an edit that keeps a core busy
    worker_mb                     memory that a worker holds
    ray_ms, ray_worker_mb         what an edit costs more on Ray than in processes, and an actor's memory
    killed_equal, killed_lost, killed_twice   after kill -9 in the middle and the same command again: results equal to
                                  an uninterrupted batch's, missing, and made again although they were finished
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
STYLE = ("--style", "sample:oil", "--threads", "1")


def facet(*words: object) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), *map(str, words)]


def timed(*words: object) -> float:
    """Seconds of one command. Raises CalledProcessError if it fails."""
    began = time.perf_counter()
    subprocess.run(facet(*words), cwd=ROOT, env=env(), check=True, capture_output=True)
    return time.perf_counter() - began


def env() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}


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


def workers(where: Path, count: int, ray: bool) -> dict[str, float]:
    """Warped drags of large pictures, which keep a core busy: one worker, two, and two on Ray."""
    shots = pictures(where / "large", count, 1200)
    how = ("--pairs", "[[600, 600, 700, 560], [300, 300, 340, 300]]", "--threads", "1")

    def seconds(name: str, *more: object) -> float:
        done = subprocess.run(
            facet("batch", "warp_drag", "--in", shots, "--out", where / name, *how, "--json", *more),
            cwd=ROOT, env=env(), check=True, capture_output=True,
        )  # fmt: skip
        told = json.loads(done.stdout.splitlines()[-1])
        rows = json.loads((where / name / "batch.json").read_text())["items"]
        work = [row["seconds"] for row in rows]
        return float(told["seconds"]) - max(0.0, float(told["seconds"]) - sum(work) / (1 if name == "w1" else 2))

    one, two = seconds("w1"), seconds("w2", "--workers", 2)
    row = {"two_workers": one / two}
    print(f"two workers: {row['two_workers']:.2f} times one", flush=True)
    if ray:
        on_ray = seconds("ray", "--workers", 2, "--ray")
        row["ray_ms"] = (on_ray - two) / count * 1000
        print(f"Ray: {row['ray_ms']:.0f} ms an edit more", flush=True)
    return row


def killed(where: Path) -> dict[str, float]:
    """Kill a batch half-way, begin it again, and compare with the uninterrupted one of `short`."""
    shots, out, whole = where / "shots", where / "killed", where / "short"
    words = facet("batch", "colour_transfer", "--in", shots, "--out", out, *STYLE)
    first = subprocess.Popen(words, cwd=ROOT, env=env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal, count = out / ".facet-batch" / "1of1.jsonl", len(list(shots.iterdir()))
    while first.poll() is None and not (journal.is_file() and journal.read_bytes().count(b"\n") >= count // 3):
        time.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    finished = [json.loads(line)["name"] for line in journal.read_text().splitlines() if line.endswith("}")]
    changed = {name: (out / f"{name}.png").stat().st_mtime_ns for name in finished}
    subprocess.run(words, cwd=ROOT, env=env(), check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in out.glob("*.png")}
    wanted = {path.name: path.read_bytes() for path in whole.glob("*.png")}
    row = {
        "killed_equal": sum(made.get(name) == content for name, content in wanted.items()) / len(wanted),
        "killed_lost": float(len(wanted) - len(made)),
        "killed_twice": float(sum((out / f"{n}.png").stat().st_mtime_ns != t for n, t in changed.items())),
    }
    print(f"killed after {len(finished)}: {row['killed_equal']:.0%} equal, {row['killed_lost']:.0f} lost, "
          f"{row['killed_twice']:.0f} twice", flush=True)  # fmt: skip
    return row


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pictures")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--ray", action="store_true", help="on Ray, too")
    found = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="facet-batch-benchmark-") as folder:
        where = Path(folder)
        figures |= short(where, 60 if found.quick else 200, 2 if found.quick else 5)
        figures |= killed(where)
        figures |= drags(where, 4 if found.quick else 10, 1 if found.quick else 3)
        if not found.quick or found.ray:
            figures |= workers(where, 12 if found.quick else 40, found.ray)
    if found.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
