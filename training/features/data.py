"""Pictures without labels that the feature network learns from: ``python -m training.features.data --out DIR``.

DIR gets, besides the renders of `training.dataset`, paintings.npy [n, 3, 512, 512] and families.npy [n] (round after
round of all painters of `training.paintings.draw`, from seeds of their own), leaves.npy [n, 3, 256, 256] and
puppets.npy [n, 3, 128, 128], which the embedded generator draws; all uint8. What is complete already is not made again.

Dead leaves (Lee, Mumford and Huang 2001) are shapes that cover each other: they have edges, occlusions and textures at
every scale in about the proportions of photographs, of which none are needed here.
"""

from __future__ import annotations

import argparse
import math
import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.paintings.canvas import to_image
from training.paintings.draw import PAINTERS

FAMILIES = tuple(PAINTERS)
"""Names of the painters, in the order of families.npy."""

UNLABELLED = ("night", "dots", "ink", "waves", "mosaic", "tartan")
"""Families whose names training never uses, so that telling them apart is a fair test of what was learnt."""

TRAINING_SEED, HELD_OUT_SEED = 10_000, 20_000


def painting(family: str, seed: int, size: int = 512) -> np.ndarray:
    """One picture [3, size, size] uint8 by a painter. The bundled style pictures have other seeds."""
    picture = PAINTERS[family][1](np.random.default_rng(seed))
    return np.asarray(to_image(picture, size)).transpose(2, 0, 1)


def dead_leaves(random: np.random.Generator, size: int = 256, shapes: int = 160) -> Tensor:
    """One picture [3, size, size] in 0..1 of ellipses, boxes and bars with shading, stripes or grain."""
    line = (torch.arange(size) + 0.5) / size
    y, x = torch.meshgrid(line, line, indexing="ij")
    tints = torch.from_numpy(random.random((int(random.integers(3, 12)), 3))).float()
    tints = torch.lerp(tints.mean(1, keepdim=True), tints, float(random.uniform(0.05, 1)) ** 1.5)  # mostly muted
    picture = tints[0][:, None, None] * torch.ones(3, size, size)
    softness = float(random.choice([1.0, 1.0, 2.5])) / size
    radii = np.sort(0.02 * random.random(shapes) ** (-0.6))[::-1].clip(max=0.6)
    for radius in radii:
        cx, cy, angle = random.random(), random.random(), random.uniform(0, math.pi)
        u = (x - cx) * math.cos(angle) + (y - cy) * math.sin(angle)
        v = (y - cy) * math.cos(angle) - (x - cx) * math.sin(angle)
        v = v * random.choice([1.0, random.uniform(1, 5)])
        away = torch.hypot(u, v) if random.random() < 0.6 else torch.maximum(u.abs(), v.abs())
        inside = ((radius - away) / softness + 0.5).clamp(0, 1)
        tint = (tints[random.integers(len(tints))] + 0.06 * torch.from_numpy(random.standard_normal(3))).float()
        picture = torch.lerp(picture, (tint[:, None, None] * _surface(random, u, v, radius)).clamp(0, 1), inside)
    return picture


def _surface(random: np.random.Generator, u: Tensor, v: Tensor, radius: float) -> Tensor:
    """Brightness of a shape around 1: plain, shaded like a ball, striped, or grained."""
    light = 1 + random.uniform(-0.5, 0.5) * (u + v) / radius
    kind = random.random()
    if kind < 0.25:
        wave = random.uniform(0.015, 0.1)
        light = light + random.uniform(0.1, 0.5) * torch.sin(2 * math.pi * u / wave)
    elif kind < 0.5:
        light = light + random.uniform(0.05, 0.4) * _grain(random, u.shape[0])
    return light.clamp(0, 2)


def _grain(random: np.random.Generator, size: int) -> Tensor:
    """Noise [size, size] of deviation 1 whose amplitude falls with frequency, as it does in nature."""
    white = torch.from_numpy(random.standard_normal((size, size))).float()
    down, across = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
    shape = (down.square() + across.square()).sqrt().clamp(min=1 / size) ** -random.uniform(0.3, 1.2)
    grain = torch.fft.irfft2(torch.fft.rfft2(white) * shape, s=(size, size))
    return (grain - grain.mean()) / grain.std()


def _keep(path: Path, array: np.ndarray) -> None:
    """Writes a file in one piece."""
    with path.with_suffix(".new").open("wb") as file:
        np.save(file, array)
    os.replace(path.with_suffix(".new"), path)


