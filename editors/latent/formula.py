"""Arithmetic with pictures as text: ``A - B + C``, ``mean(A, seed 4, seed 9)``, ``A + 0.5 * (seed 3 - seed 8)``.

    sum    = term { ("+" | "-") term }
    term   = factor { ("*" | "/") factor }         at most one factor is a picture
    factor = number | "A" | "B" | "C" | "seed" number | "mean" "(" sum { "," sum } ")" | "(" sum ")" | "-" factor

Pictures stand for their distance from the mean of W. So a formula whose weights add up to 1 means what it says, and one
whose do not is filled up with the mean picture: ``A + B`` is both differences from the mean at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facet import BadInput, Seed, Text

EXAMPLE = "E.g. A - B + C, or mean(A, seed 4, seed 9), or A + 0.5 * (seed 3 - seed 8)."
MOST_TERMS, MOST_DEPTH, MOST_WEIGHT = 32, 20, 100
_TOKEN = re.compile(
    r"(?:(\d+(?:\.\d+)?|\.\d+)|seed\s*(?:#\s*)?(\d{1,10})|([A-Za-z]\w*)|([-+*/(),−×·]))", re.ASCII | re.IGNORECASE
)
_BLANKS = re.compile(r"\s+")
_ALIKE = {"−": "-", "×": "*", "·": "*"}

NUMBER = ""
"""The name under which a plain number is kept among the weights of pictures."""


def read_formula(text: str, field: str) -> Mapping[str, float]:
    """Weights by picture, without those that cancel out.

    Raises:
        BadInput: it cannot be read; says at which character.
    """
    reader = _Reader(text, field)
    found = reader.sum()
    if reader.kind:
        raise reader.wrong("is not expected there")
    if found.pop(NUMBER, 0):
        raise BadInput(field, "adds a number to a picture", EXAMPLE)
    weights = {name: weight for name, weight in found.items() if abs(weight) > 1e-9}
    if not weights:
        raise BadInput(field, "names no picture, or cancels out", EXAMPLE)
    if not all(abs(weight) <= MOST_WEIGHT for weight in weights.values()):
        raise BadInput(field, f"has a weight beyond ±{MOST_WEIGHT}", EXAMPLE)
    if len(weights) > MOST_TERMS:
        raise BadInput(field, f"names {len(weights)} pictures, the most is {MOST_TERMS}")
    return weights


@dataclass(frozen=True)
class Formula(Text):
    """A formula, judged before anything runs; stays text."""

    def check(self, value: Any, field: str) -> str:
        """Text that `read_formula` can read."""
        text = super().check(value, field)
        read_formula(text, field)
        return text

    def describe(self) -> dict[str, Any]:
        """As a text, for the surfaces need nothing else."""
        return super().describe() | {"kind": "text"}


class _Reader:
    """A reader by recursive descent. `kind` and `word` are the token in front; `kind` is empty at the end."""

    def __init__(self, text: str, field: str) -> None:
        self._text, self._field, self._end, self._depth = text, field, 0, 0
        self.kind, self.word, self.at = "", "", 0
        self.step()

    def step(self) -> None:
        """Go on to the next token."""
        blanks = _BLANKS.match(self._text, self._end)
        start = blanks.end() if blanks else self._end
        self.at = start + 1
        if start == len(self._text):
            self.kind, self.word = "", ""
            return
        match = _TOKEN.match(self._text, start)
        if match is None:
            self.word = self._text[start]
            raise self.wrong("cannot be read")
        self._end = match.end()
        kinds = ("number", "seed", "name", "sign")
        self.kind, self.word = next((kind, word) for kind, word in zip(kinds, match.groups(), strict=True) if word)
        self.word = _ALIKE.get(self.word, self.word)

    def wrong(self, why: str) -> BadInput:
        """The refusal of the token in front."""
        shown = f"“{self.word}”" if self.word else "the end"
        return BadInput(self._field, f"at character {self.at}: {shown} {why}", EXAMPLE)

    def sum(self) -> dict[str, float]:
        """Terms with plus and minus."""
        total = self.term()
        while self.kind == "sign" and self.word in "+-":
            sign = 1 if self.word == "+" else -1
            self.step()
            total = _total(total, _scaled(self.term(), sign))
        return total

    def term(self) -> dict[str, float]:
        """Factors with times and by."""
        product = self.factor()
        while self.kind == "sign" and self.word in "*/":
            sign, at = self.word, self.at
            self.step()
            other = self.factor()
            if sign == "/" or _is_number(other):
                by = other.get(NUMBER, 0.0)
                if not _is_number(other) or (sign == "/" and by == 0):
                    raise BadInput(self._field, f"at character {at}: only a number other than 0 can divide", EXAMPLE)
                product = _scaled(product, 1 / by if sign == "/" else by)
            elif _is_number(product):
                product = _scaled(other, product[NUMBER])
            else:
                raise BadInput(self._field, f"at character {at}: pictures cannot be multiplied", EXAMPLE)
        return product

    def factor(self) -> dict[str, float]:
        """A number, a picture, a mean, or what stands in brackets."""
        kind, word = self.kind, self.word
        if kind == "sign" and word == "-":
            self.step()
            return _scaled(self.factor(), -1)
        if kind == "sign" and word == "(":
            return self.bracket(many=False)[0]
        if kind == "number":
            self.step()
            return {NUMBER: float(word)}
        if kind == "seed" and int(word) <= Seed.highest:
            self.step()
            return {f"seed {int(word)}": 1.0}
        if kind == "name" and word.upper() in ("A", "B", "C"):
            self.step()
            return {word.upper(): 1.0}
        if kind == "name" and word.lower() == "mean":
            self.step()
            parts = self.bracket(many=True)
            return _scaled(_total(*parts), 1 / len(parts))
        raise self.wrong("is not a picture" if kind else "comes where a picture is due")

    def bracket(self, many: bool) -> list[dict[str, float]]:
        """“(”, one sum or several between commas, “)”."""
        self._depth += 1
        if self.word != "(" or self._depth > MOST_DEPTH:
            raise self.wrong("comes where “(” is due" if self.word != "(" else "is one bracket too deep")
        parts: list[dict[str, float]] = []
        while not parts or (many and self.word == ","):
            self.step()
            parts.append(self.sum())
        if self.word != ")":
            raise self.wrong("comes where “)” is due")
        self.step()
        self._depth -= 1
        return parts


def _is_number(weights: Mapping[str, float]) -> bool:
    return set(weights) <= {NUMBER}


def _scaled(weights: Mapping[str, float], by: float) -> dict[str, float]:
    return {name: weight * by for name, weight in weights.items()}


def _total(*parts: Mapping[str, float]) -> dict[str, float]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sum(part.get(name, 0.0) for part in parts) for name in names}
