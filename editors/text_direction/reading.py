"""The CLIP that reads texts and pictures, and what is said where it is not to be had."""

from __future__ import annotations

import html

import torch.nn.functional as F
from torch import Tensor

from facet import BadInput, Context, Net
from facet.weights import WeightsMissing, manifest_weights, need
from nets.clip import Clip, Tokenizer, TooLong, described, from_contents, tokens_from_contents
from nets.contents import Contents

CLIP = Net(
    "clip",
    from_contents,
    (manifest_weights("clip_b32"), manifest_weights("clip_b32_openai")),
    "CLIP ViT-B/32: says how well texts and pictures go together",
)


def repaired(text: str) -> str:
    """A text as CLIP was trained to see it: mojibake, quotes, ligatures and widths mended, entities of HTML resolved.

    Twice, as in CLIP's own code, since texts from the web are often escaped twice.
    """
    import ftfy  # here, because its tables take longer to load than all of this editor

    return html.unescape(html.unescape(ftfy.fix_text(text)))


def tokens_of(contents: Contents) -> Tokenizer:
    """The published vocabulary, with texts repaired as its authors do. Raises ValueError for any other file."""
    return tokens_from_contents(contents, repaired)


TOKENS = Net("clip_tokens", tokens_of, (manifest_weights("clip_merges"),), "CLIP's vocabulary: texts to tokens")


def clip_of(ctx: Context) -> tuple[Clip, Tokenizer]:
    """The network and its tokenizer.

    Raises:
        WeightsMissing: one is not here and cannot be had now; says what is needed, how large, and how to get it.
        WeightsCorrupt, OutOfMemory, Stopped: as `ctx.net`.
    """
    lacking = " ".join(filter(None, (need(CLIP), need(TOKENS))))
    try:
        tokenizer = ctx.net(TOKENS.name)  # first, as it is small: nobody waits for 600 MB in vain
        return ctx.net(CLIP.name), tokenizer
    except WeightsMissing as problem:
        _, _, why = str(problem).partition(": ")
        raise WeightsMissing(f"{lacking} But now {why or problem}" if lacking else str(problem)) from None


def text_change(clip: Clip, tokenizer: Tokenizer, neutral: str, target: str) -> Tensor:
    """Δt: the unit vector [embedding] from one description to the other.

    Raises:
        BadInput: a text is too long for CLIP, or both say the same.
    """
    vectors = []
    for field, text in (("neutral", neutral), ("target", target)):
        try:
            vectors.append(described(clip, tokenizer, text))
        except TooLong as problem:
            raise BadInput(field, str(problem), "Describe it in fewer words.") from None
    change = vectors[1] - vectors[0]
    if float(change.norm()) < 1e-4:
        raise BadInput("target", f"says the same as the neutral text, “{neutral}”", "Say what shall be different.")
    return F.normalize(change, dim=0)
