"""A drag as a stream of steps: one for each update, pictures when it is time for one, and what to say about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from torch import Tensor

from editors.drag.checks import UNSURE, warnings
from editors.drag.method_session import DragStep
from editors.drag.prepare import Prepared
from editors.drag.previews import Previews, picture
from facet import Context, Step

PATIENCE = 20  # steps without getting nearer before it is said that a target cannot be reached
LOST = 0.05  # a confidence below this in the end means that the handle was lost


@dataclass
class Journey:
    """How a drag is going: what is said and measured, kept as plain data between slices.

    nearest: the least mean distance so far, in the subject's pixels, and `since`: the step that had it.
    first, sure: the confidence in each pair at the first and at the last step. seconds: spent in steps.
    """

    nearest: float = float("inf")
    since: int = 0
    seconds: float = 0.0
    first: list[float] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    def after(self, step: DragStep, scale: float, seconds: float) -> None:
        """Take note of a step; `scale` turns the image's pixels into the subject's."""
        self.left = [distance * scale for distance in step.distances]
        self.first = self.first or step.confidence
        self.sure, self.seconds = step.confidence, self.seconds + seconds
        if self.mean < self.nearest - 0.05:
            self.nearest, self.since = self.mean, step.number

    @property
    def mean(self) -> float:
        """Mean distance left, in the subject's pixels."""
        return sum(self.left) / len(self.left)

    def note(self, step: DragStep, steps: int, near: float, fixed: list[int]) -> str:
        """What to say at a step: how far there is to go, or how it ended, and what is wrong."""
        count = len(self.left)
        stuck = step.number - self.since >= max(PATIENCE, steps // 4)
        if step.arrived:
            said = f"arrived after {step.number} steps"
        else:
            there = sum(distance <= near for distance in self.left)
            said = f"{max(self.left):.1f} px to go" + (f", {there} of {count} points there" if count > 1 else "")
            if stuck:
                said += f"; no nearer for {step.number - self.since} steps: this generator may have no such picture"
            lost = [str(number) for number, sure in enumerate(self.sure, 1) if sure < LOST]
            if lost and step.number > 1:
                said += f"; lost sight of point {', '.join(lost)}"
        unsure = [number for number, sure in enumerate(self.first, 1) if sure < UNSURE]
        return "; ".join(filter(None, (said, warnings(fixed, unsure))))

    def metrics(self, step: DragStep) -> dict[str, float]:
        """The numbers of the result."""
        return {
            "steps": float(step.number),
            "distance_left_px": self.mean,
            "farthest_px": max(self.left),
            "confidence": min(self.sure),
            "ms_per_step": 1000 * self.seconds / max(step.number, 1),
        }


def drive(
    ctx: Context,
    prepared: Prepared,
    steps: int,
    extras: Callable[[Tensor, bool], Mapping[str, Any]] = lambda w_plus, last: {},
) -> Iterator[Step]:
    """Run a drag to its arrival or for `steps` steps.

    Every update is a step of the run, so that a recipe's count of steps says exactly where it ended. Whole pictures are
    made for the last one alone; `extras` adds fields to each (a film), from its code and whether it is the last.
    """
    session, stage = prepared.session, prepared.stage
    journey = Journey(**ctx.state["journey"]) if ctx.state else Journey()
    if ctx.state:
        session.resume(ctx.state["session"])
    preview = Previews(session.preview, stage.image[1])
    near = session.scaled.near * stage.scale
    while session.number < steps:
        ctx.check_stop()
        begun = time.perf_counter()
        step = session.step()
        journey.after(step, stage.scale, time.perf_counter() - begun)
        w_plus, last = session.w_plus, step.arrived or step.number >= steps
        yield Step(
            partial(picture, session.generator, w_plus),
            done=1.0 if last else step.number / steps,
            note=journey.note(step, steps, near, prepared.fixed),
            points=stage.outside(step.handles),
            metrics=journey.metrics(step),
            latent=w_plus.float().cpu().numpy(),
            generator=prepared.ref,
            preview=None if last else preview(),
            state=None if last else {"journey": vars(journey).copy(), "session": session.snapshot()},
            **extras(w_plus, last),
        )
        if last:
            return
