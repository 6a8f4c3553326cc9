"""What crosses the border to the device and back: plain data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.artifacts import Kept
from registry.belongings import Belongings
from registry.errors import EditorError
from registry.execution.stop import StopSignal
from registry.film import FilmFile
from registry.plugins import Preview, Variant
from registry.subjects import GeneratorRef


@dataclass(frozen=True)
class Job:
    """What crosses to the device: names, checked inputs and numbers, no code."""

    editor: str
    values: Mapping[str, Any]
    seed: int
    device: str
    threads: int
    stop: StopSignal | None = None
    seconds: float | None = None  # the run ends after so many, keeping the best
    slice_seconds: float | None = None  # a slice ends after so many, to go on in another
    gpu_seconds: float = 0.0  # the editor's own estimate; 0 means that it needs no GPU
    last_step: int | None = None  # for a replay: end after exactly so many steps
    last_frame: int | None = None  # and the film after exactly so many frames
    steps_before: int = 0  # steps of earlier slices
    state: Mapping[str, Any] | None = None
    belongings: Belongings | None = None  # where what it leaves lies; None is the owner's home
    strict: bool = False  # end rather than let other weights stand in
    agreed: tuple[str, ...] = ()  # nets for which others may stand in even so
    rough: bool = False  # a look whose movement counts more than its detail
    seen: bool = True  # whether previews have pictures


@dataclass(frozen=True)
class Outcome:
    """The end of a slice, as plain data. `state` is set if the run has to go on in another slice."""

    pixels: NDArray[np.uint8]
    steps: int
    stopped: bool
    note: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    images: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    variants: Mapping[str, Variant] = field(default_factory=dict)  # of some images, without their pixels
    latent: NDArray[np.float32] | None = None
    generator: GeneratorRef | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    weights: tuple[Mapping[str, Any], ...] = ()
    film: FilmFile | None = None
    gpu_peak_bytes: int = 0
    state: Mapping[str, Any] | None = None
    faults: tuple[str, ...] = ()
    alpha: NDArray[np.uint8] | None = None  # coverage [h, w] that the step itself gives
    artifacts: tuple[Kept, ...] = ()  # named in the recipe; in a replay they lie nowhere
    text: str = ""
    mask: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Failure:
    """An error on its way across a process border: its class by name, its arguments as plain data."""

    error: EditorError
    fault: str = ""  # for the author, if the editor is to blame
    others: tuple[str, ...] = ()  # what else it did wrong


Event = Preview | Outcome | Failure
"""What a slice gives: previews, then one of the other two."""
