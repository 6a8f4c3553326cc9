"""Directories of TIFF files, which EXIF blocks are too: judged by what they name before anybody reads it."""

from __future__ import annotations

import contextlib
import mmap
import struct
from typing import TypeAlias

from registry.subjects.limits import MOST_ENTRIES, MOST_STRAY_BYTES, Costly

Content: TypeAlias = "bytes | mmap.mmap"

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value by TIFF's number of its type."""


def read_directory(content: Content) -> dict[int, tuple[int, int]]:
    """Tag → (count, first value) of a TIFF's first directory; its values must fit into the file they lie in.

    Nothing says that two entries may not name the same bytes, and a reader copies them for each.

    Raises:
        Costly: there are too many entries, or they name far more than there is.
        IndexError, struct.error: it is damaged.
    """
    order = "<" if content[:2] == b"II" else ">"
    found = {}
    for big in {content[2] == 43, 43 in content[2:4]}:  # Pillow knows a BigTIFF by the first, the format by the order
        found = _entries(content, order, big)
    return found


def _entries(content: Content, order: str, big: bool) -> dict[int, tuple[int, int]]:
    word, width, count_form, ahead = ("Q", 8, "Q", 8) if big else ("I", 4, "H", 2)
    (at,) = struct.unpack(order + word, content[width : 2 * width])
    (entries,) = struct.unpack(order + count_form, content[at : at + ahead])
    if entries > MOST_ENTRIES:
        raise Costly(f"has a table of contents of {entries:,} entries, the most is {MOST_ENTRIES:,}")
    at, found, total = at + ahead, {}, 0
    for _ in range(entries):
        tag, kind, count = struct.unpack(order + "HH" + word, content[at : at + 4 + width])
        value = content[at + 4 + width : at + 4 + 2 * width]
        size = count * _SIZES.get(kind, 0)
        total += size if size > width else 0
        if total > 2 * len(content) + MOST_STRAY_BYTES:  # honest tables that were cut name a little too much
            raise Costly("has a table of contents that names far more than there is in the file")
        form = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind, "I")
        found[tag] = (count, struct.unpack(order + form, value[: struct.calcsize(order + form)])[0])
        at += 4 + 2 * width
    return found


def judge_exif(block: bytes) -> None:
    """Raise Costly for an EXIF block, with or without its name in front, that would be read far beyond its size."""
    block = block.removeprefix(b"Exif\x00\x00")
    if block.startswith(b"Exif\x00\x00"):  # Pillow takes them off one by one
        raise Costly("has EXIF wrapped in EXIF")
    judge_block(block)


def judge_block(block: bytes) -> None:
    """The same for any block that begins like a TIFF; damage is not judged."""
    with contextlib.suppress(IndexError, struct.error):
        read_directory(block)
