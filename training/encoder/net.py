"""The encoder that is trained: made new from the judges' network, or read from its exported file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from nets.encoder import Encoder, EncoderConfig, from_state
from nets.judges import Judges
from nets.stylegan2 import Generator

ENCODER = "encoder.safetensors"


def new_encoder(config: dict[str, Any], judges: Judges, generator: Generator) -> Encoder:
    """An encoder whose eyes are the judges' and whose other layers are untrained."""
    rows, width = generator.config.num_ws, generator.config.w_dim
    net = Encoder(EncoderConfig(dataclasses.replace(judges.config, closer=0), rows, width, **config))
    closer = "closer."  # what looks at landmarks once more has no part in the summary that an encoder reads
    net.judges.load_state_dict({n: value for n, value in judges.state_dict().items() if not n.startswith(closer)})
    return net.eval().to(memory_format=torch.channels_last)  # the judges' running figures stay as they are


@torch.no_grad()
def follow(net: Encoder, before: Encoder, old: Tensor, new: Tensor) -> float:
    """Makes ``net`` say in a new W what ``before`` says in an old one, as far as the way between them is affine.

    ``old`` and ``new`` are w [n, w_dim] of the same puppets in each. Its layers become the old ones, the map folded
    into the last; ``net`` keeps its own centre and deviation. Returns R² of the map.
    """
    centre, mean = old.mean(0), new.mean(0)
    gram = (old - centre).T @ (old - centre) + 1e-3 * len(old) * torch.eye(old.shape[1])
    turn = torch.linalg.solve(gram, (old - centre).T @ (new - mean)).T  # new ≈ mean + turn (old - centre)
    own = {"centre": net.centre.clone(), "deviation": net.deviation.clone()}
    net.load_state_dict({**before.state_dict(), **own})
    scaled = turn * before.deviation / net.deviation[:, None]
    rest = (mean + turn @ (before.centre - centre) - net.centre) / net.deviation
    net.to_w.weight.copy_(scaled @ before.to_w.weight)
    net.to_w.bias.copy_(scaled @ before.to_w.bias + rest)
    deltas = before.to_deltas.weight.unflatten(0, (before.config.num_ws, -1))
    net.to_deltas.weight.copy_(torch.einsum("ab,rbh->rah", scaled, deltas).flatten(0, 1))
    net.to_deltas.bias.copy_((before.to_deltas.bias.unflatten(0, (before.config.num_ws, -1)) @ scaled.T).flatten())
    error = (mean + (old - centre) @ turn.T - new).square().sum()
    return 1 - (error / (new - mean).square().sum()).item()


def read_encoder(folder: Path) -> Encoder:
    """The encoder as the product reads it."""
    with safe_open(folder / ENCODER, "pt") as file:
        metadata = file.metadata()
    return from_state(load_file(folder / ENCODER), metadata)
