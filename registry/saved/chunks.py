"""The chunks of a PNG, walked without decoding the picture in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from registry.subjects import MOST_PARTS

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk_heads(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and length of one chunk after the other; the caller moves past the content and its check.

    Raises:
        ValueError: the file ends before its last chunk, or has more of them than decoders here take.
    """
    for _ in range(MOST_PARTS):
        head = file.read(8)
        if len(head) < 8:
            raise ValueError("cut short")
        length, name = struct.unpack(">I4s", head)
        if name == b"IEND":
            return
        yield name, length
    raise ValueError("too many chunks")


def read_content(file: BinaryIO, name: bytes, length: int) -> bytes:
    """The content of the chunk that the file stands at. Raises ValueError if its check says that it was damaged."""
    content, check = file.read(length), file.read(4)
    if len(content) != length or check != struct.pack(">I", zlib.crc32(name + content)):
        raise ValueError("damaged")
    return content
