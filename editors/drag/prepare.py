"""From an editor's inputs to a drag that is ready to run: the generator, its preset, the checks, the session."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from editors.drag.checks import check_pairs, frozen, warnings
from editors.drag.confidence import even_ground
from editors.drag.fast import drag_session
from editors.drag.free_drag import FreeDrag
from editors.drag.generators import DragPreset, preset_of
from editors.drag.guess import jump, network_for
from editors.drag.method_session import DragSession
from editors.drag.pixel_mapping import PixelMapping
from editors.drag.settings import SIZE, DragSettings, Point
from editors.drag.trackers import FlowDrag
from facet import Context, Mask, Pair, Subject
from facet.stylegan import GeneratorRef
from nets.drag_flow import DragFlow
from nets.stylegan2 import Generator

AXES = 32  # main axes of W for generators that nobody has measured


@dataclass(frozen=True)
class DragOptions:
    """What was asked for; 0 and "own" mean the generator's preset."""

    learning_rate: float = 0.0
    rows: int = 0
    feature_block: str = "own"
    radius: float = 0.0
    search: float = 0.0
    mask_weight: float = 20.0
    space: str = "w_plus"
    motion: str = "own"
    variant: str = "official"
    precision: str = "fast"
    tracker: str = "features"
    update: str = "drag"
    first_guess: bool = False
    difference: float = 0.0
    reach: float = 0.0

    def settings(self, preset: DragPreset, device: str) -> DragSettings:
        """The same with the generator's preset filled in; a GPU has the time for the exact mask."""
        mode = "exact" if self.precision == "exact" or self.tracker == "flow" else preset.mask
        axes = 0 if self.motion == "published" else preset.axes or (AXES if self.motion == "axes" else 0)
        radius = self.radius or preset.radius
        rate = preset.free_learning_rate if self.update == "free" else preset.learning_rate
        return DragSettings(
            learning_rate=self.learning_rate or (preset.axes_rate if axes else rate),
            rows=self.rows or preset.rows,
            block=preset.block if self.feature_block == "own" else int(self.feature_block),
            radius=radius,
            search=self.search or preset.search,
            mask_weight=self.mask_weight * (_share(radius) if self.variant == "paper" else 1),
            axes=axes,
            variant="paper" if self.variant == "paper" else "official",
            space="w" if self.space == "w" else "w_plus",
            mask_mode="exact" if device == "cuda" else mode,
        )


@dataclass(frozen=True)
class Prepared:
    """A drag that is ready to run; `warning`: what may keep it from getting there, or empty."""

    session: DragSession
    stage: PixelMapping
    ref: GeneratorRef | None
    warning: str


def prepare(ctx: Context, subject: Subject, pairs: Sequence[Pair], mask: Mask | None, options: DragOptions) -> Prepared:
    """Find the generator, check the points, and set the drag up.

    Raises:
        BadInput: the points can come to nothing, or the subject's generator cannot be had.
    """
    generator, _ = ctx.load_generator(subject)
    stage = PixelMapping.of(subject, generator)
    preset = preset_of(subject.generator, generator.config)
    settings = options.settings(preset, ctx.device)
    handles, targets = stage.inside(pairs)
    check_pairs(handles, targets, settings.scaled(generator.config))
    allowed = stage.mask(mask)
    assert subject.latent is not None, "the input asks for one"
    start = torch.from_numpy(subject.latent.copy()).to(ctx.device)
    flow = network_for(ctx, subject.generator) if options.first_guess else None
    session = session_of(options, preset, generator, start, handles, targets, allowed, flow)
    fixed = frozen(handles, None if allowed is None else allowed.numpy())
    even = even_ground(generator, start, handles, session.scaled)
    return Prepared(session, stage, subject.generator, warnings(fixed, even))


def session_of(
    options: DragOptions, preset: DragPreset, generator: Generator, start: Tensor,
    handles: Sequence[Point], targets: Sequence[Point], mask: Tensor | None = None, flow: DragFlow | None = None,
) -> DragSession:  # fmt: skip
    """The session that was wished for, on the device of `start` [num_ws, w_dim]; points in pixels of the image.

    flow: gives the first guess, if any.
    """
    settings = options.settings(preset, start.device.type)
    make: Callable[..., DragSession] = FlowDrag if options.tracker == "flow" else drag_session
    if options.update == "free":
        lengths = options.difference or preset.difference, options.reach or preset.reach
        make = partial(FreeDrag, difference=lengths[0], reach=lengths[1])
    session = make(generator, start, handles, _alongside(handles, targets), mask, settings)
    if preset.near and options.variant == "official":
        session.scaled = session.scaled._replace(near=preset.near)
    if flow is not None:
        jump(session, flow)
    return session


def _share(radius: float) -> float:
    """The disc's share of the image, for a λ that weighs sums as it weighs means.

    The published λ belongs to the authors' means. In the paper's sums the mask would count for every pixel of the image
    and the pull for those of a disc, thousands of times fewer, and nothing would move.
    """
    return math.pi * radius**2 / SIZE**2


def _alongside(handles: Sequence[Point], targets: Sequence[Point]) -> list[Point]:
    """Targets moved as their handles are by being taken to whole pixels, so that the way between them stays."""
    pairs = zip(handles, targets, strict=True)
    return [(to_x + round(x) - x, to_y + round(y) - y) for (x, y), (to_x, to_y) in pairs]
