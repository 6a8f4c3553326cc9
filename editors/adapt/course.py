"""A course of training as the page sees it: objectives by name, live pictures, and the result with what was learned."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from facet import Artifact, BadInput, Context, EditorError, Step, Variant
from facet.stylegan import GeneratorRef
from nets.adapt import Adapted, Difa, Manner, Objective, Painted, Plan, Terms, adapt
from nets.inversion.delta import with_delta
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import picture, pictures

METHODS = {
    "painted": "painted portraits: palette, strokes, people kept",
    "difa": "DiFa's three terms, with stand-ins for CLIP and e4e",
}
"""Id of each way to adapt, and what the page says of it."""

FIRST_SECONDS, EVERY_SECONDS = 6.0, 8.0
"""When the first live picture is shown, and how often another one."""

LIVE = 4
"""People in a live picture."""


KEPT_EVERY = 4
"""Steps from one state to go on from to the next, where a GPU is lent for a minute at a time."""


@dataclass(frozen=True, eq=False)
class People:
    """Whom the pictures show: seeds, their codes [N, num_ws, w_dim], and whose codes they are."""

    seeds: Sequence[int]
    codes: Tensor
    ref: GeneratorRef


@dataclass(frozen=True, eq=False)
class Course:
    """What one run trains.

    strength: factor of what is learned; keep, stroke: see `nets.adapt.Manner`. leaves: what the generator that is kept
    is called, whose licence it has and how it was made, as arguments of `Artifact`.
    """

    ctx: Context
    generator: Generator
    plan: Plan
    strength: float
    keep: float
    stroke: float
    leaves: Mapping[str, Any]

    def objective(self, method: str, picture: Tensor, seen: Tensor | None) -> Objective:
        """The objective of that name. Raises BadInput where this generator has no encoder, which DiFa needs."""
        trunk, psi, label = self.ctx.net("vgg16_edges"), self.plan.truncation_psi, self.plan.label
        if method == "painted":
            manner = Manner(structure=self.keep, stroke=self.stroke)
            return Painted(self.generator, trunk, picture, manner, seen, psi, label)
        if self.generator.config.w_dim != self.ctx.net("puppets_encoder").config.w_dim:
            why = "needs an encoder of this generator's pictures, and Facet has one for Puppets only"
            raise BadInput("method", why, "Choose painted portraits, or a Puppets generator.")
        terms = Terms(consistency=6 * self.keep, stroke=self.stroke)
        return Difa(self.generator, trunk, self.ctx.net("puppets_encoder"), picture, terms, seen, psi)

    def run(self, objective: Objective, shown: People) -> Iterator[Step]:
        """One `Step` per step of training. Raises EditorError where the numbers run away."""
        last, wait, live = time.monotonic(), FIRST_SECONDS, None
        try:
            for adapted in adapt(self.generator, objective, self.plan, self.ctx.state):
                over = adapted.step == adapted.steps or self.ctx.stopping
                if live is None or over or time.monotonic() - last >= wait:
                    live = self._live(adapted, shown)
                    wait = FIRST_SECONDS if adapted.step == 1 else EVERY_SECONDS
                    last = time.monotonic()
                yield self._step(adapted, shown, live, over)
                self.ctx.check_stop()
        except FloatingPointError:
            why = "Training ran away: its numbers grew beyond all bounds. Lower the learning rate."
            raise EditorError(why) from None

    def _step(self, adapted: Adapted, shown: People, live: Tensor, over: bool) -> Step:
        @cache
        def delta() -> dict[str, Tensor]:
            return {name: (value.float() * self.strength).half() for name, value in adapted.delta().items()}

        def people() -> list[Tensor]:
            finished = with_delta(self.generator, delta())
            return [picture(finished, code[None]) for code in shown.codes]

        images: dict[str, Variant] = {}
        if over:
            drawn = people()
            for number, code, image in zip(shown.seeds, shown.codes, drawn, strict=True):
                images[f"seed {number}"] = Variant(image, code.cpu().numpy())
        keep = adapted.step % KEPT_EVERY == 0 and adapted.step < adapted.steps
        return Step(
            lambda: people()[0] if not images else images[f"seed {shown.seeds[0]}"].image,
            adapted.step / adapted.steps,
            f"step {adapted.step} of {adapted.steps}",
            images=images,
            metrics={"loss": adapted.loss},
            latent=shown.codes[0].cpu().numpy(),
            generator=shown.ref,
            delta=delta,
            artifacts=(Artifact("generator", tensors=delta, generator=shown.ref.id, **self.leaves),),
            preview=live,
            state=adapted.state() if keep else None,
        )

    def _live(self, adapted: Adapted, shown: People) -> Tensor:
        """The first few people side by side: [3, h, n w] in 0..1."""
        return torch.cat(list(pictures(adapted.generator, shown.codes[:LIVE])), 2)
