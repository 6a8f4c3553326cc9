"""What a film is: the author's `Film`, the `FilmFile` that comes of it, and `FilmFormat`, the input that chooses."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from registry.errors import EditorError, EditorFailed

MOST_FRAMES = 3600
"""Two minutes at 30 frames a second."""
MOST_BYTES = 96 * 2**20
"""Where a film ends, whatever its format: it crosses process borders and the network whole."""


@dataclass(frozen=True)
class Format:
    """One format of films. `needs_av`: PyAV encodes it; the others are written with Pillow alone."""

    title: str
    media_type: str
    needs_av: bool


FORMATS: Mapping[str, Format] = {
    "mp4": Format("MP4 (H.264)", "video/mp4", True),
    "webm": Format("WebM (VP9)", "video/webm", True),
    "gif": Format("GIF", "image/gif", False),
    "webp": Format("Animated WebP", "image/webp", False),
}
NO_FILM = "none"


@dataclass(frozen=True, eq=False)
class Film:
    """Frames that a handler hands out with a `Step`; they are encoded as they come, in the worker.

    Attributes:
        frames: pictures as `Step.image` takes them, all of one size, best made one by one while they are asked for.
            Like a handler they may call ``ctx.check_stop()``; a stop keeps the film as far as it is.
        fps: frames per second, above 0 and at most 60.
        format: one of `FORMATS`.
        count: how many frames there will be, for the progress; may be left out where `frames` has a length.
    """

    frames: Iterable[Any]
    fps: float = 24.0
    format: str = "mp4"
    count: int | None = None

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise EditorFailed(
                f"A film must be one of {', '.join(FORMATS)}, not {self.format!r}: a fault of the add-on."
            )
        if not 0 < self.fps <= 60:
            raise EditorFailed(f"A film has more than 0 and at most 60 frames a second, not {self.fps:g}.")
        if self.count is None and isinstance(self.frames, Sized):
            object.__setattr__(self, "count", len(self.frames))
        if self.count is not None and not 1 <= self.count <= MOST_FRAMES:
            raise EditorError(f"A film has 1 to {MOST_FRAMES} frames, not {self.count}. Change its length or its rate.")


@dataclass(frozen=True, eq=False)
class FilmFile:
    """An encoded film.

    Attributes:
        content: the file without Facet's mark; `film_bytes` adds it.
        format: one of `FORMATS`; also the file's ending.
        frames: how many it has.
        fps: frames per second.
        width, height: in pixels, even for MP4 and WebM.
        note: why it is shorter than asked for, or empty.
    """

    content: bytes
    format: str
    frames: int
    fps: float
    width: int
    height: int
    note: str = ""

    @property
    def media_type(self) -> str:
        """E.g. ``video/mp4``."""
        return FORMATS[self.format].media_type

    @property
    def extension(self) -> str:
        """E.g. ``.mp4``."""
        return f".{self.format}"

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return self.frames / self.fps

    @cached_property
    def sha256(self) -> str:
        """Of `content`: the same film made again has the same one."""
        return hashlib.sha256(self.content).hexdigest()

    def record(self) -> dict[str, Any]:
        """What a recipe says about it."""
        numbers = {"frames": self.frames, "fps": self.fps, "width": self.width, "height": self.height}
        return {"format": self.format, **numbers, "sha256": self.sha256}


def is_film(head: bytes) -> bool:
    """Whether a file begins (16 bytes) as one of `FORMATS` does."""
    webp = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X"
    return webp or head[4:8] == b"ftyp" or head.startswith((b"\x1aE\xdf\xa3", b"GIF8"))


def has_av() -> bool:
    """Whether PyAV can be imported."""
    try:
        importlib.import_module("av")
    except ImportError:
        return False
    return True
