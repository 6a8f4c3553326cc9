"""From an editor's inputs to a drag that is ready to run: the generator, its manners, the checks, the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from editors.drag.checks import check_pairs, frozen
from editors.drag.fast import drag_session
from editors.drag.generators import Manners, manners_of
from editors.drag.method_session import DragSession
from editors.drag.settings import DragSettings
from editors.drag.stage import Stage
from editors.drag.trackers import FlowDrag
from facet import Context, GeneratorRef, Mask, Pair, Subject


@dataclass(frozen=True)
class Wishes:
    """What was asked for; 0 and "own" mean the generator's manners."""

    learning_rate: float = 0.0
    rows: int = 0
    feature_block: str = "own"
    radius: float = 0.0
    search: float = 0.0
    mask_weight: float = 20.0
    space: str = "w_plus"
    variant: str = "official"
    precision: str = "fast"
    tracker: str = "features"

    def settings(self, manners: Manners, device: str) -> DragSettings:
        """The same with the generator's manners filled in; a GPU has the time for the mask at its own block."""
        mode = "exact" if self.precision == "exact" or self.tracker == "flow" else "proxy"
        return DragSettings(
            learning_rate=self.learning_rate or manners.learning_rate,
            rows=self.rows or manners.rows,
            block=manners.block if self.feature_block == "own" else int(self.feature_block),
            radius=self.radius or manners.radius,
            search=self.search or manners.search,
            mask_weight=self.mask_weight,
            variant="paper" if self.variant == "paper" else "official",
            space="w" if self.space == "w" else "w_plus",
            mask_mode="native" if mode == "proxy" and device == "cuda" else mode,
        )


@dataclass(frozen=True)
class Prepared:
    """A drag that is ready to run; `fixed`: numbers of the pairs whose handles the mask holds back."""

    session: DragSession
    stage: Stage
    ref: GeneratorRef | None
    fixed: list[int]


def prepare(ctx: Context, subject: Subject, pairs: Sequence[Pair], mask: Mask | None, wishes: Wishes) -> Prepared:
    """Find the generator, check the points, and set the drag up.

    Raises:
        BadInput: the points can come to nothing, or the subject's generator cannot be had.
    """
    generator = ctx.generator_of(subject)
    stage = Stage.of(subject, generator)
    settings = wishes.settings(manners_of(subject.generator, generator.config), ctx.device)
    handles, targets = stage.inside(pairs)
    check_pairs(handles, targets, settings.scaled(generator.config))
    allowed = stage.mask(mask)
    start = torch.from_numpy(subject.latent.copy()).to(ctx.device)
    make = FlowDrag if wishes.tracker == "flow" else drag_session
    session = make(generator, start, handles, targets, allowed, settings)
    return Prepared(session, stage, subject.generator, frozen(handles, None if allowed is None else allowed.numpy()))
