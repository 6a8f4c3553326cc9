"""What a file says of its generator beside the tensors: clamp, filter taps, labels; or what shapes say instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nets.stylegan2.config import MOST_TAPS
from nets.stylegan2.keymaps import KeyMapError, Layout

FILTERS = ("resample_filter", "blur.kernel", "upsample.kernel")  # constants that some layouts store with the weights
CLAMPED = re.compile(r"(?:.*\.)?b\d{1,5}\.(?:conv0|conv1|torgb)")  # the layers of NVIDIA's that clamp; shortcuts do not
DEFAULT_CLAMP = 256.0  # of StyleGAN2 in the stylegan3 repository, which does not write it down


def facts_of(metadata: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Every plain fact of the metadata, those of the network that lies under `prefix` and of its parts, in one dict."""
    facts: dict[str, Any] = {}
    levels: list[Any] = [metadata]
    for part in filter(None, re.split(r"[./]", prefix)):
        inner = levels[-1].get(part) if isinstance(levels[-1], Mapping) else None
        levels.append(inner if isinstance(inner, Mapping) else None)
    if levels[-1] is metadata or levels[-1] is None:
        levels.append(metadata.get("module"))
    for level in levels:
        if isinstance(level, Mapping):
            kwargs = level.get("init_kwargs")
            kwargs = kwargs if isinstance(kwargs, Mapping) else {}
            for part in (level, kwargs, kwargs.get("mapping_kwargs"), kwargs.get("synthesis_kwargs")):
                if isinstance(part, Mapping):
                    facts.update({k: v for k, v in part.items() if isinstance(v, (str, int, float, list, tuple))})
            if isinstance(level.get("parts"), Mapping):
                facts["parts"] = level["parts"]
    return facts


def clamp_of(facts: Mapping[str, Any]) -> float | None:
    """At how much the activations are clamped: as the layers themselves say, else the constructor's arguments.

    Raises KeyMapError when the layers differ.
    """
    parts = facts.get("parts", {}).items()
    said = {about["conv_clamp"] for name, about in parts if CLAMPED.fullmatch(name) and "conv_clamp" in about}
    if len(said) > 1:
        raise KeyMapError("Some layers of this generator clamp what others do not, which is not drawn here.")
    # in the stylegan3 repository the blocks' default is 256, and only its files have this argument
    default = DEFAULT_CLAMP if "fused_modconv_default" in facts else None
    clamp = said.pop() if said else facts.get("conv_clamp", default)
    return None if clamp is None else float(clamp)


def labels_kept(layout: Layout, z_dim: int, w_dim: int, c_dim: int, facts: Mapping[str, Any]) -> None:
    """Raise KeyMapError if the generator was conditional and lost the embedding of its labels on its way here.

    rosinality's layout has no labels, and one width for z and w: where z is wider, it holds a label's embedding too.
    """
    wider = layout in (Layout.ROSINALITY, Layout.PSP) and z_dim != w_dim
    told = facts.get("z_dim", facts.get("latent_size"))
    longer = not c_dim and type(told) is int and told > 0 and z_dim > told
    classes = facts.get("c_dim", facts.get("label_size"))
    nameless = not c_dim and type(classes) is int and classes > 0
    if wider or longer or nameless:
        raise KeyMapError(
            f"This generator had labels and lost them when it was converted: its mapping takes {z_dim} numbers and "
            f"gives {w_dim}, with no embedding. Choose the file from before the conversion."
        )


def taps_of(theirs: Mapping[str, Tensor], facts: Mapping[str, Any]) -> tuple[float, ...]:
    """The 1-D filter whose outer product a stored kernel is."""
    stored = next((theirs[name] for name in theirs if name.endswith(FILTERS)), None)
    if stored is None:
        taps = facts.get("resample_filter", facts.get("resample_kernel")) or (1, 3, 3, 1)
        return tuple(float(tap) for tap in taps)
    if stored.ndim not in (1, 2) or not 0 < stored.numel() <= MOST_TAPS**2 or max(stored.shape) > MOST_TAPS:
        raise KeyMapError(f"the resampling filter of this generator has the shape {list(stored.shape)}")
    kernel = stored.double()
    line = kernel if kernel.ndim == 1 else kernel.sum(0)
    line = line / line.sum()
    square = kernel.ndim == 1 or kernel.shape[0] == kernel.shape[1]
    if not square or (
        kernel.ndim == 2 and not torch.allclose(torch.outer(line, line), kernel / kernel.sum(), atol=1e-5)
    ):
        raise KeyMapError("the resampling filter of this generator is not separable")
    scaled = line / line.abs().min().clamp_min(1e-6)
    tidy = scaled.round() if torch.allclose(scaled, scaled.round(), atol=1e-4) else line
    return tuple(tidy.tolist())
