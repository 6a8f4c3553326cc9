"""GIF and animated WebP with Pillow alone."""

from __future__ import annotations

import io
import struct

from PIL import Image

from registry.errors import EditorError
from registry.film.palette import dithered, reduce
from registry.subjects import Pixels

MOST_GIF_PIXELS = 200_000_000
"""Of all frames together. They are kept until the end, a byte each, since Pillow writes a GIF in one go."""
_SAME_PALETTE = 24  # frames that share a palette: their colours are much alike, and a new one is not seen to come
_PALETTE_BYTES = 48 * 2**20  # fewer if they are large


def ticks(fps: float, count: int, unit: float) -> list[int]:
    """How long each of `count` frames is shown, in units of `unit` seconds, so that the sum never drifts from `fps`."""
    ends = [round(number / (fps * unit)) for number in range(count + 1)]
    return [max(1, end - start) for start, end in zip(ends, ends[1:], strict=False)]


class GifWriter:
    """Palettes for many frames at once and ordered dithering: neither flickers, as a palette by frame would."""

    def __init__(self, size: tuple[int, int], fps: float, count: int | None) -> None:
        self.size, self._fps = size, fps
        self.bytes_so_far = 0
        most = MOST_GIF_PIXELS // (size[0] * size[1])
        if (count or 1) > most:
            wide, high = size
            raise EditorError(f"A GIF of {wide} × {high} has at most {most} frames, not {count}. Choose mp4 or webp.")
        self._most = most
        self._waiting: list[Pixels] = []
        self._done: list[Image.Image] = []

    def add(self, pixels: Pixels) -> None:
        """One more frame."""
        self._waiting.append(pixels)
        self.bytes_so_far += pixels.size // 3
        if len(self._waiting) == _SAME_PALETTE or len(self._waiting) * pixels.size > _PALETTE_BYTES:
            self._reduce()
        if len(self._waiting) + len(self._done) > self._most:
            raise EditorError(f"A GIF of that size has at most {self._most} frames. Choose mp4 or webp.")

    def finish(self) -> bytes:
        """The whole file, looping for ever."""
        self._reduce()
        buffer = io.BytesIO()
        # Browsers slow a frame of 10 ms down to 100, so none is shorter than two hundredths.
        durations = [10 * max(2, tick) for tick in ticks(self._fps, len(self._done), 0.01)]
        first, *others = self._done
        first.save(buffer, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=False)
        return buffer.getvalue()

    def abandon(self) -> None:
        """Throw away what there is."""
        self._waiting, self._done = [], []

    def _reduce(self) -> None:
        if not self._waiting:
            return
        palette, frames = reduce([dithered(pixels) for pixels in self._waiting])
        for indices in frames:
            image = Image.fromarray(indices).convert("P")
            image.putpalette(palette.tobytes())
            self._done.append(image)
        self._waiting = []


class WebpWriter:
    """Each frame a WebP still of its own, put into one file as Google's container specification says.

    Pillow could write the animation too, but only from all frames at once, without progress or a stop.
    """

    def __init__(self, size: tuple[int, int], fps: float) -> None:
        self.size, self._fps = size, fps
        self.bytes_so_far = 0
        self._frames: list[bytes] = []

    def add(self, pixels: Pixels) -> None:
        """One more frame."""
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "WEBP", quality=90, method=4)
        self._frames.append(buffer.getvalue()[12:])  # without “RIFF….WEBP”: the chunk that holds the picture
        self.bytes_so_far += len(self._frames[-1])

    def finish(self) -> bytes:
        """The whole file, looping for ever."""
        wide, high = (_u24(side - 1) for side in self.size)
        body = (
            b"WEBP" + chunk(b"VP8X", bytes([_ANIMATED, 0, 0, 0]) + wide + high) + chunk(b"ANIM", b"\xff" * 4 + b"\0\0")
        )
        durations = ticks(self._fps, len(self._frames), 0.001)
        opaque = bytes([2])  # drawn over the frame before it, not blended with it
        shown = (bytes(6) + wide + high + _u24(tick) + opaque for tick in durations)
        body += b"".join(chunk(b"ANMF", head + data) for head, data in zip(shown, self._frames, strict=True))
        return b"RIFF" + struct.pack("<I", len(body)) + body

    def abandon(self) -> None:
        """Throw away what there is."""
        self._frames = []


_ANIMATED = 0x02


def chunk(name: bytes, data: bytes) -> bytes:
    """A RIFF chunk, padded to an even length."""
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _u24(number: int) -> bytes:
    return struct.pack("<I", number)[:3]
