"""Which layout a set of tensors is in, where in it the generator lies, and, when there is none, what it is instead."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_args

from torch import Tensor

from nets.stylegan2.candidates import beside, choose
from nets.stylegan2.config import Architecture
from nets.stylegan2.keymaps import TABLES, KeyMapError, Layout, Outline

# the one tensor that every generator of a layout has, after the prefix under which the generator lies
ANCHORS = {
    Layout.FACET: r"(?P<prefix>(?:.*[./])?)synthesis\.blocks\.\d{1,5}\.conv1\.style\.weight",
    Layout.NVLABS: r"(?P<prefix>(?:.*[./])?)synthesis\.b\d{1,5}\.const",
    Layout.ROSINALITY: r"(?P<prefix>(?:.*[./])?)input\.input",
    Layout.TENSORFLOW: r"(?P<prefix>(?:.*[./])?)synthesis/4x4/Const/const",
}
# what tells a block and a mapping layer by their numbers
COUNTED = {
    Layout.FACET: (r"synthesis\.blocks\.(\d{1,5})\.", r"mapping\.layers\.(\d{1,5})\."),
    Layout.NVLABS: (r"synthesis\.b(\d{1,5})\.", r"mapping\.fc(\d{1,5})\."),
    Layout.ROSINALITY: (r"to_rgbs\.(\d{1,5})\.conv", r"style\.(\d{1,5})\."),
    Layout.PSP: (r"decoder\.to_rgbs\.(\d{1,5})\.conv", r"decoder\.style\.(\d{1,5})\."),
    Layout.TENSORFLOW: (r"synthesis/(\d{1,5})x", r"mapping/Dense(\d{1,5})/"),
}
OTHERS = [
    (r"(.*\.)?synthesis\.L\d+_\d+_\d+\..*", "a StyleGAN3 generator; choose a StyleGAN2 file instead"),
    (r"(.*\.)?synthesis\.(early_layer|layer\d+|output\d+)\..*", "a generator in genforce's layout; convert it first"),
    (
        r"(.*\.)?(g_synthesis|g_mapping|progression)\..*|.*/StyleMod/.*",
        "a StyleGAN1 generator; choose a StyleGAN2 file instead",
    ),
    (
        r"(.*\.)?(b\d+\.fromrgb\.weight|final_linear\.\d+\.weight|from_rgb\.weight)|(.*[./])?\d+x\d+/FromRGB/weight",
        "a discriminator, which judges pictures and makes none; choose the file with its generator",
    ),
    (
        r"(.*\.)?encoder\.(input_layer|body|styles)\..*|(.*\.)?latlayer1\..*",
        "an encoder without a generator (no `decoder.`)",
    ),
    (r"(.*\.)?down_blocks\..*", "a diffusion network; choose a StyleGAN2 file instead"),
]


class Found(NamedTuple):
    """The generator inside a file: its layout, and its tensors without the prefix under which they lay."""

    layout: Layout
    tensors: dict[str, Tensor]
    prefix: str


def flatten(state: Mapping[str, Any], prefix: str = "") -> dict[str, Tensor]:
    """Nested mappings of tensors as one, names joined by dots; whatever is no tensor is left out."""
    flat: dict[str, Tensor] = {}
    for name, value in state.items():
        if isinstance(value, Tensor):
            flat[f"{prefix}{name}"] = value
        elif isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{name}." if name else prefix))
    return flat


def find(state: Mapping[str, Any]) -> Found:
    """Find the generator: of several, the averaged one.

    Raises KeyMapError, saying what the tensors are, when there is none that we read or it is not clear which is meant.
    """
    flat = flatten(state)
    places = {
        match["prefix"]: layout
        for layout, anchor in ANCHORS.items()
        for match in (re.fullmatch(anchor, name) for name in flat)
        if match
    }
    if not places or any("/StyleMod/" in name for name in flat):  # StyleGAN1 has the same constant
        raise KeyMapError(f"This is not a StyleGAN2 generator: {identify(flat)}.")
    prefix = choose(places, flat)
    layout = places[prefix]
    if layout is Layout.ROSINALITY and prefix.endswith("decoder."):
        layout = Layout.PSP
        prefix = prefix.removesuffix("decoder.")
    tensors = {name.removeprefix(prefix): tensor for name, tensor in flat.items() if name.startswith(prefix)}
    if layout in (Layout.ROSINALITY, Layout.PSP):  # the mean of w lies beside the networks
        mean = beside("latent_avg", prefix, flat)
        tensors.update({} if mean is None else {"latent_avg": mean})
    return Found(layout, tensors, prefix)


def detect(state: Mapping[str, Any]) -> Layout:
    """The layout of a generator's tensors (flat, or nested as in a checkpoint). Raises KeyMapError like `find`."""
    return find(state).layout


def identify(names: Iterable[str]) -> str:
    """What a set of tensor names belongs to, as the end of a sentence "it is …"."""
    names = list(names)
    if not names:
        return "the file holds no tensors"
    for pattern, what in OTHERS:
        if any(re.fullmatch(pattern, name) for name in names):
            return f"it is {what}"
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return f"its {len(names)} tensors ({shown}) follow no layout known here"


def outline(layout: Layout, tensors: Mapping[str, Tensor]) -> Outline:
    """Blocks and depth, counted in the names; of the other switches, the setting whose table fits the names best.

    Raises KeyMapError when there are no blocks or no mapping network.
    """
    block, dense = COUNTED[layout]
    heights, depths = _numbers(block, tensors), _numbers(dense, tensors)
    if layout in (Layout.ROSINALITY, Layout.PSP):  # here blocks are counted from the constant upwards
        const = next(tensor for name, tensor in tensors.items() if name.endswith("input.input"))
        heights = {const.shape[-2] << n for n in range(len(heights) + 1)} if const.ndim == 4 else set()
    if not heights or not depths:
        raise KeyMapError("This generator is incomplete: it has no mapping network or no synthesis blocks.")

    def misfit(plan: Outline) -> int:
        try:
            return len({entry.theirs for entry in TABLES[layout](plan)} ^ tensors.keys())
        except KeyMapError:
            return len(tensors) * 2

    switches = itertools.product(get_args(Architecture), (False, True), (True, False))
    return min((Outline(tuple(sorted(heights)), len(depths), *each) for each in switches), key=misfit)


def _numbers(pattern: str, names: Iterable[str]) -> set[int]:
    return {int(match[1]) for match in (re.match(pattern, name) for name in names) if match}
