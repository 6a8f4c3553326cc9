"""The text chunks of a PNG (PNG specification, 11.3.3): taken out, or one of ours read, without unpacking the others.

Pillow refuses a picture whose texts unpack to more than 1 MiB, whoever wrote them: other programs keep whole workflows
there. A picture is worth opening without its notes.
"""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import BinaryIO

from registry.subjects.png_chunks import SIGNATURE, chunk_heads, read_content

TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def without_text(stream: BinaryIO) -> io.BytesIO:
    """The same PNG without its text chunks; what follows a chunk that is cut short is left as it is."""
    stream.seek(0)
    kept = io.BytesIO()
    kept.write(SIGNATURE)
    with contextlib.suppress(ValueError):
        for name, length in chunk_heads(stream):
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
    wanted, found = key.encode() + b"\0", ""
    for name, length in chunk_heads(stream):
        start = stream.read(min(length, len(wanted))) if name == b"iTXt" and not found else b""
        if start != wanted:
            stream.seek(length + 4 - len(start), 1)
            continue
        if length > most:
            raise ValueError("the text is too long")
        found = _unpacked(read_content(stream, name, length, start)[len(wanted) :], most)
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
