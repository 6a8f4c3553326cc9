"""The chunks of a PNG (PNG specification, 5.3), walked without decoding the picture in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from registry.subjects.limits import MOST_PARTS

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def is_png(head: bytes) -> bool:
    """Whether a file that begins so is a PNG."""
    return head.startswith(SIGNATURE)


def chunk_heads(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and length of one chunk after the other, the last one included; the caller moves past content and check.

    Raises:
        ValueError: it is no PNG, ends before its last chunk, or has more of them than decoders here take.
    """
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError("no PNG")
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            raise ValueError("cut short")
        length, name = struct.unpack(">I4s", head)
        yield name, length
        if name == b"IEND":
            return
    raise ValueError("too many chunks")


def read_content(file: BinaryIO, name: bytes, length: int, start: bytes = b"") -> bytes:
    """The content of the chunk that the file stands at, whose `start` was read already.

    Raises:
        ValueError: its check says that it was damaged.
    """
    content, check = start + file.read(length - len(start)), file.read(4)
    if len(content) != length or check != struct.pack(">I", zlib.crc32(name + content)):
        raise ValueError("damaged")
    return content
