"""CLIP (Radford et al. 2021): pictures and texts as vectors in one space, read from the published checkpoints."""

from nets.clip.config import ClipConfig
from nets.clip.network import Clip
from nets.clip.prompts import described
from nets.clip.states import from_contents
from nets.clip.tokens import Tokenizer, TooLong, tokens_from_contents

__all__ = [
    "Clip",
    "ClipConfig",
    "Tokenizer",
    "TooLong",
    "described",
    "from_contents",
    "tokens_from_contents",
]
