"""How long every built-in editor takes to end once Stop is pressed.

    python benchmarks/stop.py [--quick] [--json] [--only NAME,NAME]

Every editor runs as a visitor's first press of Run has it: default settings, a bundled picture of 512 px or a puppet of
256 px. First it is watched: the longest time in which it does not look whether it is to stop is the longest that a
visitor may have to wait. Then it runs again, and Stop is pressed as that time begins. `--quick` watches 2 seconds
of each instead of 40.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from registry.conformance.sample_inputs import trial_values  # noqa: E402
from registry.errors import EditorError, Stopped  # noqa: E402
from registry.execution import finish, new_stop, run  # noqa: E402
from registry.execution.context import Context  # noqa: E402
from registry.plugins import EditorSpec, load_registry  # noqa: E402
from registry.subjects import Subject  # noqa: E402

GOAL = 1.0
"""Seconds."""
PORTRAIT, LANDSCAPE = "sample:astronaut", "sample:coffee"


@dataclass
class Looks:
    """When a run looked at the Stop, and from where."""

    rows: list[tuple[float, str]] = field(default_factory=list)

    def note(self) -> None:
        """One look, now, with the line of the editor that it came from."""
        frame = sys._getframe(2)
        while frame is not None and f"{ROOT}/editors" not in frame.f_code.co_filename:
            frame = frame.f_back
        where = "between steps" if frame is None else f"{Path(frame.f_code.co_filename).stem}:{frame.f_lineno}"
        self.rows.append((time.monotonic(), where))

    def longest(self) -> tuple[float, float, str]:
        """When the longest time without a look began, how long it was, and the lines before and after it."""
        gaps = [(a[0], b[0] - a[0], f"{a[1]} → {b[1]}") for a, b in zip(self.rows, self.rows[1:], strict=False)]
        return max(gaps, key=lambda gap: gap[1], default=(0.0, 0.0, ""))


@contextlib.contextmanager
def watching() -> Iterator[Looks]:
    """Have every look of every run noted."""
    looks, plain = Looks(), Context.stopping.fget
    Context.stopping = property(lambda ctx: (looks.note(), plain(ctx))[1])  # type: ignore[assignment,misc]
    try:
        yield looks
    finally:
        Context.stopping = property(plain)  # type: ignore[assignment,misc,arg-type]


def values_of(spec: EditorSpec, puppet: Subject) -> dict[str, Any] | None:
    """What a visitor's first press of Run sends; None where weights would have to be downloaded."""
    found: dict[str, Any] = {}
    for entry in spec.inputs:
        if entry.kind.is_picture and not entry.optional and entry.name not in found:
            coded = entry.kind.needs_latent or (entry.name == "subject" and spec.task == "drag")
            found[entry.name] = puppet if coded else Subject.read(PORTRAIT if entry.name == "subject" else LANDSCAPE)
    found |= MARKED.get(spec.id, {})
    if spec.id in ("parse_portrait", "paste_back"):
        found["subject"] = puppet
    if spec.id == "paste_back":
        photograph = Subject.read(PORTRAIT)
        found["subject"] = finish(load_registry().get("invert"), {"subject": photograph, "steps": 0}).subject
    return trial_values(spec, {name: value for name, value in spec.trial.items() if name == "strengths"}, found)


PULL = {"pairs": [[146, 148, 122, 152]]}
MARKED: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("drag", "free_drag", "drag_flow", "warp_drag"), PULL),
    "adapt": {"style": "sample:ink"},
    "units": {"units": "3, 40-43"},
    "fit_direction": {"samples": {"seeds": list(range(40)), "labels": [True, False] * 20}},
}
"""What a visitor draws, chooses or types before the first press of Run."""


def ended(spec: EditorSpec, values: Mapping[str, Any], seconds: float) -> tuple[float, float]:
    """Run, and press Stop after so many seconds: how long the run took in all, and how long after the press."""
    stop, pressed = new_stop(), [0.0]

    def press() -> None:
        pressed[0] = time.monotonic()
        stop.set()

    timer = threading.Timer(seconds, press)
    began = time.monotonic()
    with contextlib.suppress(Stopped), contextlib.closing(run(spec, values, stop=stop)) as events:
        timer.start()
        for _ in events:
            pass
    timer.cancel()
    now = time.monotonic()
    return now - began, now - pressed[0] if pressed[0] else 0.0


def measure(spec: EditorSpec, puppet: Subject, watched: float) -> dict[str, Any]:
    """One row of the table."""
    row: dict[str, Any] = {"editor": spec.id}
    try:
        values = values_of(spec, puppet)
        with watching() as looks:
            looks.rows.append((began := time.monotonic(), "start"))
            row["run_seconds"], _ = ended(spec, values, watched)
            looks.rows.append((time.monotonic(), "end"))
        at, gap, lines = looks.longest()
        row |= {"longest_seconds": gap, "lines": lines}
        _, row["stop_seconds"] = ended(spec, values, at - began + 0.02)
    except EditorError as problem:
        row["refused"] = str(problem)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="watch 2 seconds of each editor instead of 40")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--only", default="", help="ids, separated by commas")
    options = parser.parse_args()
    registry = load_registry()
    wanted = set(filter(None, options.only.split(",")))
    puppet = finish(registry.get("latent"), {"seed": 3}).subject
    specs = [spec for spec in registry if spec.plugin in ("", "built-in") and (not wanted or spec.id in wanted)]
    rows = []
    print("| editor | runs for | longest without a look | where | Stop took |\n|---|---|---|---|---|", flush=True)
    for spec in specs:
        rows.append(row := measure(spec, puppet, 2 if options.quick else 40))
        if "refused" in row:
            print(f"| {row['editor']} | – | – | {row['refused'][:90]} | – |", flush=True)
            continue
        print(
            f"| {row['editor']} | {row['run_seconds']:.1f} s | {row['longest_seconds']:.2f} s | {row['lines']}"
            f" | {row['stop_seconds']:.2f} s |",
            flush=True,
        )
    if options.json:
        print(json.dumps({"goal_seconds": GOAL, "rows": rows}))


if __name__ == "__main__":
    main()
