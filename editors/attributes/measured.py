"""What an edit did, as far as anybody can tell: numbers for the result."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from editors.attributes.method import Move


def plain(before: Tensor, after: Tensor, found: Sequence[Move], kept: bool) -> dict[str, float]:
    """Numbers that need no judge: mean change of the pixels in 0..255, and what keeping left of each slider."""
    numbers = {"changed": float(255 * (after - before).abs().mean())}
    if kept:
        numbers |= {f"{move.name}_left": round(move.share, 3) for move in found}
    return numbers
