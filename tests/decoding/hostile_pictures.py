"""Pictures that ask a decoder for far more than they are, made on the spot; by name.

`HOSTILE` are refused by counting, `LARGE` are as large as a picture may be and are taken.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from registry.conformance.sample_inputs import small_picture

SMALL = small_picture(64, 48)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """A file of that kind."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def scans_jpeg(scans: int = 1000, side: int = 3000) -> bytes:
    """A progressive JPEG whose last pass is repeated."""
    plain = encoded(Image.new("L", (side, side), 90), "JPEG", progressive=True, quality=50)
    last = plain.rindex(b"\xff\xda")
    return plain[:last] + plain[last:-2] * scans + plain[-2:]


def segments_jpeg(count: int = 400_000) -> bytes:
    """A JPEG behind empty application segments."""
    plain = encoded(Image.fromarray(SMALL), "JPEG")
    return plain[:2] + b"\xff\xef\x00\x02" * count + plain[2:]


def padded_jpeg(count: int = 4_000_000, filler: bytes = b"\xff") -> bytes:
    """A JPEG behind bytes that a decoder passes over one by one."""
    plain = encoded(Image.fromarray(SMALL), "JPEG")
    return plain[:2] + filler * count + plain[2:]


def overlapping_directory(entries: int, kilobytes: int) -> bytes:
    """An EXIF block (a TIFF) whose entries all name the same bytes."""
    size = kilobytes << 10
    start = 8 + 2 + 12 * entries + 4
    rows = b"".join(struct.pack("<HHII", 0x9000 + n, 7, size, start) for n in range(entries))
    return b"II*\0" + struct.pack("<IH", 8, entries) + rows + bytes(4) + bytes(size)


def exif_jpeg() -> bytes:
    """A JPEG whose EXIF is read 3,000 times over."""
    plain = encoded(Image.fromarray(SMALL), "JPEG")
    block = b"Exif\0\0" + overlapping_directory(3000, 28)
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with further chunks behind its header."""
    plain = encoded(Image.fromarray(SMALL), "PNG")
    more = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return plain[:33] + more + plain[33:]


def exif_png(entries: int = 3000, kilobytes: int = 1024) -> bytes:
    """A PNG whose EXIF is 3 GB when it is read."""
    return png_with((b"eXIf", overlapping_directory(entries, kilobytes)))


def profile_png() -> bytes:
    """The same in ImageMagick's old place for it: as text in hexadecimal digits."""
    block = overlapping_directory(3000, 300)
    text = f"\nexif\n{len(block)}\n{block.hex()}".encode()
    return png_with((b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text)))


def wrapped_png() -> bytes:
    """A PNG whose EXIF begins with its own name, again and again."""
    return png_with((b"eXIf", b"Exif\0\0" * 200_000 + overlapping_directory(1, 1)))


def chunks_png(count: int = 400_000) -> bytes:
    """A PNG of empty chunks."""
    plain = encoded(Image.fromarray(SMALL), "PNG")
    empty = struct.pack(">I", 0) + b"teSt" + struct.pack(">I", zlib.crc32(b"teSt"))
    return plain[:33] + empty * count + plain[33:]


def comment_gif(megabytes: int = 25) -> bytes:
    """A GIF behind a comment, which Pillow joins from pieces of 255 bytes."""
    plain = encoded(Image.fromarray(SMALL).convert("L"), "GIF")
    start = 13 + (3 << (plain[10] & 7) + 1)
    pieces = (megabytes << 20) // 255
    return plain[:start] + b"\x21\xfe" + (b"\xff" + b"c" * 255) * pieces + b"\0" + plain[start:]


def pieces_gif(count: int = 1_000_000) -> bytes:
    """A GIF whose picture comes in pieces of one byte."""
    plain = encoded(Image.fromarray(SMALL).convert("L"), "GIF")
    return plain[:-2] + b"\x01\x01" * count + plain[-2:]


def frames_gif(count: int = 300_000) -> bytes:
    """A GIF of one-pixel frames."""
    plain = encoded(Image.fromarray(SMALL).convert("L"), "GIF")
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return plain[:-1] + frame * count + plain[-1:]


def stray_gif(count: int = 4_000_000) -> bytes:
    """A GIF with bytes between its blocks that belong nowhere."""
    plain = encoded(Image.fromarray(SMALL).convert("L"), "GIF")
    start = 13 + (3 << (plain[10] & 7) + 1)
    return plain[:start] + b"\x01" * count + plain[start:]


def canvas_webp(side: int = 16_384) -> bytes:
    """A WebP of a few bytes whose canvas is a gigabyte, allocated while it is opened."""
    plain = encoded(Image.fromarray(SMALL), "WEBP")
    head = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (side - 1).to_bytes(3, "little") * 2
    loops = b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    place = b"\0\0\0\0\0\0" + (63).to_bytes(3, "little") + (47).to_bytes(3, "little") + b"\x0a\0\0\0"
    frame = place + plain[12:]
    body = b"WEBP" + head + loops + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def exif_webp() -> bytes:
    """A WebP whose EXIF is 3 GB when it is read."""
    return encoded(Image.fromarray(SMALL), "WEBP", exif=overlapping_directory(3000, 1024))


