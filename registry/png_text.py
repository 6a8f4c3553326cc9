"""The text chunks of a PNG (PNG specification, 11.3.3): taken out, or one of ours read, without unpacking the others.

Pillow refuses a picture whose texts unpack to more than 1 MiB, whoever wrote them: other programs keep whole workflows
there. A picture is worth opening without its notes.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

HEAD = b"\x89PNG\r\n\x1a\n"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
MOST_BYTES = 1_000_000
"""Most bytes of the recipes in one picture: below the 1 MiB (1,048,576) at which Pillow refuses to open a PNG."""


def is_png(head: bytes) -> bool:
    """Whether a file that begins so is a PNG."""
    return head.startswith(HEAD)


def without_text(stream: BinaryIO) -> io.BytesIO:
    """The same PNG without its text chunks; what follows a chunk that is cut short is left as it is."""
    stream.seek(0)
    kept = io.BytesIO()
    kept.write(stream.read(len(HEAD)))
    for name, chunk in _chunks(stream):
        if name not in TEXTS:
            kept.write(chunk)
    kept.seek(0)
    return kept


def _chunks(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Name and whole bytes (length, name, content, check) of one chunk after the other, the last one as it is cut."""
    while len(head := stream.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        yield name, head + stream.read(length + 4)
        if name == b"IEND":
            return
