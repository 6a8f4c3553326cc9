"""A small vocabulary in the layout of CLIP's published ``merges.txt``, made here, and byte-pair encoding on strings.

The encoding is the plain one of Sennrich et al. 2016: it knows no ids, so it is another way than `nets.clip.tokens`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nets.clip import Tokenizer, tokens_from_contents
from nets.clip.prompts import SENTENCES
from registry.readers.contents import Tensors
from tests.text.colour_clip import COLOURS

HEADER = "#version: 0.2 - Trained by `huggingface/tokenizers`"
WORDS = tuple(dict.fromkeys([*COLOURS, "face", "cat", "'s", *re.findall("[a-z]+", " ".join(SENTENCES))]))
ACCENT, WAVE = "Ã ©</w>", ("ð Ł", "ðŁ ĳ", "ðŁĳ ĭ</w>")
"""é at the end of a word, and a waving hand, in the signs that stand for their bytes."""

Merge = tuple[str, str]


def encoded(signs: Sequence[str], merges: Sequence[Merge]) -> list[str]:
    """The tokens of a word given in signs, each a string that ends with ``</w>`` at the end of the word."""
    tokens = [*signs[:-1], signs[-1] + "</w>"]
    for merge in merges:
        at = 0
        while at + 1 < len(tokens):
            if (tokens[at], tokens[at + 1]) == merge:
                tokens[at : at + 2] = ["".join(merge)]
            at += 1
    return tokens


def learned(words: Iterable[str]) -> list[Merge]:
    """Merges that make one token of each word."""
    merges: list[Merge] = []
    for word in words:
        tokens = encoded(word, merges)
        while len(tokens) > 1:
            merges.append((tokens[0], tokens[1]))
            tokens = encoded(word, merges)
    return merges


def merges_text(words: Iterable[str] = WORDS) -> str:
    """The file."""
    lines = [" ".join(merge) for merge in learned(words)]
    return "\n".join([HEADER, *lines, ACCENT, *WAVE]) + "\n"


def read(text: str) -> Tensors:
    """What a reader makes of it."""
    return Tensors({}, {"text": text}, "text")


def small_tokenizer() -> Tokenizer:
    """The tokenizer of that vocabulary."""
    return tokens_from_contents(read(merges_text()))
