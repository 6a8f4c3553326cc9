"""The text chunks of a PNG (PNG specification, 11.3.3): taken out, or one of ours read, without unpacking the others.

Pillow refuses a picture whose texts unpack to more than 1 MiB, whoever wrote them: other programs keep whole workflows
there. A picture is worth opening without its notes.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

HEAD = b"\x89PNG\r\n\x1a\n"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def is_png(head: bytes) -> bool:
    """Whether a file that begins so is a PNG."""
    return head.startswith(HEAD)


def without_text(stream: BinaryIO) -> io.BytesIO:
    """The same PNG without its text chunks; what follows a chunk that is cut short is left as it is."""
    stream.seek(0)
    kept = io.BytesIO()
    kept.write(stream.read(len(HEAD)))
    for name, length in _headers(stream):
        if name in TEXTS:
            stream.seek(length + 4, 1)
        else:
            kept.write(struct.pack(">I4s", length, name) + stream.read(length + 4))
    kept.seek(0)
    return kept


def text_of(stream: BinaryIO, key: str, most: int) -> str:
    """The international text under `key`, or an empty one; chunks of other names are not read.

    Args:
        stream: a PNG, at its beginning.
        key: the keyword.
        most: bytes that the text may have, packed and unpacked.

    Raises:
        ValueError: no PNG, cut short, damaged, or the text is larger than that.
    """
    if stream.read(len(HEAD)) != HEAD:
        raise ValueError("no PNG")
    wanted, found, whole = key.encode() + b"\0", "", False
    for name, length in _headers(stream):
        whole = name == b"IEND"
        start = stream.read(min(length, len(wanted))) if name == b"iTXt" and not found else b""
        if start != wanted:
            stream.seek(length + 4 - len(start), 1)
            continue
        if length > most:
            raise ValueError("the text is too long")
        content, check = start + stream.read(length - len(start)), stream.read(4)
        if check != struct.pack(">I", zlib.crc32(name + content)):
            raise ValueError("damaged")
        found = _unpacked(content[len(wanted) :], most)
    if not whole:
        raise ValueError("cut short")
    return found


def _unpacked(content: bytes, most: int) -> str:
    """The text of an iTXt chunk behind its keyword: whether and how it is packed, two names, then the text."""
    packed, _language, rest = content[:2], *content[2:].partition(b"\0")[::2]
    text = rest.partition(b"\0")[2]
    if packed[:1] == b"\x01":
        unpack = zlib.decompressobj()
        try:
            text = unpack.decompress(text, most)
        except zlib.error:
            raise ValueError("damaged") from None
        if unpack.unconsumed_tail:
            raise ValueError("the text is too long")
    return text.decode("utf-8", "replace")


def _headers(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and length of one chunk after the other, the last one included; the caller moves past the content."""
    while len(head := stream.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        yield name, length
        if name == b"IEND":
            return
