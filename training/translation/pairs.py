"""Pairs for the label encoder: what the generator draws of random controls, its parts as the judges see them, its w.

``Pairs(folder, count)`` draws what is missing of ``count`` pictures into memory maps, in pieces, and goes on where it
stopped. Everything is known exactly but the parts, which are those that a user will get who parses a picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nets.judges import Judges
from nets.stylegan2 import Generator
from training.controls import ControlEncoder, features
from training.puppets import from_latent, mirrored
from training.shares import chosen

PIECE = 32
OFTENER = {"hat": 1.0, "glasses": 1.0, "earrings": 0.5, "ponytail": 0.5, "bun": 0.5}
SIDE = 64


class Pairs:
    """Pictures [n, 3, 128, 128] and parts [n, 64, 64] uint8, w of each picture and of its mirror image [n, w_dim]."""

    def __init__(self, folder: Path, count: int, seed: int = 21) -> None:
        self.folder, self.count, self.seed = folder, count, seed
        folder.mkdir(parents=True, exist_ok=True)
        self.pictures = self._open("pictures.npy", (count, 3, 2 * SIDE, 2 * SIDE))
        self.parts = self._open("parts.npy", (count, SIDE, SIDE))
        self.w = self.w_mirrored = torch.zeros(0)

    def _open(self, name: str, shape: tuple[int, ...]) -> np.memmap:
        path = self.folder / name
        mode = "r+" if path.exists() else "w+"
        return np.lib.format.open_memmap(path, mode=mode, dtype=np.uint8, shape=shape)  # type: ignore[no-any-return]

    @torch.no_grad()
    def fill(self, generator: Generator, controls: ControlEncoder, judges: Judges) -> None:
        """Draws what is missing."""
        if (self.folder / "w.pt").exists():
            codes = torch.load(self.folder / "w.pt", weights_only=True)
        else:
            params = from_latent(chosen(self.count, self.seed, OFTENER, 256))
            codes = {"w": controls(features(params)), "mirrored": controls(features(mirrored(params)))}
            torch.save(codes, self.folder / "w.pt")
        self.w, self.w_mirrored = codes["w"], codes["mirrored"]
        mark = self.folder / "done.txt"
        for first in range(int(mark.read_text()) if mark.exists() else 0, self.count, PIECE):
            rows = slice(first, min(first + PIECE, self.count))
            with torch.autocast("cpu", torch.bfloat16):
                made = generator.synthesis(generator.mapping.rows(self.w[rows])).clamp(-1, 1).float()
                parts = judges.raw(made).parts
            self.pictures[rows] = ((made + 1) * 127.5).round().to(torch.uint8).numpy()
            self.parts[rows] = parts.argmax(1).to(torch.uint8).numpy()
            mark.write_text(str(rows.stop))

    def known(self) -> None:
        """Reads the codes of a folder that is filled. Raises FileNotFoundError for one that was not begun."""
        codes = torch.load(self.folder / "w.pt", weights_only=True)
        self.w, self.w_mirrored = codes["w"], codes["mirrored"]

    def batch(self, index: np.ndarray, flip: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures in -1..1, part numbers [n, 64, 64] and w; or all of their mirror images."""
        pictures = torch.from_numpy(self.pictures[index].astype(np.float32) / 127.5 - 1)
        parts, rows = torch.from_numpy(self.parts[index].astype(np.int64)), torch.from_numpy(index)
        if flip:
            return pictures.flip(-1), parts.flip(-1), self.w_mirrored[rows]
        return pictures, parts, self.w[rows]


def shaken(maps: Tensor, by: float, random: torch.Generator) -> Tensor:
    """Maps [n, c, s, s] drawn by an unsteady hand: displaced smoothly by about ``by`` pixels; nearest for ints."""
    n, side = len(maps), maps.shape[-1]
    field = functional.interpolate(torch.randn(n, 2, 9, 9, generator=random), (side, side), mode="bicubic")
    line = (torch.arange(side) + 0.5) * 2 / side - 1
    grid = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1) + field.permute(0, 2, 3, 1) * (by * 2 / side)
    mode = "bilinear" if maps.is_floating_point() else "nearest"
    return functional.grid_sample(maps.float(), grid, mode, "border", align_corners=False).to(maps.dtype)
