"""A generator from what a reader found in a file."""

from __future__ import annotations

from typing import Any

from nets.contents import Contents
from nets.stylegan2.generator import Generator
from nets.stylegan2.keymaps import KeyMapError
from nets.stylegan2.states import from_state


def from_contents(contents: Contents) -> Generator:
    """`from_state` for a file that has been read; one function, so that editors share the networks it makes.

    Raises KeyMapError when the file holds no StyleGAN2 generator, or one whose images are neither in colour nor grey,
    or that cannot be afforded; says what it holds.
    """
    state: dict[str, Any] = {name: group for name, group in contents.tensors.items() if name}
    state.update(contents.tensors.get("", {}))
    generator = from_state(state, contents.plain, contents.free_bytes)
    channels = generator.config.img_channels
    if channels not in (1, 3):
        raise KeyMapError(f"This generator makes images of {channels} channels; a picture has 3, or 1 when it is grey.")
    return generator
