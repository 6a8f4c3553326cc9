"""Which rows come from where, as text: ``coarse: seed 7; 6-9: second; fine: seed 12``."""

from __future__ import annotations

import re
from typing import NamedTuple

from editors.latent.method import SPANS
from facet import BadInput, Seed

EXAMPLE = "E.g. coarse: seed 7; 6-9: second; fine: seed 12"


class Part(NamedTuple):
    """Some rows, from `first` to before `last` (None: to the end), and their source: a seed, or None for “second”."""

    first: int
    last: int | None
    seed: int | None

    @property
    def rows(self) -> slice:
        """For indexing w_plus."""
        return slice(self.first, self.last)

    @property
    def source(self) -> str:
        """What the result calls it."""
        return "second" if self.seed is None else f"seed {self.seed}"


def read_ranges(text: str, field: str, num_ws: int) -> list[Part]:
    """The parts of a mix, in the order of the text; a later part wins where two overlap.

    Raises:
        BadInput: there is none, or one cannot be read; says which, counted from 1.
    """
    parts = []
    for number, piece in enumerate(filter(str.strip, re.split(r"[;\n]", text)), 1):
        span, colon, source = (word.strip().lower() for word in piece.partition(":"))
        if not colon:
            raise BadInput(field, f"part {number}, “{piece.strip()[:40]}”, has no colon", EXAMPLE)
        parts.append(Part(*_span(span, field, number, num_ws), _source(source, field, number)))
    if not parts:
        raise BadInput(field, "is empty", EXAMPLE)
    return parts


def _span(text: str, field: str, number: int, num_ws: int) -> tuple[int, int | None]:
    if text in SPANS:
        return SPANS[text]
    match = re.fullmatch(r"(\d{1,3})\s*(?:([-–])\s*(\d{0,3}))?", text)
    if match is None:
        why = f"part {number}: “{text[:40]}” is no range of rows"
        raise BadInput(field, why, f"Use {', '.join(SPANS)}, or numbers such as 4-7, 4- or 4.")
    first = int(match[1])
    last = first if match[2] is None else int(match[3] or num_ws - 1)
    if not first <= last < num_ws:
        raise BadInput(field, f"part {number}: this generator has rows 0 to {num_ws - 1}, not {text}")
    return first, last + 1


def _source(text: str, field: str, number: int) -> int | None:
    if text == "second":
        return None
    match = re.fullmatch(r"seed\s*(\d{1,10})", text)
    if match is None or int(match[1]) > Seed.highest:
        raise BadInput(field, f"part {number}: “{text[:40]}” is no source", "Use “second”, or e.g. “seed 7”.")
    return int(match[1])
