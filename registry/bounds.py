"""How much text a value may bring, counted before anything reads it."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

from registry.errors import BadInput

MOST_DEPTH = 32
MOST_BITS = 4096


def refuse_long(value: Any, field: str, most: int) -> None:
    """Raise BadInput for a value with more than `most` characters of text, or as many parts, or parts too deep inside.

    Looks into lists and mappings, as they come from JSON; arrays, pictures and bytes are for others to judge.
    """
    left = most
    level: list[Any] = [value]
    for _ in range(MOST_DEPTH):
        below: list[Any] = []
        for part in level:
            left -= len(part) if isinstance(part, str) else 1
            if left < 0:
                raise BadInput(field, _too_long(value, most))
            if isinstance(part, int) and part.bit_length() > MOST_BITS:  # Python writes none of thousands of digits
                raise BadInput(field, "holds a number of far too many digits")
            if isinstance(part, Mapping):
                below += [*part.keys(), *part.values()]
            elif isinstance(part, (list, tuple, set, frozenset)):
                below += part
            if len(below) > left:
                raise BadInput(field, _too_long(value, most))
        if not below:
            return
        level = below
    raise BadInput(field, f"is nested more than {MOST_DEPTH} levels deep")


def _too_long(value: Any, most: int) -> str:
    if isinstance(value, str):
        return f"has {len(value)} characters, the most is {most}"
    return f"holds more text than {most} characters"


class _Short(reprlib.Repr):
    """A representation that stops early, whatever it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxlist, self.maxtuple, self.maxdict, self.maxset = 4, 24, 24, 12, 24
        self.maxstring = self.maxother = self.maxlong = 80

    def repr_int(self, x: int, level: int) -> str:
        """As any int, but Python writes none of thousands of digits."""
        return super().repr_int(x, level) if x.bit_length() < 1000 else "a number of many digits"


def shown(value: Any) -> str:
    """A value in a refusal: short, and never a whole document."""
    text = f"“{value[:80]}”" if isinstance(value, str) else _Short().repr(value)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= 60 else text[:57] + "…"
