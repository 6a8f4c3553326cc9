"""Several seeds as one line of text: ``7, 12, 40-43``."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import Any

from registry.errors import BadInput
from registry.inputs.numbers import Seed
from registry.inputs.plain import Text

_EXAMPLE = "Write e.g. 7, 12, 40-43."


@dataclass(frozen=True)
class Seeds(Text):
    """Up to `many` seeds, numbers and ranges between commas; stays text, which `seeds_in` reads. Empty means none."""

    most: int = 400
    _: KW_ONLY
    many: int = 32

    def check(self, value: Any, field: str) -> str:
        """A text of seeds, or a list of whole numbers."""
        if isinstance(value, (list, tuple)):
            value = ", ".join(map(str, value))
        text = super().check(str(value) if type(value) is int else value, field)
        seeds_in(text, field, self.many)
        return text

    def describe(self) -> dict[str, Any]:
        """How many."""
        return super().describe() | {"kind": "text", "many": self.many}

    def wrong_values(self) -> list[Any]:
        """No seeds, too many, too large."""
        return ["a seed", f"0-{self.many}", str(2**32), 0.5]


def seeds_in(text: str, field: str = "seeds", many: int = 400) -> list[int]:
    """The seeds that a text names, in its order; a range may run backwards.

    Raises:
        BadInput: a part is no seed or range, too large, there are more than `many`, or far more text than they need.
    """
    if len(text) > 400 + 30 * many:
        raise BadInput(field, f"have {len(text)} characters, the most is {400 + 30 * many}", _EXAMPLE)
    found: list[int] = []
    joined = "-".join(map(str.strip, text.replace("–", "-").split("-")))  # a pattern for this would backtrack
    for part in filter(None, re.split(r"[,;\s]+", joined)):
        match = re.fullmatch(r"(\d{1,10})(?:-(\d{1,10}))?", part)
        if match is None:
            raise BadInput(field, f"“{part[:40]}” is no seed and no range of seeds", _EXAMPLE)
        first, last = int(match[1]), int(match[2] or match[1])
        if max(first, last) > Seed.highest:
            raise BadInput(field, f"{max(first, last)} is too large for a seed; the largest is {Seed.highest}")
        if len(found) + abs(last - first) + 1 > many:
            raise BadInput(field, f"name more than {many} seeds", _EXAMPLE)
        found += range(first, last + 1) if first <= last else range(first, last - 1, -1)
    return found
