"""Films in latent space: walks from picture to picture, sweeps of sliders, turning heads, key frames."""

from __future__ import annotations

from collections.abc import Iterable

from editors.animation.animation import animation
from editors.animation.walk import walk
from facet import hookimpl
from facet.app import EditorSpec


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [animation, walk]
