"""MP4 and WebM through PyAV: H.264 and VP9, 4:2:0, BT.709 and said so, index at the front."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from registry.subjects import Pixels

# Constant quality rather than a rate: a face at rest costs next to nothing, a turning one what it needs. `crf` was
# chosen by eye, at the first value where flat skin shows no blocks.
_CODECS: dict[str, tuple[str, dict[str, str]]] = {
    "mp4": ("libx264", {"crf": "17", "preset": "medium"}),
    "webm": ("libvpx-vp9", {"crf": "22", "b:v": "0", "deadline": "good", "cpu-used": "4", "row-mt": "0"}),
}
BITEXACT = {"fflags": "+bitexact"}
"""Leaves out what would differ from one writing to the next: a random segment id, dates, versions."""
_MUXER = {"mp4": {"movflags": "+faststart", **BITEXACT}, "webm": BITEXACT}
_BT709 = 1  # in H.273, for colour space, primaries and transfer alike
_LIMITED = 1  # 16 to 235, which is what players expect of video


class VideoWriter:
    """Encodes frames as they come; `finish` gives the file. Bytes depend on frames, format, fps and threads only."""

    def __init__(self, size: tuple[int, int], fps: float, format: str, threads: int) -> None:
        import av  # a third of a second, and missing where films are only GIF and WebP

        self._av: Any = av
        self.size = size[0] + size[0] % 2, size[1] + size[1] % 2  # 4:2:0 halves the colour's resolution
        self.bytes_so_far = 0
        self._folder = tempfile.TemporaryDirectory(
            prefix="facet-film-"
        )  # the index moves to the front in a second pass
        self._path = Path(self._folder.name) / f"film.{format}"
        codec, options = _CODECS[format]
        self._container: Any = av.open(self._path, "w", format=format, options=_MUXER[format])
        rate = Fraction(fps).limit_denominator(1001)
        stream: Any = self._container.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *self.size, "yuv420p"
        context = stream.codec_context
        context.thread_count = threads
        context.gop_size = max(1, round(2 * fps))  # a seek lands within two seconds
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED
        self._stream = stream

    def add(self, pixels: Pixels) -> None:
        """One more frame of the size given at the start; an odd side is made even by repeating its last row."""
        height, width = pixels.shape[:2]
        padded = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = self._av.VideoFrame.from_ndarray(padded, "rgb24")
        self._mux(frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"))

    def finish(self) -> bytes:
        """The whole file."""
        self._mux(None)
        self._container.close()
        content = self._path.read_bytes()
        self._folder.cleanup()
        return content

    def abandon(self) -> None:
        """Throw away what there is."""
        self._container.close()
        self._folder.cleanup()

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            self.bytes_so_far += packet.size
            self._container.mux(packet)
