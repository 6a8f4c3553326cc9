"""What a running edit hands out: the author's `Step`, and the `Preview` and `Result` that surfaces receive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.artifacts import Artifact, Kept
from registry.film import Film, FilmFile
from registry.subjects import GeneratorRef, Subject


@dataclass(frozen=True, eq=False)
class Variant:
    """A further picture that is a result of its own: with a code, and perhaps with inputs that make it by itself.

    Attributes:
        image: as `Step.image`; a function is called only if its step is the last.
        latent: w_plus of this picture, as `Step.latent`.
        generator: whose latent it is; None for the step's.
        inputs: those that differ where this picture is the editor's result in a single step, e.g. its own seed; empty
            where no inputs make it the result.
    """

    image: Any
    latent: NDArray[np.float32] | None = None
    generator: GeneratorRef | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Step:
    """One state of a running edit, yielded by a handler. The last one yielded is the result, also after a stop.

    So every step's picture should be the best so far, at the size of the final picture.

    Attributes:
        image: PIL image, uint8 or [0, 1] array [h, w, 3], or tensor [3, h, w] / [1, 3, h, w] in [0, 1]; or a function
            that makes one, called only if this step turns out to be the last: for editors whose steps are quicker than
            their pictures.
        preview: a picture for the screen in place of `image`, of any size. The very object of the step before is not
            sent again.
        done: share of the work, 0 to 1, never decreasing; the last step has 1.
        note: a few words, e.g. ``"256 px, 40 of 60"``.
        points: (x, y) in source pixels, shown on the picture.
        metrics: named numbers that go into the result.
        images: further named pictures (an error map, a mask); a `Variant` where one is a result of its own.
        latent: w_plus of the picture, float32 [num_ws, w_dim]; with `generator` it stays with the new subject.
        delta: what this edit added to the weights of `generator`, name → difference, as pivotal tuning and adaptation
            do: a snapshot, or a function that makes one, called as `image` is. Together with a delta that `generator`
            had before it is kept by its sha256, which the new subject's `GeneratorRef` then names.
        facts: what the recipe keeps of this step besides its inputs, as JSON, e.g. where a face was found. Texts are
            shown with the result.
        film: frames to be made into a film; see `Film`. The worker asks for them before the handler's next step, shows
            them as they come and counts them as the share of the work from this step's `done` to 1. `image` stays the
            result's picture: the film's still.
        alpha: coverage of the picture, uint8 [h, w], 0 clear to 255 opaque, if it is not that of the subject; a PIL
            image with transparency brings its own. Otherwise a result of the subject's size keeps the subject's, and
            one of another size is told to have lost it.
        artifacts: what the edit leaves for other editors: an adapted generator, a direction, a style network. Those of
            the last step are kept under Yours, by sha256, and named in the recipe; a replay keeps none.
        text: what there is to read, e.g. a caption; shown with the result and kept in its recipe, at most 4000
            characters.
        mask: bool [h, w] of the picture's size, True where something was found or may change; it is shown among the
            further pictures as “mask”, and the result has it.
        state: plain data from which a new call of the handler can go on (`ctx.state`), or a function that makes them,
            called only where a slice ends with this step. An editor that gives it can run in slices where a GPU is
            lent for a minute at a time.
    """

    image: Any
    done: float
    note: str = ""
    points: tuple[tuple[float, float], ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    images: Mapping[str, Any] = field(default_factory=dict)
    latent: NDArray[np.float32] | None = None
    generator: GeneratorRef | None = None
    delta: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    preview: Any = None
    film: Film | None = None
    alpha: NDArray[np.uint8] | None = None
    artifacts: tuple[Artifact, ...] = ()
    text: str = ""
    mask: NDArray[np.bool_] | None = None
    state: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Preview:
    """A step on its way to the screen: the picture as a JPEG of at most 1024 px, empty if only the note is new."""

    jpeg: bytes
    done: float
    note: str = ""
    points: tuple[tuple[float, float], ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Result:
    """A finished edit.

    Attributes:
        subject: the new picture, with this edit's recipe at the end of its lineage.
        recipe: all that is needed to make it again; see `registry.saved.lineage`.
        metrics: numbers the editor reported with its last step.
        images: further pictures of the last step, uint8 RGB.
        further: the same pictures as subjects, each with its own recipe, and its code where it has one.
        seconds: wall time of the run, without waiting in the queue.
        peak_memory_bytes: rise of the process's resident memory while it ran, plus the GPU's peak.
        stopped: the run was stopped, or its deadline passed, and this is the best it had.
        film: the film, if the editor made one; `registry.saved.film_bytes` gives the file with its recipe.
        artifacts: what it left for other editors, as it is kept; empty in a replay, which keeps nothing.
        text: what there is to read of it.
        mask: bool [h, w], if the editor gave one.
    """

    subject: Subject
    recipe: Mapping[str, Any]
    metrics: Mapping[str, float]
    images: Mapping[str, NDArray[np.uint8]]
    seconds: float
    peak_memory_bytes: int
    stopped: bool
    film: FilmFile | None = None
    further: Mapping[str, Subject] = field(default_factory=dict)
    artifacts: tuple[Kept, ...] = ()
    text: str = ""
    mask: NDArray[np.bool_] | None = None

    @property
    def stood_in(self) -> list[str]:
        """One sentence for each network whose own weights could not be had: why, and which ones stood in."""
        rows = [row for row in self.recipe.get("weights", ()) if row.get("notice")]
        return [f"{row['net']}: {str(row['notice']).rstrip('.')}." for row in rows]
