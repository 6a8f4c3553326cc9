"""What a picture would cost to decode, counted in its file's structure before anything decodes it.

Decoders believe a file: one of a kilobyte may ask for thousands of passes over 25 megapixels, or for a table of
contents that is read again for each of its entries. What honest files have of such things is known, and far below the
limits here. The sizes in pixels of formats whose decoder allocates while it opens a file are judged here as well.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from registry.errors import BadInput
from registry.subjects import limits
from registry.subjects.directories import Content, judge_block, judge_exif, read_directory
from registry.subjects.limits import (
    AGAIN,
    MOST_EXIF_SEGMENTS,
    MOST_FRAMES,
    MOST_PARTS,
    MOST_PIECES,
    MOST_REMARKS,
    MOST_RUNS,
    MOST_SCANNED,
    MOST_SCANS,
    MOST_SEGMENTS,
    MOST_STRAY_BYTES,
    ONE_FRAME,
    Costly,
)


def refuse_costly(stream: Any, field: str, most_pixels: int) -> None:
    """Raise BadInput if decoding the picture in `stream` (a file, or BytesIO) would cost far more than honest ones do.

    The stream stands at its start afterwards. Damage is not judged: the decoder says it better.
    """
    with _content(stream, field) as content:
        judge = next((judge for magic, judge in _JUDGES.items() if content[:16].startswith(magic)), None)
        try:
            if judge is not None:
                judge(content, most_pixels)
        except Costly as problem:
            raise BadInput(field, problem.why, problem.fix) from None
        except (IndexError, struct.error):  # cut short
            pass
    stream.seek(0)


def refuse_costly_exif(info: Mapping[Any, Any], field: str) -> None:
    """Raise BadInput if the EXIF block that an opened picture brings would be read far beyond its size."""
    block, text = info.get("exif"), info.get("Raw profile type exif")
    try:
        if isinstance(text, str):
            block = bytes.fromhex("".join(text.split("\n")[3:]))
        if isinstance(block, bytes):
            judge_exif(block)
    except Costly as problem:
        raise BadInput(field, problem.why, problem.fix) from None
    except (ValueError, IndexError, struct.error):
        pass


@contextlib.contextmanager
def _content(stream: Any, field: str) -> Iterator[Content]:
    """The bytes of a stream, without a copy. Raises BadInput if they are too many."""
    size = stream.seek(0, io.SEEK_END)
    if size > limits.MOST_FILE_BYTES:
        raise BadInput(field, f"is a file of {size >> 20} MB, the most is {limits.MOST_FILE_BYTES >> 20}", AGAIN)
    if isinstance(stream, io.BytesIO):
        yield stream.getvalue()
        return
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def _refuse_pixels(width: int, height: int, most: int) -> None:
    if width * height > most:
        why = f"has {width * height / 1e6:.0f} megapixels, the most is {most / 1e6:.0f}"
        raise Costly(why, "Make it smaller first.")


def _png(content: Content, most_pixels: int) -> None:
    at = 8
    for _ in range(MOST_PARTS):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        if name == b"IEND":
            return
        at += 12 + length
    raise Costly(f"is a PNG of more than {MOST_PARTS:,} pieces")


def _jpeg(content: Content, most_pixels: int) -> None:
    at, stray, pixels, blocks = 2, 0, 0, list[bytes]()
    for _ in range(MOST_SEGMENTS):
        found = content.find(b"\xff", at)
        if found < 0:
            return
        stray, at = stray + found - at, found + 1
        while content[at] == 0xFF:
            stray, at = stray + 1, at + 1
            if stray > MOST_STRAY_BYTES:
                raise Costly("is a JPEG with far too much between its parts")
        if stray > MOST_STRAY_BYTES:
            raise Costly("is a JPEG with far too much between its parts")
        marker, at = content[at], at + 1
        if marker == 0xDA:
            judge_exif(b"".join(blocks))
            _scans(content, at, pixels)
            return
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD9:  # nothing follows these
            continue
        (length,) = struct.unpack(">H", content[at : at + 2])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 3 : at + 7])
            pixels = width * height
        body = content[at + 2 : at + length] if marker in (0xE1, 0xE2) else b""
        if body.startswith(b"Exif\x00\x00"):
            blocks.append(body[6 if blocks else 0 :])  # a decoder joins them
            if len(blocks) > MOST_EXIF_SEGMENTS:
                raise Costly(f"has EXIF in more than {MOST_EXIF_SEGMENTS} parts")
        elif body.startswith(b"MPF\x00"):
            judge_block(body[4:])
        at += length
    raise Costly(f"is a JPEG of more than {MOST_SEGMENTS:,} parts before its picture begins")


def _scans(content: Content, at: int, pixels: int) -> None:
    scans = 1  # each is a pass over all pixels
    while (at := content.find(b"\xff\xda", at) + 2) > 1:
        scans += 1
        if scans > MOST_SCANS or scans * pixels > MOST_SCANNED:
            raise Costly(f"is a JPEG in more than {scans - 1} passes over {pixels / 1e6:.1f} megapixels")


def _gif(content: Content, most_pixels: int) -> None:
    at = 13 + _colours(content[10])
    frames = stray = remarks = pieces = 0
    while at < len(content) and content[at] != 0x3B:
        start, count = at, 0
        if content[at] == 0x21:
            at, count = _after_pieces(content, at + 2)
            remarks += at - start
        elif content[at] == 0x2C:
            at, count = _after_pieces(content, at + 11 + _colours(content[at + 9]))
            frames += 1
        else:
            stray, at = stray + 1, at + 1
        pieces += count
        if remarks - 64 * frames > MOST_REMARKS or stray > MOST_STRAY_BYTES:
            raise Costly(f"is a GIF with more than {MOST_REMARKS >> 20} MB beside its picture")
        if frames > MOST_FRAMES:
            raise Costly(f"is an animation of more than {MOST_FRAMES:,} frames", ONE_FRAME)
        if pieces > MOST_PIECES:
            raise Costly(f"is a GIF in more than {MOST_PIECES:,} pieces")
    if frames > 1:
        raise Costly(f"is an animation of {frames} frames", ONE_FRAME)


def _colours(flags: int) -> int:
    """Bytes of the colour table that a GIF's flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_pieces(content: Content, at: int) -> tuple[int, int]:
    """Where a GIF goes on after pieces of up to 255 bytes, the last of them empty; and how many there are."""
    count = 0
    while (length := content[at]) and count <= MOST_PIECES:
        at, count = at + 1 + length, count + 1
    return at + 1, count


