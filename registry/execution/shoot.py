"""Making the film of a step: pull frames, encode them, show some, stop in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from registry.errors import EditorError, EditorFailed, Stopped
from registry.film import FORMATS, MOST_BYTES, MOST_FRAMES, Film, FilmFile, GifWriter, VideoWriter, WebpWriter, has_av
from registry.plugins import Preview, Step
from registry.subjects import Pixels, jpeg_bytes, to_pixels

_PREVIEWS_PER_SECOND = 15


class Writer(Protocol):
    """One format's encoder. Bytes depend on the frames and its arguments alone, so that a replay gives the same."""

    size: tuple[int, int]
    bytes_so_far: int

    def add(self, pixels: Pixels) -> None:
        """One more frame."""

    def finish(self) -> bytes:
        """The whole file."""

    def abandon(self) -> None:
        """Throw away what there is."""


@dataclass(frozen=True)
class Shot:
    """How a film ended: the step with its share of the work done, and the file if there was a frame."""

    step: Step
    film: FilmFile | None


def shoot(
    step: Step, *, stopping: Callable[[], bool], threads: int, last_frame: int | None = None
) -> Generator[Preview, None, Shot]:
    """Encode ``step.film``, giving previews of its frames; returns how it ended.

    Args:
        step: a step that has a film. Its `done` is where the film's share of the work begins.
        stopping: asked before each frame; once true, the film ends with the frames it has.
        threads: of the encoder. The bytes depend on their number, so a replay uses the recorded one.
        last_frame: for a replay of a film that was cut: end after exactly so many frames.

    Raises:
        EditorError: the format is not to be had here, or a GIF would be too large.
        EditorFailed: there is no frame, or one of another size.
    """
    assert step.film is not None
    reel, frames = _Reel(step.film, threads), iter(step.film.frames)
    limits = (step.film.count, last_frame, MOST_FRAMES)
    shown, cut, most = 0.0, False, min(limit for limit in limits if limit is not None)
    try:
        while reel.count < most and not (cut := reel.full or stopping()):
            try:
                pixels = reel.add(next(frames))
            except StopIteration:
                break
            except Stopped:
                cut = True
                break
            if time.monotonic() - shown >= 1 / _PREVIEWS_PER_SECOND:
                shown = time.monotonic()
                yield Preview(jpeg_bytes(pixels), reel.share(step.done), reel.progress)
        cut = cut or (reel.count == most and most != step.film.count)
        made = reel.finish()
    finally:
        reel.abandon()
        if hasattr(frames, "close"):
            frames.close()
    if made is None and not cut:
        raise EditorFailed("The film has no frames: a fault of the add-on.")
    step = replace(step, done=reel.share(step.done) if cut else 1.0)
    if made is not None:
        yield Preview(b"", step.done, f"film of {made.frames} frames, {made.seconds:.1f} s")
    return Shot(step, made)


class _Reel:
    """A film while it is encoded: opened with the first frame, whose size the others must have."""

    def __init__(self, film: Film, threads: int) -> None:
        if FORMATS[film.format].needs_av and not has_av():
            raise EditorError(f"A film as {film.format} needs the package “av”: pip install av, or choose gif or webp.")
        self._film, self._threads = film, threads
        self._writer: Writer | None = None
        self._size = (0, 0)
        self.count = 0

    def add(self, image: object) -> Pixels:
        """Encode one more frame; returns its pixels."""
        pixels = to_pixels(image, "a film's frame")
        size = pixels.shape[1], pixels.shape[0]
        if self._writer is None:
            self._writer, self._size = _writer(self._film, size, self._threads), size
        if size != self._size:
            first, other = ("{} × {}".format(*each) for each in (self._size, size))
            raise EditorFailed(f"A film's frames must be of one size, not {first} and {other}: a fault of the add-on.")
        self._writer.add(pixels)
        self.count += 1
        return pixels

    @property
    def full(self) -> bool:
        """Whether it has reached the size at which a film ends."""
        return self._writer is not None and self._writer.bytes_so_far > MOST_BYTES

    def share(self, start: float) -> float:
        """How much of the run is done, if the film began at `start`; never quite 1."""
        return start + (1 - start) * min(0.999, self.count / (self._film.count or MOST_FRAMES))

    @property
    def progress(self) -> str:
        """A few words for the stage."""
        return f"frame {self.count}" + (f" of {self._film.count}" if self._film.count else "")

    def finish(self) -> FilmFile | None:
        """The film, or None if there was no frame."""
        if self._writer is None:
            return None
        note = f"it ends where it reached {MOST_BYTES >> 20} MB" if self.full else ""
        size, content = self._writer.size, self._writer.finish()
        self._writer = None
        return FilmFile(content, self._film.format, self.count, float(self._film.fps), *size, note)

    def abandon(self) -> None:
        """Close what is still open."""
        if self._writer is not None:
            with suppress(Exception):  # what is thrown away need not end well
                self._writer.abandon()


def _writer(film: Film, size: tuple[int, int], threads: int) -> Writer:
    if film.format == "gif":
        return GifWriter(size, film.fps, film.count)
    if film.format == "webp":
        return WebpWriter(size, film.fps)
    return VideoWriter(size, film.fps, film.format, threads)
