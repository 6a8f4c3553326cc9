"""Editors that are dropped into the home of Ray's workers: slow ones, one that dies, one that leaves something."""

import os
import time
from typing import Annotated

import torch

from facet import Artifact, Step, Subject, Text, editor, hookimpl

HOME = os.environ["FACET_HOME"]


@editor("telling", "Telling", task="restyle", gpu_seconds=0)
def telling(ctx, *, subject: Subject):
    """Says in which process it is."""
    for part in range(1, 4):
        yield Step(subject.pixels, done=part / 3, metrics={"pid": float(os.getpid())})


@editor("slow", "Slow", task="restyle", gpu_seconds=0)
def slow(ctx, *, subject: Subject):
    """A hundred steps, and a minute if nobody stops it."""
    for part in range(100):
        time.sleep(0.1)
        yield Step(subject.pixels, done=(part + 1) / 100, note=f"step {part + 1}")


@editor("deaf", "Deaf", task="restyle", gpu_seconds=0)
def deaf(ctx, *, subject: Subject):
    """Hears nothing for a long time."""
    yield Step(subject.pixels, done=0.1)
    time.sleep(120)


@editor("dying", "Dying", task="restyle", gpu_seconds=0)
def dying(ctx, *, subject: Subject, lives: Annotated[str, Text(doc="How many of its processes die.")] = "1"):
    """Its process ends in the middle, so often."""
    yield Step(subject.pixels, done=0.5)
    deaths = os.path.join(HOME, f"deaths-{lives}")
    count = len(os.listdir(deaths)) if os.path.isdir(deaths) else 0
    if count < int(lives):
        os.makedirs(os.path.join(deaths, str(count)))
        os._exit(9)
    yield Step(subject.pixels, done=1.0)


@editor("leaving", "Leaving", task="restyle", gpu_seconds=0)
def leaving(ctx, *, subject: Subject):
    """Leaves a style."""
    made = Artifact("style", "far style", {"a": torch.arange(6.0)}, picture=subject.pixels)
    yield Step(subject.pixels, done=1.0, artifacts=(made,))


@editor("using", "Using", task="restyle", gpu_seconds=0)
def using(ctx, *, subject: Subject, name: Annotated[str, Text(doc="What it uses.")] = "far style"):
    """Uses what another one has left, wherever it runs."""
    from registry.artifacts import find, tensors_of

    total = float(tensors_of(find(name).path)[1]["a"].sum())
    yield Step(subject.pixels, done=1.0, metrics={"total": total})


@hookimpl
def register_editors():
    return [telling, slow, deaf, dying, leaving, using]
