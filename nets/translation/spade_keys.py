"""SPADE and CLADE generators, and SPADE's encoder of styles, from the names of their authors' files."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from nets.translation.official import Misread, filled
from nets.translation.spade import SpadeConfig, SpadeGenerator
from nets.translation.style_encoder import SIDE, StyleEncoder

_BLOCKS = {"head_0": 0, "G_middle_0": 1, "G_middle_1": 2, **{f"up_{n}": 3 + n for n in range(5)}}
_CONVS = {"conv_0": "first", "conv_1": "second", "conv_s": "across"}
_NORMS = {"norm_0": "first_norm", "norm_1": "second_norm", "norm_s": "across_norm"}
_PARTS = {
    "param_free_norm.running_mean": "plain.running_mean",
    "param_free_norm.running_var": "plain.running_var",
    "mlp_shared.0.weight": "shared.weight",
    "mlp_shared.0.bias": "shared.bias",
    "mlp_gamma.weight": "scale.weight",
    "mlp_gamma.bias": "scale.bias",
    "mlp_beta.weight": "shift.weight",
    "mlp_beta.bias": "shift.bias",
    "class_specified_affine.weight": "scale.weight",
    "class_specified_affine.bias": "shift.weight",
    "inst_conv.weight": "edge.weight",
    "inst_conv.bias": "edge.bias",
}
CITYSCAPES = 36
"""Channels of SPADE's cityscapes network, the published one that doubles the size six times and draws twice as wide."""


def _ours(name: str) -> str | None:
    """Our name of a tensor, or None."""
    if name.startswith(("fc.", "conv_img.")):
        return name.replace("conv_img", "last")
    block, _, rest = name.partition(".")
    part, _, inner = rest.partition(".")
    if block not in _BLOCKS:
        return None
    if part in _CONVS and inner in ("weight", "bias"):
        return f"blocks.{_BLOCKS[block]}.{_CONVS[part]}.{inner}"
    if part in _NORMS and inner in _PARTS:
        return f"blocks.{_BLOCKS[block]}.{_NORMS[part]}.{_PARTS[inner]}"
    return None


def spade_from_state(state: Mapping[str, Tensor]) -> SpadeGenerator:
    """A SPADE or CLADE generator in cleaned tensors. Raises Misread.

    How often the size is doubled between the middle blocks leaves no trace in a file: it is what the published networks
    of that many labels do.
    """
    if any("dist_conv" in name for name in state):
        raise Misread("it is CLADE-ICPE, which also wants each object's outline; CLADE and SPADE can be read.")
    for name in ("fc.weight", "head_0.conv_0.weight", "conv_img.weight"):
        if name not in state:
            raise Misread(f"it looks like a SPADE generator, but {name} is missing.")
    config = _config(state)
    found = {name: _ours(name) for name in state}
    tensors = {ours: state[name] for name, ours in found.items() if ours is not None}
    if config.norm == "instance":
        tensors = {name: value for name, value in tensors.items() if ".plain.running" not in name}
    what = f"a {config.kind.upper()} generator of {config.labels} labels"
    return filled(lambda: SpadeGenerator(config), tensors, [name for name, ours in found.items() if ours is None], what)


def _config(state: Mapping[str, Tensor]) -> SpadeConfig:
    fc, wide = state["fc.weight"], state["head_0.conv_0.weight"].shape[0]
    width, clade = wide // 16, "head_0.norm_0.class_specified_affine.weight" in state
    shared = state.get("head_0.norm_0.mlp_shared.0.weight")
    if not clade and (shared is None or shared.ndim != 4):
        raise Misread("it looks like a SPADE generator, but the convolutions over its label map are missing.")
    edges = "head_0.norm_0.inst_conv.weight" in state
    labels = state["head_0.norm_0.class_specified_affine.weight"].shape[0] + edges if clade else shared.shape[1]
    ups = 7 if any(name.startswith("up_4.") for name in state) else 6 if labels in (CITYSCAPES, CITYSCAPES - 1) else 5
    latent, base = 0, (8, 8)
    if fc.ndim == 2:
        latent, places = fc.shape[1], fc.shape[0] // max(1, wide)
        rows = int(places**0.5)
        base = (rows, rows) if rows * rows == places else (int((places / 2) ** 0.5), int((places * 2) ** 0.5))
    return SpadeConfig(
        labels=labels,
        width=width,
        ups=ups,
        kind="clade" if clade else "spade",
        hidden=128 if clade else shared.shape[0],
        kernel=3 if clade else shared.shape[-1],
        norm="batch" if any("param_free_norm.running_mean" in name for name in state) else "instance",
        edges=edges,
        latent=latent,
        base=(max(1, base[0]), max(1, base[1])),
    )


def encoder_from_state(state: Mapping[str, Tensor]) -> StyleEncoder:
    """SPADE's encoder of style pictures in cleaned tensors. Raises Misread."""
    for name in ("layer1.0.weight", "fc_mu.weight"):
        if name not in state:
            raise Misread(f"it looks like SPADE's encoder of styles, but {name} is missing.")
    tensors, left = dict[str, Tensor](), list[str]()
    for name, value in state.items():
        if match := re.fullmatch(r"layer([1-6])\.0\.weight", name):
            tensors[f"convs.{int(match[1]) - 1}.weight"] = value
        elif name.startswith(("fc_mu.", "fc_var.")):
            tensors[name.replace("fc_mu", "mean").replace("fc_var", "spread")] = value
        elif not re.fullmatch(r"layer[1-6]\.\d\.running_(mean|var)", name):
            left.append(name)
    width, latent = state["layer1.0.weight"].shape[0], state["fc_mu.weight"].shape[0]
    what = f"SPADE's encoder of styles, of pictures of {SIDE} pixels"
    return filled(lambda: StyleEncoder(width, latent), tensors, left, what)
