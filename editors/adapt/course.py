"""A course of training as the page sees it: live pictures, less where memory is short, the result and what is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor

from editors.adapt.measured import kept, more_side_effects
from facet import Artifact, Context, EditorError, Step, Variant
from facet.app import OutOfMemory, is_out_of_memory
from facet.stylegan import GeneratorRef
from nets.adapt import Adapted, Objective, Plan, adapt
from nets.inversion.delta import with_delta
from nets.judges import Judges
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import picture, pictures

FIRST_SECONDS, EVERY_SECONDS = 6.0, 8.0
"""When the first live picture is shown, and how often another one."""

LIVE = 4
"""People in a live picture."""


KEPT_EVERY = 4
"""Steps from one state to go on from to the next, where a GPU is lent for a minute at a time."""


@dataclass(frozen=True, eq=False)
class People:
    """Whom the pictures show.

    names, codes [N, num_ws, w_dim]: what each is called, and its code. source: the generator that draws them, which
    may be tuned to one of them. ref: whose codes they are.
    """

    names: Sequence[str]
    codes: Tensor
    source: Generator
    ref: GeneratorRef


@dataclass(frozen=True, eq=False)
class Course:
    """What one run trains.

    generator, ref: the source. strength: factor of what is learned. leaves: what the generator that is kept is called,
    whose licence it has and how it was made, as arguments of `Artifact`. judges: measure what became of the people;
    None where nothing is measured. effects: also measure side effects of directions, which takes a while.
    """

    ctx: Context
    generator: Generator
    ref: GeneratorRef
    plan: Plan
    strength: float
    leaves: Mapping[str, Any]
    judges: Judges | None = None
    effects: bool = False

    def run(self, objective: Objective, shown: People) -> Iterator[Step]:
        """One `Step` per step of training. Raises EditorError where numbers run away, or the least does not fit."""
        with self.ctx.whole():  # a step that was begun is given up; the people of the last whole one are drawn
            yield from self._run(objective, shown)

    def _run(self, objective: Objective, shown: People) -> Iterator[Step]:
        last, wait, live = time.monotonic(), FIRST_SECONDS, None
        try:
            for adapted, note in self._trained(objective):
                ended = adapted.step == adapted.steps
                if live is None or ended or time.monotonic() - last >= wait:
                    live = self._live(adapted, shown)
                    wait = FIRST_SECONDS if adapted.step == 1 else EVERY_SECONDS
                    last = time.monotonic()
                yield self._step(adapted, shown, live, note)
                self.ctx.check_stop()
            self.ctx.check_stop()
        except FloatingPointError:
            why = "Training ran away: its numbers grew beyond all bounds. Lower the learning rate."
            raise EditorError(why) from None

    def _trained(self, objective: Objective) -> Iterator[tuple[Adapted, str]]:
        """Each step and a word on it. Where memory does not suffice, training goes on from there with less."""
        state, plan, note = self.ctx.state, self.plan, ""
        while True:
            adapted: Adapted | None = None
            try:
                for adapted in adapt(self.generator, objective, plan, state, lambda: self.ctx.stopping):
                    yield adapted, note
                return
            except (RuntimeError, MemoryError) as problem:
                if not is_out_of_memory(problem):
                    raise
            if (less := lighter(plan)) is None:
                raise OutOfMemory(
                    "There is not enough memory to train this generator, even with one person of half the size a step. "
                    "Choose fewer layers, or a generator of smaller pictures."
                )
            state = adapted.state() if adapted is not None else state
            plan, note = less
            if self.ctx.device.startswith("cuda"):
                torch.cuda.empty_cache()

    def _step(self, adapted: Adapted, shown: People, live: Tensor, note: str) -> Step:
        @cache
        def delta() -> dict[str, Tensor]:
            return {name: (value.float() * self.strength).half() for name, value in adapted.delta().items()}

        @cache
        def finished() -> Generator:
            copy: Generator = with_delta(shown.source, delta())
            return copy

        @cache
        def person(number: int) -> Tensor:
            return picture(finished(), shown.codes[number][None])

        numbers, metrics = range(len(shown.names)), {"loss": adapted.loss}
        if adapted.step == adapted.steps and self.judges:  # who stops does not wait for figures
            before = [picture(shown.source, code[None]) for code in shown.codes]
            metrics |= self._figures(shown, before, [person(number) for number in numbers], finished())
        keep = adapted.step % KEPT_EVERY == 0 and adapted.step < adapted.steps
        words = f"step {adapted.step} of {adapted.steps}"
        return Step(
            partial(person, 0),
            adapted.step / adapted.steps,
            f"{words}; {note}" if note else words,
            images={
                name: Variant(partial(person, number), shown.codes[number].cpu().numpy())
                for number, name in enumerate(shown.names)
            },
            metrics=metrics,
            latent=shown.codes[0].cpu().numpy(),
            generator=shown.ref,
            delta=delta,
            artifacts=(Artifact("generator", tensors=delta, generator=self.ref, **self.leaves),),
            preview=live,
            state=adapted.state() if keep else None,
        )

    def _figures(
        self, shown: People, before: Sequence[Tensor], after: Sequence[Tensor], finished: Generator
    ) -> dict[str, float]:
        if self.judges is None:
            return {}
        found = kept(self.judges, torch.stack(list(before)), torch.stack(list(after)))
        if self.effects:
            found["side_effects"] = more_side_effects(self.judges, shown.source, finished, shown.codes)
        return found

    def _live(self, adapted: Adapted, shown: People) -> Tensor:
        """The first few people side by side: [3, h, n w] in 0..1."""
        return torch.cat(list(pictures(adapted.generator, shown.codes[:LIVE])), 2)


def lighter(plan: Plan) -> tuple[Plan, str] | None:
    """The next plan that needs less memory, and a word on it; None where there is none."""
    if plan.batch > 1:
        return replace(plan, batch=1), "one person a step, as memory is short"
    if plan.small < 1:
        return replace(plan, small=1.0), "pictures of half the size, as memory is short"
    return None
