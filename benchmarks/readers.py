"""Reading weight files safely: what hostile files achieve, what mutated files do, how fast a real one is read.

    python benchmarks/readers.py [--quick] [--json] [--seed N]

Figures: hostile files (how many ran something, ended in a typed error, and the worst peak of memory as a share of the
allowed 2.5 × file + 64 MB), mutated files per second and what was found, and seconds for a file of the ADA layout
beside `pickle.load` (which runs what is in the file) and `torch.load(weights_only=True)` of the same tensors.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from registry.readers import cached_copy, read_cached, read_tensors
from tests.readers.fuzz import fuzz
from tests.readers.hostile import HOSTILE
from tests.readers.large import read_plainly, write_ada
from tests.readers.measure import LIMIT, allowed, measure


def hostile(folder: Path) -> dict[str, object]:
    """Reads every hostile file in a process of its own."""
    paths = []
    for name, build in HOSTILE.items():
        (folder / name).mkdir()
        paths.append(build(folder / name))
    outcomes = measure(paths)
    canaries = sum((folder / name / "canary").exists() for name in HOSTILE)
    shares = [outcome["peak"] / allowed(outcome["size"]) for outcome in outcomes]
    return {
        "hostile_files": len(paths),
        "hostile_executed": canaries + sum(bool(outcome["events"]) for outcome in outcomes),
        "hostile_typed_errors": sum(outcome["outcome"] == "refused" for outcome in outcomes),
        "hostile_worst_memory_share": round(max(shares), 3),
        "hostile_worst_memory_file": list(HOSTILE)[shares.index(max(shares))],
    }


def mutated(folder: Path, count: int, seed: int) -> dict[str, object]:
    """Reads mutated files in this process."""
    found = fuzz(count, seed, folder)
    for line in found.untyped[:20]:
        print("found:", line)
    return {
        "fuzz_files": found.files,
        "fuzz_read": found.read,
        "fuzz_refused": found.refused,
        "fuzz_untyped": len(found.untyped),
        "fuzz_growth_mb": round(found.growth / 1e6, 1),
        "fuzz_over_memory": int(found.growth > LIMIT),
        "fuzz_files_per_second": round(found.files / found.seconds),
    }


def large(folder: Path, resolution: int, channels: int) -> dict[str, object]:
    """Times the ways to read one file of the ADA layout, in turns, and keeps the best of each."""
    path, state = folder / "network.pkl", folder / "network.pt"
    torch.manual_seed(0)
    nets = write_ada(path, resolution, channels)
    expected = nets["G_ema"].state_dict()
    torch.save({name: net.state_dict() for name, net in nets.items()}, state)
    del nets
    found = read_tensors(path).tensors
    same = all(torch.equal(found["G_ema"][name], value) for name, value in expected.items())
    copy = cached_copy(path, folder / "cache")
    ways: dict[str, Callable[[], object]] = {
        "ada_g_ema": lambda: read_tensors(path, only=("G_ema",)),
        "ada_all": lambda: read_tensors(path),
        "ada_plain_pickle": lambda: read_plainly(path),
        "zip_all": lambda: read_tensors(state),
        "zip_torch_load": lambda: torch.load(state, weights_only=True),
        "cached_copy": lambda: read_cached(cached_copy(path, folder / "cache")),
        "copy_alone": lambda: read_cached(copy),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(3):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - started)
    (pickled, zipped, copied) = measure([path, state, copy])
    return {
        "ada_megabytes": round(path.stat().st_size / 1e6, 1),
        "ada_tensors": sum(map(len, found.values())),
        "ada_identical": same and len(found["G_ema"]) == len(expected),
        **{f"{name}_seconds": round(seconds, 3) for name, seconds in best.items()},
        "ada_all_to_plain_pickle": round(best["ada_all"] / best["ada_plain_pickle"], 2),
        "zip_all_to_torch_load": round(best["zip_all"] / best["zip_torch_load"], 2),
        "ada_peak_to_file": round(pickled["peak"] / pickled["size"], 2),
        "zip_peak_to_file": round(zipped["peak"] / zipped["size"], 2),
        "copy_peak_to_file": round(copied["peak"] / copied["size"], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer mutated files, a smaller network")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object on the last line")
    parser.add_argument("--seed", type=int, default=20, help="of the mutations")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        parts = {
            "hostile": lambda at: hostile(at),
            "fuzz": lambda at: mutated(at, 2_000 if asked.quick else 100_000, asked.seed),
            "large": lambda at: large(at, 256, 128 if asked.quick else 512),
        }
        for name, part in parts.items():
            (Path(folder) / name).mkdir()
            figures |= part(Path(folder) / name)
    for name, value in figures.items():
        print(f"{name:28} {value}")
    if asked.json:
        print(json.dumps(figures))
    bad = figures["hostile_executed"], figures["fuzz_untyped"], figures["fuzz_over_memory"]
    if any(bad) or figures["hostile_typed_errors"] != figures["hostile_files"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
