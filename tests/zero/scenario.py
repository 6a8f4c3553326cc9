"""Runs of editors through the real `spaces` package; writes what happened to FOLDER/seen.json.

usage: python -m tests.zero.scenario FOLDER
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.zero.fake_zero import install

calls = install(sys.argv[1])

from collections.abc import Iterator  # noqa: E402
from typing import Annotated  # noqa: E402

from facet import EditorError, NoFace, Slider, Step, Subject, editor  # noqa: E402
from facet.app import Stop, finish, run  # noqa: E402
from registry.conformance.sample_inputs import small_picture  # noqa: E402
from registry.plugins.known import register_spec  # noqa: E402

Steps = Annotated[int, Slider(1, 1000, doc="How many.")]


@editor("lent", "Lent", task="restyle", gpu_seconds=lambda steps, **_: steps)
def lent(ctx, *, subject: Subject, steps: Steps = 4) -> Iterator[Step]:
    """Tell where it runs."""
    for step in range((ctx.state or {"step": 0})["step"] + 1, steps + 1):
        ctx.check_stop()
        time.sleep(0.01)
        yield Step(subject.image, step / steps, metrics={"pid": os.getpid(), "step": step}, state={"step": step})


@editor("local", "Local", task="restyle", gpu_seconds=0)
def local(ctx, *, subject: Subject) -> Iterator[Step]:
    """Need no device."""
    yield Step(subject.image, 1, metrics={"pid": os.getpid()})


@editor("faceless", "Faceless", task="restyle")
def faceless(ctx, *, subject: Subject) -> Iterator[Step]:
    """Find no face."""
    yield Step(subject.image, 0.5)
    raise NoFace("There is no face in the picture.")


@editor("broken", "Broken", task="restyle")
def broken(ctx, *, subject: Subject) -> Iterator[Step]:
    """Break down half-way."""
    yield Step(subject.image, 0.5)
    raise KeyError("lost")


def error_of(spec: Any) -> list[str]:
    """Class and sentence of the error a run ends with."""
    try:
        finish(spec, {"subject": PICTURE}, device="cpu")
    except EditorError as error:
        return [type(error).__name__, str(error)]
    return []


PICTURE = Subject.read(small_picture(40, 30))


def main() -> dict[str, Any]:
    """Every scenario, one after the other."""
    for spec in (lent, local, faceless, broken):
        register_spec(spec)
    seen: dict[str, Any] = {"main_pid": os.getpid()}
    *previews, result = run(lent, {"subject": PICTURE}, device="cpu")
    seen["run"] = dict(result.metrics) | {"previews": len(previews), "steps": result.recipe["steps"]}
    seen["picture_kept"] = result.subject.sha256 == PICTURE.sha256
    seen["again_pid"] = finish(lent, {"subject": PICTURE}, device="cpu").metrics["pid"]
    before = len(calls)
    seen["local_pid"] = finish(local, {"subject": PICTURE}, device="cpu").metrics["pid"]
    seen["local_calls"] = len(calls) - before
    stop = Stop()
    events = run(lent, {"subject": PICTURE, "steps": 1000}, stop=stop, device="cpu")
    next(events)
    stop.set()
    *_, stopped = events
    seen["stop"] = {"stopped": stopped.stopped, "steps": stopped.recipe["steps"]}
    before = len(calls)
    sliced = finish(lent, {"subject": PICTURE, "steps": 6}, device="cpu", longest_slice=0.001)
    schedules = [path for path, _ in calls[before:]].count("/schedule")
    seen["slices"] = {"steps": sliced.recipe["steps"], "schedules": schedules, "stopped": sliced.stopped}
    seen["no_face"], seen["broken"] = error_of(faceless), error_of(broken)
    seen["after_errors"] = finish(lent, {"subject": PICTURE}, device="cpu").recipe["steps"]
    seen["asked_seconds"] = sorted({query.get("durationSeconds", "") for path, query in calls if path == "/schedule"})
    return seen


if __name__ == "__main__":
    (Path(sys.argv[1]) / "seen.json").write_text(json.dumps(main()))
    os._exit(0)  # a warm worker of `spaces` would otherwise keep the process
