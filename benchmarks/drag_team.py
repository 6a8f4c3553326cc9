"""Processes that take the same steps of a drag in turns, each in its own way, and report seconds and memory."""

from __future__ import annotations

import contextlib
import ctypes
import math
import multiprocessing as mp
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

KINDS = ("plain", "prefix", "quick")
LEAST = 2  # steps of each drag: the first, which does more than the others, and one to be timed
Report = tuple[float, float, float, list[Any], bool]  # seconds, by the clock, MB, handles, arrived
Drag = tuple[list[tuple[int, int]], list[tuple[int, int]], str, dict[str, Any]]
"""handles, targets, mask ("none", or a mask mode and a region: "exact left"), settings, maybe with a picture's seed."""


def memory_mb(name: str) -> float:
    """VmRSS or VmHWM of this process in MB (of 2^20 bytes), 0 where there is no such file."""
    try:
        return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


def forget_peak() -> None:
    """Give freed memory back and let VmHWM begin again at what is held now, where the system can."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def generator_of(name: str, device: str) -> Any:
    """The embedded puppets, or random weights for an image of `name` pixels."""
    import torch

    from nets.stylegan2 import Generator, GeneratorConfig, from_state

    torch.manual_seed(0)
    if name == "puppets":
        from safetensors.torch import load_file

        folder = Path(__file__).resolve().parents[1] / "assets" / "weights" / "puppets_128"
        net = from_state(load_file(folder / "generator.safetensors"))
    else:
        net = Generator(GeneratorConfig(resolution=int(name)))
    return net.to(device).eval().requires_grad_(False)


def may_change(region: str, height: int, width: int) -> Any:
    """Where the picture may change: not its left third ("left"), its middle ("face"), its lower half ("lower")."""
    import torch

    may = torch.zeros(height, width, dtype=torch.bool)
    rows = (
        slice(height * 3 // 10, height * 17 // 20)
        if region == "face"
        else slice(height // 2 * (region == "lower"), None)
    )
    columns = {"left": slice(width * 3 // 10, None), "face": slice(width // 4, width * 3 // 4)}.get(region, slice(None))
    may[rows, columns] = True
    return may


def work(pipe: Connection, kind: str, name: str, device: str) -> None:
    """A process that has one generator and drags in one way whenever it is told to."""
    import torch

    from editors.drag.fast import FastDrag
    from editors.drag.method import PlainDrag
    from editors.drag.settings import DragSettings

    class PrefixDrag(PlainDrag):
        def _map(self) -> torch.Tensor:
            return self.generator.synthesis.features(self._codes()[None], self.scaled.block)

    classes = {"plain": PlainDrag, "prefix": PrefixDrag, "quick": FastDrag}
    if device == "cpu":
        torch.set_num_threads(1)
    net = generator_of(name, device)
    psi = 0.8 if name == "puppets" else 0.7  # the truncation that each is used with
    cuda, session = device == "cuda", None
    forget_peak()
    before = torch.cuda.memory_allocated() / (1 << 20) if cuda else memory_mb("VmRSS")
    while (order := pipe.recv()) is not None:
        if isinstance(order, tuple):
            handles, targets, mask, settings = order
            w_plus = net.mapping(net.z([settings.get("seed", 0)]), None, psi)[0]
            mode, _, region = mask.partition(" ")
            may, session = None if mode == "none" else may_change(region, *net.config.resolution), None
            forget_peak()
            if cuda:
                torch.cuda.reset_peak_memory_stats()
            chosen = {name: value for name, value in settings.items() if name != "seed"}
            mode = mode if kind == "quick" and mode != "none" else "exact"
            session = classes[kind](net, w_plus, handles, targets, may, DragSettings(mask_mode=mode, **chosen))
        started, clock = time.process_time(), time.perf_counter()
        step = session.step()
        if cuda:
            torch.cuda.synchronize()
        wall = time.perf_counter() - clock
        peak = torch.cuda.max_memory_allocated() / (1 << 20) if cuda else memory_mb("VmHWM")
        pipe.send((wall if cuda else time.process_time() - started, wall, peak - before, step.handles, step.arrived))


class Team:
    """One process for each way, which take the same steps in turns."""

    def __init__(self, name: str, device: str, kinds: Sequence[str] = KINDS) -> None:
        quick_to_start = "forkserver" in mp.get_all_start_methods()
        context = mp.get_context("forkserver" if quick_to_start else "spawn")
        if quick_to_start:
            context.set_forkserver_preload(["torch", "editors.drag.fast"])
        self.pipes: dict[str, Connection] = {}
        self.workers = []
        for kind in kinds:
            self.pipes[kind], theirs = context.Pipe()
            self.workers.append(context.Process(target=work, args=(theirs, kind, name, device), daemon=True))
            self.workers[-1].start()

    def run(
        self, drag: Drag, steps: int, seconds: float = math.inf, kinds: Sequence[str] | None = None
    ) -> list[dict[str, Report]]:
        """What each way reports of every step; ends when one has arrived, or after some seconds."""
        reports: list[dict[str, Report]] = []
        pipes, begun = {kind: self.pipes[kind] for kind in kinds or self.pipes}, time.perf_counter()
        while len(reports) < steps and not (reports and any(each[4] for each in reports[-1].values())):
            if len(reports) >= LEAST and time.perf_counter() - begun > seconds:
                break
            report = {}
            for kind, pipe in pipes.items():
                pipe.send(drag if not reports else "step")
                report[kind] = pipe.recv()
            reports.append(report)
        return reports

    def end(self) -> None:
        """Let the processes go."""
        for pipe, worker in zip(self.pipes.values(), self.workers, strict=True):
            pipe.send(None)
            worker.join()


def apart(one: Report, other: Report) -> float:
    """The greatest distance between the same handle in two reports of a step, in pixels along one axis."""
    pairs = zip(one[3], other[3], strict=True)
    return max(max(abs(a - b) for a, b in zip(p, q, strict=True)) for p, q in pairs)