def _webp(content: Content, most_pixels: int) -> None:
    if content[8:16] == b"WEBPVP8X":  # its canvas is allocated while the file is opened
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        _refuse_pixels(width, height, most_pixels)


def _bmp(content: Content, most_pixels: int) -> None:
    (header,) = struct.unpack("<I", content[14:18])
    if header >= 40 and content[30] in (1, 2) and len(content) > MOST_RUNS:
        raise Costly(f"is a BMP packed in runs of more than {MOST_RUNS >> 20} MB")


def _tiff(content: Content, most_pixels: int) -> None:
    counts = read_directory(content)
    parts = max(counts.get(tag, (0, 0))[0] for tag in (273, 324))  # StripOffsets, TileOffsets
    if parts > MOST_PARTS:
        raise Costly(f"is a TIFF of {parts:,} strips, the most is {MOST_PARTS:,}")
    width, height, tile_width, tile_height = (counts.get(tag, (0, 0))[1] for tag in (256, 257, 322, 323))
    _refuse_pixels(width, height, most_pixels)
    if tile_width * tile_height > most_pixels:
        raise Costly(f"is a TIFF in tiles of {tile_width} × {tile_height} pixels")
    if counts.get(259, (0, 0))[1] in (6, 7):  # JPEGs inside
        _scans(content, 0, width * height // max(1, parts))


_JUDGES: Mapping[bytes, Callable[[Content, int], None]] = {
    b"\x89PNG\r\n\x1a\n": _png,
    b"\xff\xd8": _jpeg,
    b"GIF8": _gif,
    b"RIFF": _webp,
    b"BM": _bmp,
    b"II*\x00": _tiff,
    b"II\x00*": _tiff,
    b"MM\x00*": _tiff,
    b"MM*\x00": _tiff,
    b"II+\x00": _tiff,
    b"MM\x00+": _tiff,
}