def paint(folder: Path, rounds: int) -> None:
    """Adds rounds of paintings until there are `rounds`; training may start on what is there."""
    pictures = list(np.load(folder / "paintings.npy")) if (folder / "paintings.npy").exists() else []
    for number in range(len(pictures) // len(FAMILIES), rounds):
        pictures += [painting(family, TRAINING_SEED + number) for family in FAMILIES]
        _keep(folder / "families.npy", np.arange(len(pictures)) % len(FAMILIES))
        _keep(folder / "paintings.npy", np.stack(pictures))


@torch.no_grad()
def draw_puppets(generator: Path, count: int) -> np.ndarray:
    """What the embedded generator draws, [count, 3, s, s] uint8."""
    from training.generator.student import read_generator

    net = read_generator(generator)
    drawn = [net(z).clamp(-1, 1) for z in net.z(range(700_000, 700_000 + count)).split(16)]
    return ((torch.cat(drawn) + 1) * 127.5).round().to(torch.uint8).numpy()


class Pictures:
    """The unlabelled pictures of a folder, as random crops."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sets = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("leaves", "puppets")}
        self.refresh()

    def refresh(self) -> None:
        """Takes in what was painted since the last time."""
        self.families = np.load(self.folder / "families.npy")
        self.sets["paintings"] = np.load(self.folder / "paintings.npy", mmap_mode="r")

    def draw(self, random: np.random.Generator, name: str, count: int, size: int) -> tuple[Tensor, Tensor]:
        """Crops [count, 3, size, size] in -1..1 of random scale, mirrored and recoloured, and their pictures' rows."""
        rows = random.integers(0, len(self.sets[name]), count)
        return torch.stack([recolour(crop(self.sets[name][row], random, size), random) for row in rows]), torch.tensor(
            rows
        )

    def labels(self, rows: Tensor) -> Tensor:
        """Family of each painting, -100 (which losses ignore) where training must not know it."""
        known = torch.tensor([-100 if name in UNLABELLED else n for n, name in enumerate(FAMILIES)])
        return known[torch.from_numpy(self.families)[rows]]


def crop(picture: np.ndarray, random: np.random.Generator, size: int) -> Tensor:
    """A random square of a picture [3, h, h] uint8, at least `size` where it can be, as [3, size, size] in -1..1."""
    whole = picture.shape[-1]
    side = round(whole * float(random.uniform(min(1.0, size / whole), 1.0)) ** 1.5)
    side = max(side, min(size, whole) * 3 // 4)
    top, left = random.integers(0, whole - side + 1, 2)
    piece = torch.from_numpy(picture[:, top : top + side, left : left + side].astype(np.float32))
    piece = functional.interpolate(piece[None], (size, size), mode="bilinear", antialias=True, align_corners=False)[0]
    return (piece.flip(-1) if random.random() < 0.5 else piece) / 127.5 - 1


def recolour(picture: Tensor, random: np.random.Generator) -> Tensor:
    """A picture in -1..1 with its channels swapped at times, its colours turned and its contrast changed a little."""
    if random.random() < 0.3:
        picture = picture[torch.from_numpy(random.permutation(3))]
    mix = torch.eye(3) + 0.12 * torch.from_numpy(random.standard_normal((3, 3))).float()
    mix = mix / mix.sum(1, keepdim=True)
    gain, offset = float(random.uniform(0.7, 1.2)), float(random.uniform(-0.15, 0.15))
    return (torch.einsum("ij,jhw->ihw", mix, picture) * gain + offset).clamp(-1, 1)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=10, help="pictures of each painter")
    parser.add_argument("--leaves", type=int, default=800)
    parser.add_argument("--puppets", type=int, default=1500)
    parser.add_argument("--generator", type=Path, default=Path("assets/weights/puppets_128"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    paint(args.out, 1)
    if not (args.out / "leaves.npy").exists():
        leaves = [(dead_leaves(np.random.default_rng(n)) * 255).round().to(torch.uint8) for n in range(args.leaves)]
        _keep(args.out / "leaves.npy", torch.stack(leaves).numpy())
    if not (args.out / "puppets.npy").exists():
        _keep(args.out / "puppets.npy", draw_puppets(args.generator, args.puppets))
    paint(args.out, args.rounds)


if __name__ == "__main__":
    main()
