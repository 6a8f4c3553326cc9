"""A description in many sentences, so that their mean says what it means rather than how it was put.

Prompt ensembling (Radford et al. 2021, section 3.1.4), which StyleCLIP takes over (Patashnik et al. 2021, section 6.2).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from nets.clip.network import Clip
from nets.clip.tokens import Tokenizer

SENTENCES = (
    "{}",
    "a {}",
    "the {}",
    "a photo of a {}.",
    "a photo of the {}.",
    "a picture of a {}.",
    "a picture of the {}.",
    "a portrait of a {}.",
    "a close-up of a {}.",
    "a close-up photo of the {}.",
    "a cropped photo of a {}.",
    "a good photo of a {}.",
    "a good photo of the {}.",
    "a bad photo of a {}.",
    "a bright photo of a {}.",
    "a dark photo of the {}.",
    "a blurry photo of a {}.",
    "a sharp photo of the {}.",
    "a small photo of a {}.",
    "a black and white photo of a {}.",
    "a colour photo of the {}.",
    "a painting of a {}.",
    "a painting of the {}.",
    "a drawing of a {}.",
    "a drawing of the {}.",
    "a sketch of a {}.",
    "a cartoon of a {}.",
    "a rendering of a {}.",
    "a rendering of the {}.",
    "a computer game with a {}.",
    "a doll that looks like a {}.",
    "a statue of a {}.",
)


def sentences(description: str) -> list[str]:
    """The sentences about a description such as “face with glasses”; a leading a, an or the is dropped."""
    first, _, rest = description.strip().partition(" ")
    words = rest.strip() if first.lower() in ("a", "an", "the") and rest.strip() else description.strip()
    return [" ".join(_articled(sentence, words).split()) for sentence in SENTENCES]


def described(clip: Clip, tokenizer: Tokenizer, description: str) -> Tensor:
    """The unit vector [embedding] of a description: the mean of its sentences' vectors.

    Raises TooLong for a long one, ValueError for a tokenizer of another network.
    """
    if tokenizer.end != clip.config.vocabulary - 1:
        raise ValueError(f"{tokenizer.end + 1} tokens, where the network knows {clip.config.vocabulary}")
    return F.normalize(clip.embed_texts(tokenizer(sentences(description))).mean(0), dim=0)


def _articled(sentence: str, words: str) -> str:
    if words[:1].lower() in "aeiou":
        sentence = sentence.replace("a {}", "an {}")
    return sentence.replace("{}", words)
