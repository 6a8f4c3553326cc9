"""The chunks of a PNG, walked without decoding the picture in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from registry.decoding.limits import MOST_PARTS

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


def text_in(path: Path, key: str, most: int) -> str:
    """The international text (iTXt) called `key` in a PNG, of at most `most` bytes; empty if there is none.

    Raises:
        OSError, ValueError, zlib.error: it is no whole PNG, or the text is longer.
    """
    found = ""
    with path.open("rb") as file:
        if file.read(8) != SIGNATURE:
            raise ValueError("no PNG")
        for name, length in chunk_heads(file):
            if name != b"iTXt" or length > most or found:
                file.seek(length + 4, 1)
                continue
            content = read_content(file, name, length)
            if content.startswith(key.encode() + b"\0"):
                found = _unpacked(content[len(key) + 1 :], most)
    return found


def _unpacked(content: bytes, most: int) -> str:
    """The text behind an iTXt chunk's keyword: whether it is compressed, how, the language, the keyword again, it."""
    if len(content) < 2 or content.count(b"\0", 2) < 2:
        raise ValueError("cut short")
    body = content[2:].split(b"\0", 2)[2]
    if content[0]:
        unpack = zlib.decompressobj()
        body = unpack.decompress(body, most)
        if unpack.unconsumed_tail:
            raise ValueError("too long")
    return body.decode("utf-8")
