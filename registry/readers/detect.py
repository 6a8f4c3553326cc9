"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

from registry.readers.limits import Refused, shown
from registry.readers.source import Source

_FORMATS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"RIFF", "a WebP picture or a sound"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"GGUF", "a GGUF language model"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF", "an HDF5 file (Keras)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#!", "a script"),
)
_TEXT_PICKLES = b"(]}cl"  # how a pickle of protocol 0 or 1 can begin


def recognise(source: Source) -> str:
    """``safetensors``, ``zip``, ``pickle`` or ``onnx``.

    Raises:
        Refused: anything else, with a sentence that says what it is and what to do.
    """
    if not source.size:
        raise Refused("it is empty", "The download stopped before it began: download it again")
    head = source.read_at(0, min(512, source.size))
    _refuse_text(head)
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    header = int.from_bytes(head[:8], "little") if head[8:9] == b"{" else None
    if header is not None and header <= source.size:
        return "safetensors"  # before pickles: a header's length can begin like one
    if head[:1] == b"\x80" and head[1:2] <= b"\x05":
        return "pickle"
    if header is not None and header < 1 << 40:
        return "safetensors"
    if head[:1] == b"\x08" and len(head) > 2 and head[2:3] in b"\x12\x1a\x22\x28\x32\x3a\x42":
        return "onnx"
    for mark, what in _FORMATS:
        if head.startswith(mark):
            raise Refused(f"it is {what}, not weights", "Unpack it or choose a file of weights")
    if (
        source.read_at(max(0, source.size - 512), min(512, source.size)).find(b"ustar") >= 0
        or head[257:262] == b"ustar"
    ):
        raise Refused("it is a tar archive, not weights", "Unpack it and choose a file of weights")
    if head[0] in _TEXT_PICKLES:
        return "pickle"
    if not any(head):
        raise Refused("it is full of zeros", "The download was interrupted: download it again")
    raise Refused(
        f"it is of no kind that Facet reads (it begins with {shown(head[:8].hex(' '))})",
        "Choose safetensors, a torch .pt, an NVlabs .pkl or an ONNX file",
    )


def _refuse_text(head: bytes) -> None:
    """The files that arrive in place of weights: git-LFS pointers, web pages, messages of servers."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"version https://git-lfs"):
        raise Refused(
            "it is a git-LFS pointer, a note of 130 bytes that stands for the weights",
            "Fetch the file itself with `git lfs pull`, or download it from its web page",
        )
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<!--")):
        raise Refused(
            "it is a web page, not weights: the server answered with an error or a sign-in page",
            "Open its address in a browser, and download the file itself",
        )
    if start.startswith((b'{"', b"{ ", b"[{", b"{\n")) or head == b"{}":
        raise Refused("it is a JSON text, not weights", "Choose the file of weights that belongs to it")
