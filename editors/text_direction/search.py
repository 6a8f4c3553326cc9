"""The search for a text's direction, in steps that can be shown, stopped and gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from torch import Tensor

from editors.text_direction.effects import Effects
from editors.text_direction.method import Found, direction, relevance, strongest
from facet import Context


@dataclass(frozen=True)
class At:
    """Where the search is: the share that is done, the direction so far, the largest relevance, words, `Step.state`."""

    done: float = 0.0
    found: Found | None = None
    most: float = 0.0
    note: str = ""
    state: Mapping[str, int] | None = None


def search(ctx: Context, known: Effects, text: Tensor, threshold: float, pictures: int, num_ws: int) -> Iterator[At]:
    """One step per row of styles and picture, whether it was kept or has to be worked out: replays count steps.

    After each picture the direction is found anew, from all pictures so far.
    """
    rows = len(known.rows)
    last, at = pictures * rows, int((ctx.state or {}).get("at", 0))
    now = _anew(known, text, threshold, at // rows, num_ws) if at >= rows else At()
    if at == last:  # the slice before ended just here
        yield replace(now, done=1.0)
    while at < last:
        known.find(at // rows, at % rows, ctx.check_stop)
        note, at = f"trying style channels on picture {at // rows + 1} of {pictures}", at + 1
        if at % rows == 0:
            now = _anew(known, text, threshold, at // rows, num_ws)
        now = replace(now, done=at / last, note=note, state={"at": at} if known.kept else None)
        yield now


def _anew(known: Effects, text: Tensor, threshold: float, pictures: int, num_ws: int) -> At:
    scores = relevance(known.by_row(pictures), text)
    found = direction(scores, threshold, known.rows, known.covariance, num_ws)
    return At(found=found, most=strongest(scores))
