"""Seconds and peak memory of the StyleGAN2 generator, against the plain formulation in tests/reference.

    python benchmarks/stylegan2.py [--quick] [--json]

Config-f widths (512 channels at most), random weights, one picture: the forward pass, and forward and backward to
w_plus with frozen weights, as editors use it. Each formulation runs in a fresh process of its own, in turns with the
other, so that both meet the same load and each has its own peak of memory. The least time of several is kept.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PASSES = ("forward", "backward")
FORMS = ("ours", "reference")


def peak_mb() -> float:
    """Most memory that this process has held, in MB (of 2^20 bytes)."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def work(pipe: Connection, form: str, resolution: int, device: str) -> None:
    """A process that runs one pass of one formulation whenever it is told to, until it is told None."""
    import torch

    from nets.stylegan2 import Generator, GeneratorConfig
    from tests.reference import stylegan2_reference

    torch.manual_seed(0)
    net = Generator(GeneratorConfig(resolution=resolution)).to(device).eval().requires_grad_(False)
    w_plus, state = net.mapping(net.z([0])), net.state_dict()

    def synthesise(w: torch.Tensor) -> torch.Tensor:
        if form == "ours":
            return net.synthesis(w)
        return stylegan2_reference.synthesis(net.config, state, w)[0]

    def forward() -> torch.Tensor:
        with torch.no_grad():
            return synthesise(w_plus)

    def backward() -> torch.Tensor:
        w = w_plus.clone().requires_grad_()
        synthesise(w).square().mean().backward()
        return w.grad

    passes: dict[str, Callable[[], torch.Tensor]] = {"forward": forward, "backward": backward}
    cuda = device == "cuda"
    pipe.send(torch.cuda.get_device_name() if cuda else f"{torch.get_num_threads()} threads")
    while (name := pipe.recv()) is not None:
        if cuda:
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
        start = time.perf_counter()
        result = passes[name]()
        if cuda:
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
        peak = torch.cuda.max_memory_allocated() / (1 << 20) if cuda else peak_mb()
        pipe.send((seconds, peak, result.cpu().numpy()))


def measure(resolution: int, device: str, repeats: int, patience_s: float) -> dict[str, Any]:
    """The figures of one resolution."""
    context, pipes, workers = mp.get_context("spawn"), {}, []
    for form in FORMS:
        pipes[form], theirs = context.Pipe()
        workers.append(context.Process(target=work, args=(theirs, form, resolution, device), daemon=True))
        workers[-1].start()
    row: dict[str, Any] = {"resolution": resolution, "device": device}
    for form in FORMS:
        row["on"] = pipes[form].recv()
    for name in PASSES:
        seconds: dict[str, list[float]] = {form: [] for form in FORMS}
        results = {}
        start = time.perf_counter()
        for turn in range(repeats + 1):  # the first warms up
            if turn > 1 and time.perf_counter() - start > patience_s:
                break
            for form in FORMS:
                pipes[form].send(name)
                taken, row[f"{name}_{form}_peak_mb"], results[form] = pipes[form].recv()
                seconds[form].append(taken)
        for form in FORMS:
            row[f"{name}_{form}_s"] = min(seconds[form][1:])
        row[f"{name}_ratio"] = row[f"{name}_reference_s"] / row[f"{name}_ours_s"]
        gap = abs(results["ours"] - results["reference"]).max() / abs(results["reference"]).max()
        row[f"{name}_difference"] = float(gap)
    for form, worker in zip(FORMS, workers, strict=True):
        pipes[form].send(None)
        worker.join()
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="256 px only, fewer repeats")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()

    import torch

    devices = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
    rows = []
    print("px    device  pass      ours s  plain s  ratio   ours MB  plain MB  difference")
    for device in devices:
        for resolution in (256,) if options.quick else (256, 512, 1024):
            row = measure(resolution, device, *((2, 8.0) if options.quick else (5, 90.0)))
            rows.append(row)
            for name in PASSES:
                seconds = "  ".join(f"{row[f'{name}_{form}_s']:7.3f}" for form in FORMS)
                peaks = "  ".join(f"{row[f'{name}_{form}_peak_mb']:8.0f}" for form in FORMS)
                ratio, gap = row[f"{name}_ratio"], row[f"{name}_difference"]
                print(
                    f"{resolution:<5} {device:<7} {name:<8} {seconds}  {ratio:4.1f}x  {peaks}  {gap:.1e}  ({row['on']})"
                )
    print("Peaks: of the whole process on a CPU, of tensors on a GPU. 'backward' is forward and backward to w_plus.")
    if options.json:
        keep = ("forward_ratio", "backward_ratio", "forward_ours_s", "backward_ours_s", "backward_ours_peak_mb",
                "backward_reference_peak_mb")  # fmt: skip
        figures = {f"{key}_{row['resolution']}_{row['device']}": round(row[key], 4) for row in rows for key in keep}
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
