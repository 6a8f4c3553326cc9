"""Whether a network can be afforded, judged from its sizes before anything of it is built."""

from __future__ import annotations

GIB = 1 << 30
FREELY = GIB
"""Bytes of work that any network may cost, however small its file."""

PER_WEIGHT = 32
"""Bytes of work allowed for each byte of weights beyond that: large networks cost about five, hostile ones millions."""


def check(working: int, weights: int, free: int | None, what: str) -> None:
    """Raise ValueError if using a network takes more memory than its weights explain, or than half of what is free.

    Args:
        working: bytes that one use of it holds at once, beside its weights.
        weights: bytes of its weights in float32, without what no file needs to hold.
        free: bytes of memory that are free, or None where that is not known.
        what: one use of it, e.g. ``"one picture of 1024 × 1024"``.
    """
    if working > FREELY + PER_WEIGHT * weights:
        raise ValueError(
            f"{what} would take {_size(working)} of memory, far more than {_size(weights)} of weights explain. "
            "Choose another file"
        )
    if free is not None and working + weights > free // 2:
        raise ValueError(
            f"{what} takes about {_size(working + weights)} of memory, and of the {_size(free)} that are free no more "
            "than half may go to it. Close other programs, or choose a smaller network"
        )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
