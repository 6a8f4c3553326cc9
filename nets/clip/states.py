"""A CLIP from the tensors of a published checkpoint, in either of the two layouts that are about.

``open_clip``: OpenAI's own names, which open_clip and timm keep (``visual.transformer.resblocks.0.attn…``).
``transformers``: those of Hugging Face's library (``vision_model.encoder.layers.0.self_attn…``), in which queries, keys
and values are three matrices and the projections are transposed. The numbers are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from nets.clip.config import ClipConfig, TowerConfig
from nets.clip.network import DEVIATION, MEAN, Clip
from nets.contents import Contents

State = Mapping[str, Tensor]
PARTS = ("weight", "bias")

OPEN_CLIP = {
    "image.patch.weight": "visual.conv1.weight",
    "image.summary": "visual.class_embedding",
    "image.positions": "visual.positional_embedding",
    "image.project": "visual.proj",
    "text.words.weight": "token_embedding.weight",
    "text.positions": "positional_embedding",
    "text.project": "text_projection",
    "scale": "logit_scale",
    **{f"image.before.{part}": f"visual.ln_pre.{part}" for part in PARTS},
    **{f"image.after.{part}": f"visual.ln_post.{part}" for part in PARTS},
    **{f"text.after.{part}": f"ln_final.{part}" for part in PARTS},
}
BLOCK = {"norm1": "ln_1", "norm2": "ln_2", "out": "attn.out_proj", "fc1": "mlp.c_fc", "fc2": "mlp.c_proj"}
TOWERS = {"image": "visual.transformer.resblocks", "text": "transformer.resblocks"}

HF_TOP = {
    "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
    "logit_scale": "logit_scale",
    **{f"visual.ln_pre.{part}": f"vision_model.pre_layrnorm.{part}" for part in PARTS},  # sic
    **{f"visual.ln_post.{part}": f"vision_model.post_layernorm.{part}" for part in PARTS},
    **{f"ln_final.{part}": f"text_model.final_layer_norm.{part}" for part in PARTS},
}
HF_TURNED = {"visual.proj": "visual_projection.weight", "text_projection": "text_projection.weight"}
HF_BLOCK = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
HF_TOWERS = {TOWERS["image"]: "vision_model.encoder.layers", TOWERS["text"]: "text_model.encoder.layers"}


def from_contents(contents: Contents) -> Clip:
    """The network in a file that has been read; its sizes follow from the tensors.

    Raises:
        ValueError: it holds no CLIP with a vision transformer; names what is missing or does not fit.
    """
    found: dict[str, Tensor] = {}
    for name in ("", "state_dict"):
        found |= contents.tensors.get(name, {})
    state = from_transformers(found) if HF_TOP["visual.conv1.weight"] in found else found
    try:
        config = config_of(state)
        renamed = {ours: state[theirs].float() for ours, theirs in names(config)}
    except KeyError as missing:
        raise ValueError(f"it is no CLIP with a vision transformer: {missing.args[0]} is missing") from None
    with torch.device("meta"):
        clip = Clip(config)
    clip.mean, clip.deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    for name, tensor in clip.state_dict().items():
        if renamed[name].shape != tensor.shape:
            raise ValueError(f"its {name} is {list(renamed[name].shape)} where {list(tensor.shape)} is due")
    clip.load_state_dict(renamed, assign=True)
    return clip


def config_of(state: State) -> ClipConfig:
    """Sizes by the shapes in an ``open_clip`` state. Raises KeyError, ValueError."""
    patch, positions, words = (
        state[name] for name in ("visual.conv1.weight", "visual.positional_embedding", "token_embedding.weight")
    )
    if patch.ndim != 4 or positions.ndim != 2 or words.ndim != 2:
        raise ValueError("it is no CLIP with a vision transformer: its embeddings have another shape")
    grid = round((len(positions) - 1) ** 0.5)
    if grid**2 + 1 != len(positions):
        raise ValueError(f"it has {len(positions)} positions, which are no square of patches and a summary")
    towers = {
        name: TowerConfig(width, _count(state, prefix), len(state[f"{prefix}.0.mlp.c_fc.weight"]))
        for (name, prefix), width in zip(TOWERS.items(), (patch.shape[0], words.shape[1]), strict=True)
    }
    context, embedding = len(state["positional_embedding"]), state["text_projection"].shape[-1]
    return ClipConfig(
        **towers, patch=patch.shape[-1], grid=grid, context=context, vocabulary=len(words), embedding=embedding
    )


def names(config: ClipConfig) -> Iterator[tuple[str, str]]:
    """Our name of every tensor, and OpenAI's."""
    yield from OPEN_CLIP.items()
    for tower, prefix in TOWERS.items():
        for number in range(getattr(config, tower).layers):
            at, theirs = f"{tower}.blocks.{number}", f"{prefix}.{number}"
            for part in PARTS:
                yield f"{at}.qkv.{part}", f"{theirs}.attn.in_proj_{part}"
                yield from ((f"{at}.{one}.{part}", f"{theirs}.{other}.{part}") for one, other in BLOCK.items())


def from_transformers(state: State) -> dict[str, Tensor]:
    """The tensors of a Hugging Face checkpoint under OpenAI's names. Raises ValueError for one that is incomplete."""
    try:
        found = {ours: state[theirs] for ours, theirs in HF_TOP.items()}
        found |= {ours: state[theirs].T.contiguous() for ours, theirs in HF_TURNED.items()}
        for ours, theirs in HF_TOWERS.items():
            for number in range(_count(state, theirs)):
                for part in PARTS:
                    three = [state[f"{theirs}.{number}.self_attn.{which}_proj.{part}"] for which in "qkv"]
                    found[f"{ours}.{number}.attn.in_proj_{part}"] = torch.cat(three)
                    for one, other in HF_BLOCK.items():
                        found[f"{ours}.{number}.{one}.{part}"] = state[f"{theirs}.{number}.{other}.{part}"]
    except KeyError as missing:
        raise ValueError(f"it is no whole CLIP: {missing.args[0]} is missing") from None
    return found


def _count(state: State, prefix: str) -> int:
    numbers = {name[len(prefix) + 1 :].partition(".")[0] for name in state if name.startswith(f"{prefix}.")}
    return sum(number.isdigit() for number in numbers)
