"""What a saved PNG carries besides its recipe: the latent code, and the state delta of a tuned generator.

They lie in two private chunks that PNG's rules forbid to copy into a changed picture (the fourth letter is upper-case):
``faLT`` holds one line of JSON and the code's float32 numbers, ``faDT`` the delta's safetensors file if it is small
enough; a larger one lies beside the PNG, as ``NAME.delta.safetensors``. A chunk is believed only if it is whole and
names the sha256 of the very pixels it lies with: a file is a stranger's, whoever seems to have written it.
"""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.artifacts import delta_file, keep_delta_file, sound_delta
from registry.errors import EditorError
from registry.subjects import GeneratorRef, Subject, chunk_heads, read_content

LATENT, DELTA = b"faLT", b"faDT"
MOST_WS, MOST_W_DIM, MOST_VALUE, MOST_CLASSES = 64, 2048, 1e4, 8192
MOST_DELTA_BYTES = 24 * 2**20
_MOST_LATENT_BYTES = 4 * MOST_WS * MOST_W_DIM + 1024
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}|file:[0-9a-f]{16}")

Latent = NDArray[np.float32]


def chunks_of(subject: Subject) -> list[tuple[bytes, bytes]]:
    """The chunks (name, content) for a subject's PNG: none without a latent."""
    if subject.latent is None or subject.generator is None:
        return []
    ref = subject.generator
    found = [(LATENT, _latent_chunk(subject.latent, ref, subject.sha256))]
    content = _delta(ref)
    if content and len(content) <= MOST_DELTA_BYTES:
        found.append((DELTA, content))
    return found


def beside(path: Path) -> Path:
    """Where the delta lies that is too large for the PNG at `path`."""
    return path.with_name(f"{path.stem}.delta.safetensors")


def delta_beside(subject: Subject) -> bytes:
    """The content for `beside`, or empty where the PNG carries all there is."""
    content = _delta(subject.generator) if subject.latent is not None and subject.generator else b""
    return content if len(content) > MOST_DELTA_BYTES else b""


def read_carried(path: Path, pixels_sha256: str) -> tuple[Latent, GeneratorRef] | None:
    """The latent that a PNG carries and the generator it belongs to; None if there is none that can be believed.

    A delta that came along is kept on this machine.
    """
    try:
        found = _chunks(path)
        latent, ref = _parsed(found[LATENT], pixels_sha256)
    except (OSError, KeyError, ValueError, TypeError, RecursionError, struct.error):
        return None
    if ref.delta_sha256:
        _keep_delta(ref.delta_sha256, found.get(DELTA), beside(path))
    return latent, ref


def _latent_chunk(latent: Latent, ref: GeneratorRef, pixels_sha256: str) -> bytes:
    about = {
        "facet": 1,
        "generator": ref.id,
        "delta": ref.delta_sha256,
        **({} if ref.label is None else {"label": ref.label}),
        "shape": list(latent.shape),
        "pixels": pixels_sha256,
    }
    return json.dumps(about).encode() + b"\n" + np.ascontiguousarray(latent, dtype="<f4").tobytes()


def _parsed(content: bytes, pixels_sha256: str) -> tuple[Latent, GeneratorRef]:
    """The code and its owner. Raises ValueError for anything out of bounds, KeyError for what is missing."""
    line, newline, raw = content.partition(b"\n")
    about: Any = json.loads(line) if newline and len(line) <= 1024 else None
    if not isinstance(about, dict) or about["facet"] != 1 or about["pixels"] != pixels_sha256:
        raise ValueError("not about these pixels")
    name, delta, shape = about["generator"], about["delta"], about["shape"]
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise ValueError("no generator's id")
    if delta is not None and not (isinstance(delta, str) and re.fullmatch(r"[0-9a-f]{64}", delta)):
        raise ValueError("no delta's sha256")
    label = about.get("label")
    if label is not None and not (type(label) is int and 0 <= label < MOST_CLASSES):
        raise ValueError("no class")
    if not isinstance(shape, list) or [type(size) for size in shape] != [int, int]:
        raise ValueError("no shape")
    rows, width = shape
    if not (1 <= rows <= MOST_WS and 1 <= width <= MOST_W_DIM) or len(raw) != 4 * rows * width:
        raise ValueError("not the shape it says")
    latent = np.frombuffer(raw, "<f4").astype(np.float32).reshape(rows, width)
    if not np.isfinite(latent).all() or np.abs(latent).max() > MOST_VALUE:
        raise ValueError("no usable numbers")
    latent.setflags(write=False)
    return latent, GeneratorRef(name, delta, label)


def _chunks(path: Path) -> dict[bytes, bytes]:
    """Our chunks of a PNG, checked by their CRC; others are skipped unread. Raises ValueError if one is there twice."""
    found: dict[bytes, bytes] = {}
    limits = {LATENT: _MOST_LATENT_BYTES, DELTA: MOST_DELTA_BYTES}
    with path.open("rb") as file:
        for name, length in chunk_heads(file):
            if name not in limits:
                file.seek(length + 4, 1)
                continue
            if name in found or length > limits[name]:
                raise ValueError("twice, or too long")
            found[name] = read_content(file, name, length)
    return found


def _delta(ref: GeneratorRef) -> bytes:
    if ref.delta_sha256 is None:
        return b""
    try:
        return delta_file(ref.delta_sha256)
    except EditorError:  # the picture itself can still be saved
        return b""


def _keep_delta(sha256: str, content: bytes | None, file: Path) -> None:
    """Keep a delta that came with a picture, if it is the one that the picture names."""
    try:
        if content is None:
            content = file.read_bytes()
        if sound_delta(content, sha256):
            keep_delta_file(content)
    except (OSError, EditorError):  # whoever needs it says that it is missing
        return
