"""Published layouts, built with synthetic weights and read back: the layouts' part of ``python benchmarks/faces.py``.

Every file is written to the published key names and shapes of a 1024 pixel network (18 rows of 512), with channels cut
down so that it is made in seconds, and read through the same readers and key maps that real files go through.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from nets import psp
from nets.psp import PspConfig, PspEncoder
from nets.stylegan2 import Generator, GeneratorConfig, to_state
from nets.stylegan2.contents import from_contents
from nets.stylegan2.keymaps import Layout
from registry.readers import read_tensors

SIDE, ROWS, WIDTH, NARROW = 1024, 18, 512, 16
CHANNELS = {2**level: 4 for level in range(2, 11)}
FULL_ENCODER = 267_136_704
"""Parameters of pSp's and e4e's encoder at 1024 pixels."""


class Read(NamedTuple):
    """What came out of one file: sizes of the codes and of the picture, and how far it is from what was written."""

    layout: str
    codes: tuple[int, ...]
    picture: tuple[int, ...]
    difference: float


def layouts() -> list[Read]:
    """Write, read and run one file of each layout."""
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(SIDE, CHANNELS, z_dim=WIDTH, w_dim=WIDTH)).eval().requires_grad_(False)
    generator.mapping.w_avg.normal_()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for layout, wrap in (("nvlabs", _nvlabs), ("rosinality", _rosinality)):
            path = Path(folder) / f"{layout}.pt"
            torch.save(wrap(generator), path)
            found.append(_generator(layout, generator, path))
        found.append(_encoder(Path(folder) / "e4e.pt"))
    return found


def _nvlabs(generator: Generator) -> dict[str, Any]:
    return {"G_ema": to_state(generator, Layout.NVLABS)}


def _rosinality(generator: Generator) -> dict[str, Any]:
    return {"g_ema": to_state(generator, Layout.ROSINALITY), "latent_avg": generator.mapping.w_avg}


@torch.no_grad()
def _generator(layout: str, written: Generator, path: Path) -> Read:
    net = from_contents(read_tensors(path))
    w_plus = net.mapping(torch.ones(1, WIDTH))
    pictures = [each.synthesis(w_plus) for each in (written, net)]
    return Read(layout, tuple(w_plus.shape[1:]), tuple(pictures[1].shape[1:]), _apart(*pictures))


@torch.no_grad()
def _encoder(path: Path) -> Read:
    """An e4e checkpoint, encoder, decoder, mean code and options in one file; narrow, as full width takes 1 GB."""
    generator = Generator(GeneratorConfig(SIDE, CHANNELS, z_dim=NARROW, w_dim=NARROW)).eval()
    encoder = PspEncoder(PspConfig(ROWS, (8, 8, 8, 8, 8), NARROW, offsets=True)).eval()
    state = {f"encoder.{name}": value for name, value in encoder.state_dict().items()} | to_state(generator, Layout.PSP)
    options = {"stylegan_size": SIDE, "encoder_type": "Encoder4Editing", "start_from_latent_avg": True}
    mean = torch.randn(ROWS, NARROW)
    torch.save({"state_dict": state, "opts": options, "latent_avg": mean}, path)
    contents = read_tensors(path)
    net, decoder = psp.from_contents(contents), from_contents(contents)
    picture = torch.rand(1, 3, 256, 256) * 2 - 1
    w_plus = net(picture)
    expected = generator.synthesis(encoder(picture) + mean)
    return Read("e4e", tuple(w_plus.shape[1:]), tuple(expected.shape[1:]), _apart(expected, decoder.synthesis(w_plus)))


def _apart(one: Tensor, two: Tensor) -> float:
    return float((one - two).abs().max() / one.abs().max().clamp(min=1e-9))


def documented() -> int:
    """Parameters of the encoder at its published widths, counted without making them."""
    with torch.device("meta"):
        return sum(value.numel() for value in PspEncoder(PspConfig(ROWS, offsets=True)).parameters())


def show(found: list[Read], parameters: int) -> None:
    """Print what was found."""
    print(f"\n{'layout':12} codes      picture           largest difference from what was written")
    for row in found:
        codes = " × ".join(map(str, row.codes))
        print(f"{row.layout:12} {codes:9}  {' × '.join(map(str, row.picture)):16}  {row.difference:.1e}")
    print(f"e4e and pSp encoder at full width: {parameters:,} parameters (published: {FULL_ENCODER:,})")
