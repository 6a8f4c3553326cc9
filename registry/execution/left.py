"""What a run's last step leaves besides its picture: artifacts, which are kept here, a text, a mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.artifacts import Kept, keep
from registry.errors import EditorError
from registry.execution.job import Job
from registry.plugins import EditorSpec, Step
from registry.subjects import Pixels

MOST_TEXT = 4000
MASK = "mask"
"""What a mask is called among the further pictures."""
NOT_KEPT = "not kept"
"""The fact that says why an artifact could not be kept: the picture is not lost with it."""


def kept_of(spec: EditorSpec, job: Job, step: Step) -> tuple[tuple[Kept, ...], dict[str, str]]:
    """Keep a step's artifacts where the present run's things lie; returns them, and a fact where that failed."""
    recipe: Mapping[str, Any] = {
        "editor": spec.id,
        "version": spec.version,
        "inputs": spec.record(job.values) if step.artifacts else {},
        "seed": job.seed,
    }
    kept: list[Kept] = []
    try:
        for artifact in step.artifacts:
            kept.append(keep(artifact, recipe, step.image if step.preview is None else step.preview))
    except EditorError as problem:
        return tuple(kept), {NOT_KEPT: str(problem)}
    return tuple(kept), {}


def text_of(step: Step) -> str:
    """A step's text, bounded. Raises TypeError for what is no text."""
    if not isinstance(step.text, str):
        raise TypeError(f"Step.text must be text, not {type(step.text).__name__}")
    return step.text[:MOST_TEXT]


def mask_of(step: Step, pixels: Pixels) -> NDArray[np.bool_] | None:
    """A step's mask. Raises TypeError for one that is not of the picture's size, or not of bool."""
    if step.mask is None:
        return None
    mask: NDArray[np.bool_] = np.array(step.mask)
    if mask.dtype != np.bool_ or mask.shape != pixels.shape[:2]:
        raise TypeError(f"Step.mask must be bool {list(pixels.shape[:2])}, not {mask.dtype} {list(mask.shape)}")
    return mask


def drawn(mask: NDArray[np.bool_]) -> Pixels:
    """A mask as a picture, white where it is True."""
    pixels: Pixels = np.repeat(mask[..., None].astype(np.uint8) * 255, 3, axis=2)
    pixels.setflags(write=False)
    return pixels
