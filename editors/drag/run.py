"""A drag as a stream of steps: one for each update, pictures when it is time for one, and what to say about it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from editors.drag.method_session import DragSession, DragStep
from editors.drag.pictures import Over, Previews, Reel
from editors.drag.prepare import Prepared
from facet import BadInput, Context, Step
from nets.stylegan2.sampling import picture

PATIENCE = 20  # steps without getting nearer before it is said that a target cannot be reached
FILMED = 0.9  # share of the work before the film
LOST = 0.05  # a confidence below this in the end means that the handle was lost


@dataclass
class DragProgress:
    """How a drag is going: what is said and measured, kept as plain data between slices.

    nearest: the least mean distance so far, in the subject's pixels, and `since`: the step that had it.
    seconds: spent in steps. sure, left: confidence and distance of each pair at the last step.
    """

    nearest: float = float("inf")
    since: int = 0
    seconds: float = 0.0
    sure: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    def after(self, step: DragStep, scale: float, seconds: float) -> None:
        """Take note of a step; `scale` turns the image's pixels into the subject's."""
        self.left = [distance * scale for distance in step.distances]
        self.sure, self.seconds = step.confidence, self.seconds + seconds
        if self.mean < self.nearest - 0.05:
            self.nearest, self.since = self.mean, step.number

    @property
    def mean(self) -> float:
        """Mean distance left, in the subject's pixels."""
        return sum(self.left) / len(self.left)

    def note(self, step: DragStep, steps: int, near: float) -> str:
        """What to say at a step: how far there is to go, or how it ended."""
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
        return said

    def metrics(self, step: DragStep) -> dict[str, float]:
        """The numbers of the result."""
        return {
            "steps": float(step.number),
            "distance_left_px": self.mean,
            "farthest_px": max(self.left),
            "confidence": min(self.sure),
            "ms_per_step": 1000 * self.seconds / max(step.number, 1),
        }


def drive(ctx: Context, prepared: Prepared, steps: int, film: str = "none", over: Over | None = None) -> Iterator[Step]:
    """Run a drag to its arrival or for `steps` steps; `film`: the format of a film of it, `over`: what that shows.

    Every update is a step of the run, so that a recipe's count of steps says exactly where it ended. A whole picture is
    made for the last one alone.

    Raises:
        BadInput: the learning rate is too large for this drag.
    """
    session, stage, state = prepared.session, prepared.stage, ctx.state or {}
    progress = DragProgress(**state.get("progress", {}))
    reel = Reel(_numbers(session.w_plus), state.get("codes"))
    if state:
        session.resume(state["session"])
    preview = Previews(partial(_shown, session), stage.image[1])
    near, share = session.scaled.near * stage.scale, 1.0 if film == "none" else FILMED
    while session.number < steps:
        ctx.check_stop()
        begun = time.perf_counter()
        step = _moved(session)
        progress.after(step, stage.scale, time.perf_counter() - begun)
        w_plus, last = session.w_plus, step.arrived or step.number >= steps
        code = _numbers(w_plus)
        if film != "none":
            reel.add(code)
        yield Step(
            partial(picture, session.generator, w_plus[None]),
            done=share if last else share * step.number / steps,
            note="; ".join(filter(None, (progress.note(step, steps, near), prepared.warning))),
            points=stage.outside(step.handles),
            metrics=progress.metrics(step),
            latent=code,
            generator=prepared.ref,
            preview=None if last else preview(),
            film=reel.film(ctx, session.generator, film, over) if last and film != "none" else None,
            state=None if last else {**_kept(progress, reel, film), "session": session.snapshot()},
        )
        if last:
            return


def _shown(session: DragSession, height: int) -> Tensor:
    """A small picture in three channels, as every picture for the screen; a grey generator gives one."""
    return session.preview(height).expand(3, -1, -1)


def _moved(session: DragSession) -> DragStep:
    """One step; one that ends in no number is blamed on the learning rate."""
    try:
        return session.step()
    except ArithmeticError:
        why = "is so large that the drag left the numbers that can be computed with"
        raise BadInput("learning_rate", why, "Lower it.") from None


def _kept(progress: DragProgress, reel: Reel, film: str) -> dict[str, Any]:
    return {"progress": vars(progress).copy(), "codes": list(reel.codes) if film != "none" else None}


def _numbers(w_plus: Tensor) -> NDArray[np.float32]:
    code: NDArray[np.float32] = w_plus.float().cpu().numpy()
    return code
