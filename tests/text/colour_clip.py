"""A small CLIP in the published layout that is right about colours, and small generators: files for tests.

Its attention is uniform and its MLPs do nothing, so both towers add up what their tokens say. A patch says how red,
green and blue it is; a token says red, green or blue if it is one of these words. A large constant next to them makes
the normalisations nearly linear.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save

from facet import Net, Weights
from nets.clip import Clip, ClipConfig
from nets.clip.config import TowerConfig
from nets.clip.network import DEVIATION, MEAN
from nets.clip.tokens import Tokenizer
from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.contents import from_contents
from tests.text.open_clip_file import to_open_clip

WIDTH, PATCH, GRID, CONSTANT = 64, 8, 4, 20.0
CONFIG = ClipConfig(TowerConfig(WIDTH, 2, 64), TowerConfig(WIDTH, 2, 64), PATCH, GRID, embedding=4)
COLOURS = ("red", "green", "blue")


def colour_clip(tokenizer: Tokenizer) -> Clip:
    """Embeddings are (1, red, green, blue), about, before they are brought to length 1."""
    clip = Clip(replace(CONFIG, vocabulary=tokenizer.end + 1)).requires_grad_(False)
    for tower in (clip.image, clip.text):
        for parameter in tower.parameters():
            parameter.zero_()
        for name, parameter in tower.named_parameters():
            if "norm" in name or "before" in name or "after" in name:
                parameter.fill_(float(name.endswith("weight")))
        for block in tower.blocks:
            block.qkv.weight[2 * WIDTH :] = torch.eye(WIDTH)  # values; queries and keys are 0: all tokens are alike
            block.out.weight.copy_(torch.eye(WIDTH))
        tower.positions[:, 3] = CONSTANT
        tower.positions[:, 4] = -CONSTANT
        tower.project[3, 0] = 1.0
        for channel in range(3):
            tower.project[channel, 1 + channel] = 4.0
    for channel in range(3):
        clip.image.patch.weight[channel, channel] = 4 * DEVIATION[channel] / PATCH**2
        clip.image.positions[1:, channel] = 4 * (MEAN[channel] - 0.5)
        word = tokenizer.ids(COLOURS[channel])[1]
        clip.text.words.weight[word, channel] = 40.0
    return clip


def clip_file(clip: Clip) -> bytes:
    """The file as the Hub would have it."""
    return save({name: tensor.contiguous() for name, tensor in to_open_clip(clip).items()})


def small_generator(seed: int = 3) -> Generator:
    """32 px, 80 style channels, random weights with colours that differ."""
    torch.manual_seed(seed)
    config = GeneratorConfig(32, channels={4: 12, 8: 12, 16: 12, 32: 8}, z_dim=16, w_dim=16, mapping_layers=2)
    generator = Generator(config).requires_grad_(False).eval()
    for block in generator.synthesis.blocks.values():
        block.rgb.weight.mul_(0.6)
    generator.mapping.w_avg.copy_(generator.mapping.measure(500))
    return generator


def generator_net(folder: Path, name: str = "small") -> Net:
    """It as a net out of a file."""
    generator = small_generator()
    body = save({key: value.contiguous() for key, value in generator.state_dict().items()}, _metadata(generator))
    path = folder / f"{name}.safetensors"
    path.write_bytes(body)
    weights = Weights("", str(path), sha256=hashlib.sha256(body).hexdigest(), licence="Apache-2.0")
    return Net(name, from_contents, (weights,), "a small generator")


def _metadata(generator: Generator) -> dict[str, str]:
    return {"facet": "stylegan2-1", "config": generator.config.to_json()}
