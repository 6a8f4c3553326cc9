"""The encoder that is trained: made new from the judges' network, or read from its exported file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from nets.encoder import Encoder, EncoderConfig, from_state
from nets.judges import Judges
from nets.stylegan2 import Generator

ENCODER = "encoder.safetensors"


def new_encoder(config: dict[str, Any], judges: Judges, generator: Generator) -> Encoder:
    """An encoder whose eyes are the judges' and whose other layers are untrained."""
    rows, width = generator.config.num_ws, generator.config.w_dim
    net = Encoder(EncoderConfig(judges.config, rows, width, **config))
    net.judges.load_state_dict(judges.state_dict())
    return net.eval().to(memory_format=torch.channels_last)  # the judges' running figures stay as they are


def read_encoder(folder: Path) -> Encoder:
    """The encoder as the product reads it."""
    with safe_open(folder / ENCODER, "pt") as file:
        metadata = file.metadata()
    return from_state(load_file(folder / ENCODER), metadata)
