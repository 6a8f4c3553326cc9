"""An XMP packet inside a film, in the place each container has for one.

- MP4: a ``uuid`` box at the end (XMP specification, part 3, 2.1.3).
- WebM: a tag called ``XMP``; Matroska names no place of its own.
- GIF: the application extension ``XMP DataXMP``, before the first frame (part 3, 1.1.2).
- WebP: a chunk ``XMP `` at the end, announced by a flag of the header.

Readers of XMP may find such a packet by scanning for its first and last words (part 1, 7.3.2), and so do we: one reader
for all four, that needs no decoder.
"""

from __future__ import annotations

import io
import struct

from registry.film.animated import chunk
from registry.film.video import BITEXACT

_BEGIN, _END = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>', b'<?xpacket end="r"?>'
_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # the uuid of XMP in ISO media files
_WITH_XMP = 0x04  # in the first byte of VP8X


def with_packet(content: bytes, format: str, xmp: str) -> bytes:
    """The film with that XMP inside, wrapped as a packet; its frames stay what they are, byte for byte."""
    return _ADD[format](content, _BEGIN + xmp.encode() + _END)


def packet_in(content: bytes) -> str:
    """The XMP that `with_packet` put into a file of any of the formats, or an empty text."""
    start = content.rfind(_BEGIN)
    end = content.find(_END, start)
    return content[start + len(_BEGIN) : end].decode("utf-8", "replace") if 0 <= start < end else ""


def _mp4(content: bytes, packet: bytes) -> bytes:
    return content + struct.pack(">I", 8 + len(_BOX) + len(packet)) + b"uuid" + _BOX + packet


def _webm(content: bytes, packet: bytes) -> bytes:
    import av  # where there is a WebM there is PyAV

    marked = io.BytesIO()
    with av.open(io.BytesIO(content)) as source, av.open(marked, "w", "webm", options=BITEXACT) as target:
        target.metadata["XMP"] = packet.decode()
        (before,) = source.streams.video
        after = target.add_stream_from_template(before)
        for copied in source.demux(before):
            if copied.dts is not None:  # the last one is empty and only says that it is
                copied.stream = after
                target.mux(copied)
    return marked.getvalue()


def _gif(content: bytes, packet: bytes) -> bytes:
    # XMP is not cut into blocks of 255 bytes; a tail counting down makes readers that expect blocks land on its end.
    tail = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    flags = content[10]
    start = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)  # after the header and its colour table, if it has one
    return content[:start] + b"\x21\xff\x0bXMP DataXMP" + packet + tail + content[start:]


def _webp(content: bytes, packet: bytes) -> bytes:
    body = content[8:20] + bytes([content[20] | _WITH_XMP]) + content[21:] + chunk(b"XMP ", packet)
    return b"RIFF" + struct.pack("<I", len(body)) + body


_ADD = {"mp4": _mp4, "webm": _webm, "gif": _gif, "webp": _webp}
