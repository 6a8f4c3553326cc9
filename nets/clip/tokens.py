"""Texts to tokens: byte-pair encoding (Sennrich et al. 2016) on bytes, with CLIP's vocabulary.

The vocabulary is a list of merges, published as a text (``merges.txt``): after a line that names the version, two
tokens a line. Token ids 0 to 255 are the bytes in the order of CLIP's table, 256 to 511 the same at the end of a word,
512 + n what merge n makes of two earlier tokens, and the last two begin and end a text.

Before that CLIP's own code repairs a text with libraries that networks here do without; who builds a tokenizer hands
that over as `clean`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from nets.contents import Contents

PRINTABLE = (*range(33, 127), *range(161, 173), *range(174, 256))
BYTES = (*PRINTABLE, *sorted(set(range(256)) - set(PRINTABLE)))
"""The byte of each of the first 256 tokens."""

SIGNS = "".join(chr(byte) for byte in PRINTABLE) + "".join(chr(256 + n) for n in range(256 - len(PRINTABLE)))
"""What stands for each of them in the text of merges, where neither blanks nor controls would do."""

HEADER, END_OF_WORD = "#version: 0.2", "</w>"
TOKEN_OF = {byte: token for token, byte in enumerate(BYTES)}
AT_THE_END = 256
CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
BEGIN, END = "<|startoftext|>", "<|endoftext|>"
"""In a text these stand for the two tokens themselves."""


class TooLong(ValueError):
    """A text has more tokens than the network takes."""


class Tokenizer:
    """Texts → token ids [N, context]."""

    def __init__(self, merges: Sequence[tuple[int, int]], context: int = 77, clean: Callable[[str], str] = str) -> None:
        """`merges`: pairs of token ids, best first; `clean`: repairs a text first.

        Raises ValueError for a pair of tokens not yet made.
        """
        if any(not 0 <= min(pair) <= max(pair) < 512 + number for number, pair in enumerate(merges)):
            raise ValueError("a merge joins tokens that come after it")
        self._made = {pair: 512 + number for number, pair in enumerate(merges)}
        if len(self._made) != len(merges):
            raise ValueError("two merges join the same tokens")
        self.begin, self.end = 512 + len(merges), 513 + len(merges)
        self.context, self._clean = context, clean
        self._whole = {BEGIN: self.begin, END: self.end}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Ids [N, context], filled up with 0 behind the token that ends the text. Raises TooLong."""
        rows = torch.zeros(len(texts), self.context, dtype=torch.long)
        for row, text in zip(rows, texts, strict=True):
            ids = self.ids(text)
            if len(ids) > self.context:
                raise TooLong(f"has {len(ids) - 2} tokens, the most is {self.context - 2}")
            row[: len(ids)] = torch.tensor(ids)
        return rows

    def ids(self, text: str) -> list[int]:
        """All tokens of a text, the beginning and the end included."""
        return [self.begin, *(token for word in words(self._clean(text)) for token in self._word(word)), self.end]

    def _word(self, word: str) -> list[int]:
        """Joins the pair of neighbours that comes first in the list of merges until none is left."""
        if word in self._whole:
            return [self._whole[word]]
        tokens = [TOKEN_OF[byte] for byte in word.encode("utf-8", "replace")]
        tokens[-1] += AT_THE_END
        while len(tokens) > 1:
            best = min(self._made.get(pair, self.end) for pair in zip(tokens, tokens[1:], strict=False))
            if best == self.end:
                break
            tokens = self._joined(tokens, best)
        return tokens

    def _joined(self, tokens: list[int], made: int) -> list[int]:
        found: list[int] = []
        for token in tokens:
            if found and self._made.get((found[-1], token)) == made:
                found[-1] = made
            else:
                found.append(token)
        return found


def words(text: str) -> Iterator[str]:
    """The pieces that are encoded one by one: contractions, runs of letters, single digits, runs of other signs.

    In lower case, with single blanks.
    """
    clean = re.sub(r"\s+", " ", text).strip().lower()
    folded, at = clean.replace("ſ", "s"), 0  # a contraction is one in any case, and ſ is a lower-case s
    while at < len(clean):
        length = next((len(piece) for piece in (BEGIN, END, *CONTRACTIONS) if folded.startswith(piece, at)), 0)
        if not length:
            kind, length = _kind(clean[at]), 1
            while kind != "N" and at + length < len(clean) and _kind(clean[at + length]) == kind:
                length += 1
        if clean[at] != " ":
            yield clean[at : at + length]
        at += length


def _kind(character: str) -> str:
    """L: a letter, N: a digit or another number, blank: a space, S: any other sign."""
    return " " if character.isspace() else kind if (kind := unicodedata.category(character)[0]) in "LN" else "S"


def merges_of(text: str) -> list[tuple[int, int]]:
    """The pairs of token ids in a published text of merges, of any number.

    Raises:
        ValueError: it is another text, or one that was cut or changed; names the line.
    """
    first, *lines = text.removesuffix("\n").split("\n")
    if first != HEADER and not first.startswith(f"{HEADER} "):  # some name the program that wrote them behind it
        raise ValueError(f"it is no list of CLIP's merges, which begins with “{HEADER}”")
    known = {sign: token for token, sign in enumerate([*SIGNS, *(sign + END_OF_WORD for sign in SIGNS)])}
    merges = []
    for number, line in enumerate(lines, 2):
        one, _, two = line.partition(" ")
        if one not in known or two not in known:
            raise ValueError(f"line {number} of its merges is not two tokens that the lines before it made")
        if one + two in known:
            raise ValueError(f"line {number} of its merges makes a token that is already there")
        merges.append((known[one], known[two]))
        known[one + two] = len(known)
    if not merges:
        raise ValueError("it has no merges")
    return merges


def tokens_from_contents(contents: Contents, clean: Callable[[str], str] = str) -> Tokenizer:
    """The tokenizer of a published ``merges.txt`` that was read as text. Raises ValueError for any other file."""
    text = contents.plain.get("text")
    if not isinstance(text, str):
        raise ValueError("it is no text, as a list of merges would be")
    return Tokenizer(merges_of(text), clean=clean)
