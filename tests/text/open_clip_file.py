"""A CLIP of ours under the names of OpenAI's checkpoint."""

from __future__ import annotations

from torch import Tensor

from nets.clip import Clip
from nets.clip.states import names


def to_open_clip(clip: Clip) -> dict[str, Tensor]:
    """The tensors of a network under OpenAI's names."""
    state = clip.state_dict()
    return {theirs: state[ours] for ours, theirs in names(clip.config)}
