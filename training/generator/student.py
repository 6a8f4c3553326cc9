"""What is trained: a network from controls to w, and the generator whose synthesis learns to draw them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.states import from_state
from training import compiled
from training.controls import ControlEncoder
from training.generator.widen import widen

GENERATOR, CONTROL_NET = "generator.safetensors", "controls.safetensors"


class Student(nn.Module):
    """The control encoder and the generator (whose mapping network waits until synthesis is finished)."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.generator = Generator(
            GeneratorConfig(**{**config, "channels": {int(k): v for k, v in config["channels"].items()}})
        )
        self.controls = ControlEncoder(self.generator.config.w_dim)
        self.register_buffer("spread", compiled.polyphase(self.generator.config.resample_filter), persistent=False)

    def draw(self, seen: Tensor, size: int) -> Tensor:
        """Features [n, WIDTH] → pictures [n, 3, size, size] in about -1..1."""
        return self.paint(self.controls(seen), size)

    def paint(self, w: Tensor, size: int) -> Tensor:
        """w [n, w_dim] → pictures; smaller sizes come from the skip architecture's intermediate picture."""
        for stage in self.generator.synthesis.walk(self.generator.mapping.rows(w)):
            if stage.height == size and stage.image is not None:
                return stage.image.float()
        raise ValueError(f"size: {size} is not a block of this generator")

    def draw_swiftly(self, seen: Tensor, size: int) -> Tensor:
        """`draw` in bfloat16, in the form that training compiles."""
        return compiled.paint(self.generator.synthesis, self.controls(seen), size, torch.bfloat16, self.spread)

    def trained(self) -> list[nn.Parameter]:
        """What distillation changes: all but the mapping network."""
        return [*self.generator.synthesis.parameters(), *self.controls.parameters()]

    def freeze_below(self, height: int) -> None:
        """Blocks of less than ``height`` no longer learn, nor does what leads to w. Raises ValueError for no block."""
        blocks = self.generator.synthesis.blocks
        if str(height) not in blocks:
            raise ValueError(f"trained_from: {height} is not a block of this generator")
        self.requires_grad_(False)
        for name, block in blocks.items():
            block.requires_grad_(int(name) >= height)


def smaller(student: Student, config: dict[str, Any], size: int) -> tuple[Student, dict[str, Any]]:
    """The part of a student that draws the skip architecture's picture of ``size`` pixels, and its configuration.

    Raises ValueError when no block draws pictures of that size.
    """
    if str(size) not in config["channels"]:
        raise ValueError(f"size: {size} is not a block of this generator")
    channels = {name: count for name, count in config["channels"].items() if int(name) <= size}
    part = {**config, "resolution": size, "channels": channels}
    made, known = Student(part), student.state_dict()
    made.load_state_dict({name: known[name] for name in made.state_dict()})
    return made, part


def read_generator(folder: Path) -> Generator:
    """The generator as the product reads it: float32, frozen."""
    with safe_open(folder / GENERATOR, "pt") as file:
        metadata = file.metadata()
    return from_state(load_file(folder / GENERATOR), metadata)


def read_controls(folder: Path) -> ControlEncoder:
    """The network from features of controls to w."""
    state = {name: value.float() for name, value in load_file(folder / CONTROL_NET).items()}
    net = ControlEncoder(*(state[f"layers.{n}.weight"].shape[0] for n in (2, 0)))
    net.load_state_dict(state)
    return net.eval().requires_grad_(False)


def load_student(student: Student, folder: Path, controls: Path | None = None) -> None:
    """Starts a student from exported weights alone; it may have more channels, and blocks for a larger picture.

    The new blocks add nothing at first: the picture is the smaller one, enlarged. ``controls`` is the folder of E where
    ``folder`` has none, because it draws another one's W. Raises ValueError when the student has fewer channels.
    """
    narrow, blocks = read_generator(folder), student.generator.synthesis.blocks
    widen(narrow, student.generator)
    for name in blocks.keys() - narrow.synthesis.blocks.keys():
        torch.nn.init.zeros_(blocks[name].rgb.weight)
    widen(read_controls(controls or folder), student.controls)