def tiff(tags: dict[int, tuple[int, int, int]], body: bytes = b"", head: int = 8) -> bytes:
    """A TIFF of one directory: tag → (type, count, value), and what lies behind it."""
    rows = b"".join(struct.pack("<HHII", tag, *tags[tag]) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", head, len(tags)) + rows + bytes(4) + body


GREY = {256: (4, 1, 64), 257: (4, 1, 48), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 278: (4, 1, 48)}


def tags_tiff(entries: int = 3000, kilobytes: int = 1024) -> bytes:
    """A TIFF whose table of contents is 3 GB when it is read."""
    start = 8 + 2 + 12 * (entries + len(GREY) + 2) + 4
    named = {0x9000 + n: (7, kilobytes << 10, start) for n in range(entries)}
    return tiff({**GREY, 273: (4, 1, start), 279: (4, 1, 64 * 48), **named}, bytes(kilobytes << 10))


def strips_tiff(count: int = 2_000_000) -> bytes:
    """A TIFF in more strips than it has rows, each a step in Python."""
    start = 8 + 2 + 12 * (len(GREY) + 2) + 4
    lies = {278: (4, 1, 1), 273: (4, count, start), 279: (4, count, start + 4 * count)}
    return tiff({**GREY, **lies}, struct.pack("<I", 64) * 2 * count)


def tile_tiff() -> bytes:
    """A TIFF of 64 × 48 pixels in one tile of two gigabytes."""
    start = 8 + 2 + 12 * (len(GREY) + 3) + 4
    tiles = {322: (4, 1, 46_336), 323: (4, 1, 46_336), 324: (4, 1, start), 325: (4, 1, 64)}
    return tiff({tag: row for tag, row in {**GREY, 259: (3, 1, 8), **tiles}.items() if tag != 278}, bytes(64))


def jpeg_tiff() -> bytes:
    """A TIFF around the JPEG of a thousand scans."""
    inside = scans_jpeg()
    start = 8 + 2 + 12 * (len(GREY) + 2) + 4
    size = {256: (4, 1, 3000), 257: (4, 1, 3000), 259: (3, 1, 7), 278: (4, 1, 3000)}
    return tiff({**GREY, **size, 273: (4, 1, start), 279: (4, 1, len(inside))}, inside)


def runs_bmp(megabytes: int = 12) -> bytes:
    """A BMP packed in runs of one pixel, which Pillow unpacks in Python."""
    body = b"\x01\x07" * (megabytes << 19)
    head = struct.pack("<IiiHHIIiiII", 40, 4999, 4999, 1, 8, 1, len(body), 2835, 2835, 256, 0)
    start = 14 + len(head) + 1024
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + head + bytes(1024) + body


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a thousand scans": (scans_jpeg, "is a JPEG in more than"),
    "a thousand scans in a TIFF": (jpeg_tiff, "is a JPEG in more than"),
    "empty segments": (segments_jpeg, "parts before its picture begins"),
    "fill bytes": (padded_jpeg, "far too much between its parts"),
    "zeros": (lambda: padded_jpeg(filler=b"\0"), "far too much between its parts"),
    "exif.jpg": (exif_jpeg, "names far more than there is in the file"),
    "exif.png": (exif_png, "names far more than there is in the file"),
    "exif as text": (profile_png, "names far more than there is in the file"),
    "exif in exif": (wrapped_png, "has EXIF wrapped in EXIF"),
    "exif.webp": (exif_webp, "names far more than there is in the file"),
    "empty chunks": (chunks_png, "pieces"),
    "a comment": (comment_gif, "beside its picture"),
    "frames": (frames_gif, "is an animation of more than 10,000 frames"),
    "pieces": (pieces_gif, "is a GIF in more than 400,000 pieces"),
    "stray bytes": (stray_gif, "beside its picture"),
    "a canvas": (canvas_webp, "has 268 megapixels, the most is 50"),
    "tags": (tags_tiff, "names far more than there is in the file"),
    "strips": (strips_tiff, "strips, the most is"),
    "a tile": (tile_tiff, "in tiles of 46336 × 46336"),
    "runs": (runs_bmp, "packed in runs"),
}
"""Name → (makes the file, part of the sentence that must refuse it)."""


def pages_tiff(count: int = 350_000) -> bytes:
    """A TIFF of one picture and very many further pages."""
    first = encoded(Image.fromarray(SMALL), "TIFF")
    (at,) = struct.unpack("<I", first[4:8])
    (entries,) = struct.unpack("<H", first[at : at + 2])
    link = at + 2 + 12 * entries
    first += bytes(len(first) % 2)
    page = struct.pack("<HHHII", 1, 256, 3, 1, 64)
    each = len(page) + 4
    chain = b"".join(page + struct.pack("<I", len(first) + each * (n + 1)) for n in range(count - 1))
    return first[:link] + struct.pack("<I", len(first)) + first[link + 4 :] + chain + page + bytes(4)


LARGE: dict[str, Callable[[], bytes]] = {
    "flat.webp": lambda: encoded(Image.new("RGB", (5000, 5000), (9, 90, 200)), "WEBP", lossless=True),
    "float.tif": lambda: encoded(Image.fromarray(np.zeros((5000, 5000), np.float32)), "TIFF", compression="tiff_lzw"),
    "flat.png": lambda: encoded(Image.new("RGBA", (5000, 5000), (9, 90, 200, 128)), "PNG"),
    "progressive.jpg": lambda: encoded(Image.new("RGB", (5000, 5000), (9, 90, 200)), "JPEG", progressive=True),
}
"""Name → makes a file of a few kilobytes with 25 megapixels."""
