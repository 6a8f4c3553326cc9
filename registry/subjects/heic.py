"""HEIC, which phones write and Pillow does not read by itself: known by its head, read where pillow-heif is here."""

from __future__ import annotations

import importlib

_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")

HEIC = "is a HEIC photograph, which this installation cannot read"
HEIC_FIX = "Save it as a JPEG first, or pip install “facet-editors[heic]”."


def is_heic(head: bytes) -> bool:
    """Whether a file that begins so is a HEIC (ISO/IEC 23008-12): its brand, and no AVIF among those it goes with."""
    if head[4:8] != b"ftyp":
        return False
    size = min(int.from_bytes(head[:4], "big"), 64)
    return head[8:12] in _BRANDS and b"avi" not in head[8:size]


def heic_opener() -> bool:
    """Teach Pillow the format HEIF if pillow-heif is here; whether it is."""
    try:
        pillow_heif = importlib.import_module("pillow_heif")
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True
