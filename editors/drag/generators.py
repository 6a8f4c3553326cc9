"""The generators that can be dragged, and what a drag should be told about each: step size, rows, features, lengths."""

from __future__ import annotations

from dataclasses import dataclass, replace

from editors.drag.settings import MaskMode
from facet.stylegan import GeneratorRef, entry_of, generator_nets
from nets.stylegan2 import GeneratorConfig
from nets.stylegan2.contents import from_contents

GENERATORS = generator_nets(from_contents)


@dataclass(frozen=True)
class DragPreset:
    """How a generator likes to be dragged. Lengths in pixels of an image 512 high.

    learning_rate, rows, block, radius, search: as in `DragSettings`.
    axes: how many of the main axes of W rows move along; 0: all coordinates alike, as published. axes_rate: the step
        size along axes, in units of W's deviation.
    near: in pixels of the generator's own image, how far from its target a handle has arrived; 0 means the published 2
        pixels of 512, but never less than 2, which is coarse for small images.
    mask: how "fast" computes the mask term, see `DragSettings.mask_mode`; exact where its steps are quick anyhow.
    free_learning_rate, difference, reach: FreeDrag's step size; its l, the feature distance that a sub-motion starts
        with, 0 where it has to be measured; and its d, the most pixels of the feature map that it goes ahead.
    """

    learning_rate: float = 1e-3
    rows: int = 6
    block: int = 128
    radius: float = 3.0
    search: float = 12.0
    near: float = 0.0
    axes: int = 0
    axes_rate: float = 0.02
    mask: MaskMode = "corrected"
    free_learning_rate: float = 2e-3
    difference: float = 0.3
    reach: float = 3.0


PUBLISHED = DragPreset()
"""The authors' code (Pan et al. 2023); FreeDrag's three are Ling et al. 2024's."""


def preset_of(ref: GeneratorRef | None, config: GeneratorConfig) -> DragPreset:
    """The preset of the generator that a latent belongs to, from what is known about it: the drag of its entry."""
    entry = entry_of(ref)
    if entry is None or entry.source is None:
        return replace(PUBLISHED, difference=0.0)
    if not entry.source.embedded:
        return replace(PUBLISHED, **{name: float(value) for name, value in entry.drag.items()})  # type: ignore[arg-type]
    facts = entry.drag
    enlarge = 512 / config.resolution[0]  # a card gives lengths in pixels of its own image
    return DragPreset(
        learning_rate=float(facts.get("learning_rate", PUBLISHED.learning_rate)),
        rows=int(facts.get("rows", PUBLISHED.rows)),
        block=int(facts.get("feature_block", PUBLISHED.block)),
        radius=float(facts.get("radius", PUBLISHED.radius / enlarge)) * enlarge,
        search=float(facts.get("search", PUBLISHED.search / enlarge)) * enlarge,
        near=float(facts.get("near", 1.0)),
        axes=int(facts.get("axes", PUBLISHED.axes)),
        axes_rate=float(facts.get("axes_rate", PUBLISHED.axes_rate)),
        mask="exact" if facts.get("mask") == "exact" else PUBLISHED.mask,
        free_learning_rate=float(facts.get("learning_rate", PUBLISHED.free_learning_rate)),
        difference=float(facts.get("difference", 0.0)),
        reach=float(facts.get("reach", PUBLISHED.reach)),
    )
