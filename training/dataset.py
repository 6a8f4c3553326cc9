"""Renders a training set into memory maps: ``python -m training.dataset --out DIR --count 16000 --size 128``.

DIR holds latents.npy [n, Z_DIM] and params.npy [n, len(NAMES)] float32, images.npy [n, 3, s, s] and parts.npy [n, s, s]
uint8. ``--oftener bun=20 hat=1`` chooses puppets that wear what few wear (`training.shares`), after the first `PLAIN`.
Several processes may share the work (``--shard 0/2``, ``--shard 1/2``); a shard resumes where it stopped, and training
may start while shards run, on what `Dataset.finished` names.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.puppets import Renderer, from_latent
from training.shares import chosen

BATCH = 16
PLAIN = 128
"""So many pictures at the beginning of a set are as latents come: those are held out."""


class Dataset:
    """A rendered set on disk, complete or still growing."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.params = torch.from_numpy(np.load(self.folder / "params.npy"))
        self.images = np.load(self.folder / "images.npy", mmap_mode="r")
        self.parts = np.load(self.folder / "parts.npy", mmap_mode="r")

    def __len__(self) -> int:
        return len(self.params)

    def finished(self) -> np.ndarray:
        """Numbers of the pictures that are complete, ascending; more of them while shards still run."""
        done = np.zeros(len(self), bool)
        for path in self.folder.glob("shard-*-of-*"):
            shard, shards = (int(word) for word in path.name.split("-")[1::2])
            batch = np.arange(len(self)) // BATCH
            done |= (batch % shards == shard) & (np.arange(len(self)) < int(path.read_text()))
        return np.flatnonzero(done)

    def batch(self, index: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """Controls [n, k], images [n, 3, s, s] in -1..1 and part numbers [n, s, s] of the given pictures."""
        images = torch.from_numpy(self.images[index].astype(np.float32) / 127.5 - 1)
        return self.params[torch.from_numpy(index)], images, torch.from_numpy(self.parts[index].astype(np.int64))


def _open(path: Path, shape: tuple[int, ...]) -> np.memmap:
    mode = "r+" if path.exists() else "w+"
    return np.lib.format.open_memmap(path, mode=mode, dtype=np.uint8, shape=shape)  # type: ignore[no-any-return]


def render(
    folder: Path,
    count: int,
    size: int,
    seed: int,
    shard: tuple[int, int],
    device: str,
    compiled: bool,
    supersample: int = 2,
    oftener: Mapping[str, float] | None = None,
) -> None:
    """Renders every ``shard[1]``-th batch, starting with number ``shard[0]``."""
    folder.mkdir(parents=True, exist_ok=True)
    z = chosen(count, seed, oftener or {}, PLAIN)
    params = from_latent(z)
    if not (folder / "params.npy").exists():
        np.save(folder / "latents.npy", z.numpy())
        np.save(folder / "params.npy", params.numpy())
    images, parts = (
        _open(folder / "images.npy", (count, 3, size, size)),
        _open(folder / "parts.npy", (count, size, size)),
    )
    renderer = Renderer(device, compiled, supersample)
    mark = folder / f"shard-{shard[0]}-of-{shard[1]}"
    first = int(mark.read_text()) // BATCH if mark.exists() else shard[0]
    for number in range(first, -(-count // BATCH)):
        if number % shard[1] != shard[0]:
            continue
        rows = slice(number * BATCH, min((number + 1) * BATCH, count))
        frame = renderer(params[rows], size)
        images[rows] = (frame.rgb * 255).round().to(torch.uint8).cpu().numpy()
        parts[rows] = frame.parts.cpu().numpy()
        temporary = mark.with_name(mark.name.replace("shard", "new"))
        temporary.write_text(str(min((number + shard[1]) * BATCH, count)))
        os.replace(temporary, mark)
    mark.write_text(str(count))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=16000)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shard", default="0/1", help="k/n: this process renders every n-th batch from the k-th on")
    parser.add_argument("--supersample", type=int, default=2, help="1 for pictures that training will halve anyway")
    parser.add_argument("--oftener", nargs="*", default=[], help="controls and how much oftener: bun=20 ponytail=4")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--eager", action="store_true", help="do not compile (slower, but starts at once)")
    args = parser.parse_args()
    number, shards = args.shard.split("/")
    shard = int(number), int(shards)
    oftener = {name: float(more) for name, more in (word.split("=") for word in args.oftener)}
    render(args.out, args.count, args.size, args.seed, shard, args.device, not args.eager, args.supersample, oftener)


if __name__ == "__main__":
    main()
