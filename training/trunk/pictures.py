"""Pictures to practise on: ``python -m training.trunk.pictures --photographs DIR --out DIR``.

Photographs come out of a folder that you fill; nothing is downloaded. Debian's packages
``plasma-workspace-wallpapers``, ``gnome-backgrounds``, ``mate-backgrounds``, ``ukui-wallpapers``,
``lomiri-wallpapers-16.04`` and ``-20.04`` have some (``apt-get download``, then ``dpkg-deb -x``), and so have
``skimage/data`` and ``sklearn/datasets/images``. Each folder in it has a ``licence.json``: ``{"source": "what it came
with", "licence": {"pattern*.jpg": "CC-BY-4.0", "*": "…"}}``; the first pattern that fits counts. Pictures without a
licence, or with one that forbids commerce (NC) or changes (ND), are left out; so are those that the product shows
(``assets/``), or that are nearly equal to one of them or to one another.

OUT gets photographs.npz, paintings.npz (programs of `training.paintings.draw`, from seeds other than the bundled ones),
puppets.npz (from the embedded generator), leaves.npz (dead leaves, `training.features.data`, which stand in where there
are few photographs), and listed.json, which goes into the card.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from training.features.data import FAMILIES, dead_leaves, draw_puppets, painting
from training.generator.export import sha256

ASSETS = Path(__file__).resolve().parents[2] / "assets"
KINDS = ("photographs", "paintings", "puppets", "leaves")
SHORT, LEAST = 640, 200
"""Shorter side that pictures are kept at, and the least they must have."""

ALIKE = 0.93
"""Correlation of 16 x 16 grey thumbnails from which two pictures count as one."""

PAINTED_FROM = 40_000


def licence_of(path: Path, folder: Path) -> tuple[str, str]:
    """Source and licence of a picture by the nearest ``licence.json`` above it; empty where it may not be used."""
    for above in path.parents:
        if (above / "licence.json").is_file():
            said = json.loads((above / "licence.json").read_text())
            found = next((v for k, v in said["licence"].items() if fnmatch.fnmatch(path.name, k)), "")
            free = found and not re.search(r"\b(NC|ND)\b", found.upper())
            return (said["source"], found) if free else ("", "")
        if above == folder:
            break
    return "", ""


def opened(path: Path) -> np.ndarray | None:
    """A picture [h, w, 3] uint8 whose shorter side is at most SHORT; None for one that is unfit to learn from."""
    with Image.open(path) as image:
        if image.mode in ("RGBA", "LA", "PA") and np.asarray(image.convert("RGBA"))[..., 3].min() < 255:
            return None
        image = image.convert("RGB")
    if min(image.size) < LEAST:
        return None
    scale = SHORT / min(image.size)
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    pixels = np.asarray(image)
    return pixels if pixels.std() > 12 else None  # nearly plain


def thumbnails(pixels: np.ndarray) -> np.ndarray:
    """16 x 16 grey pictures of the whole and of 44 pieces of it, each of mean 0 and length 1: [45, 256]."""
    grey, rows = Image.fromarray(pixels).convert("L"), []
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        w, h = grey.width * share, grey.height * share
        for x in (0, 0.5, 1) if share < 1 else (0,):
            for y in (0, 0.5, 1) if share < 1 else (0,):
                left, top = x * (grey.width - w), y * (grey.height - h)
                piece = grey.resize((16, 16), Image.Resampling.BOX, (left, top, left + w, top + h))
                rows.append(np.asarray(piece, np.float32).ravel())
    flat = np.stack(rows) - np.mean(rows, 1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def alike(one: np.ndarray, two: np.ndarray) -> bool:
    """Whether the whole of one picture looks like the whole, or a piece, of the other; of their `thumbnails`."""
    return max(float((one[:1] @ two.T).max()), float((two[:1] @ one.T).max())) > ALIKE


def shown() -> list[tuple[str, np.ndarray]]:
    """sha256 and thumbnails of every picture of the product."""
    files = [*sorted((ASSETS / "samples").glob("*.webp")), *sorted((ASSETS / "styles").glob("*.webp"))]
    return [(sha256(file), thumbnails(np.asarray(Image.open(file).convert("RGB")))) for file in files]


def usable(folder: Path) -> Iterator[tuple[dict[str, str], np.ndarray]]:
    """The photographs of a folder that may be learnt from, each with file, sha256, source and licence."""
    forbidden, known = shown(), []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")):
        source, licence = licence_of(path, folder)
        pixels = opened(path) if licence else None
        if pixels is None:
            continue
        digest, thumbs = sha256(path), thumbnails(pixels)
        if any(digest == other or alike(thumbs, theirs) for other, theirs in forbidden):
            continue
        if any(float((thumbs[:1] @ theirs[:1].T).max()) > ALIKE for theirs in known):
            continue
        known.append(thumbs)
        yield {"file": path.name, "sha256": digest, "source": source, "licence": licence}, pixels


def painted(rounds: int) -> Iterator[tuple[dict[str, str], np.ndarray]]:
    """Paintings of every family from seeds of their own, 384 pixels."""
    for number in range(rounds):
        for family in FAMILIES:
            row = {"painter": family, "seed": str(PAINTED_FROM + number)}
            yield row, painting(family, PAINTED_FROM + number, 384).transpose(1, 2, 0)


def fallen(count: int) -> Iterator[tuple[dict[str, str], np.ndarray]]:
    """Pictures of dead leaves, 320 pixels."""
    for number in range(count):
        made = dead_leaves(np.random.default_rng(PAINTED_FROM + number), 320)
        yield {"leaves": str(number)}, (made * 255).round().byte().permute(1, 2, 0).numpy()


def keep(out: Path, kind: str, pairs: Iterator[tuple[dict[str, str], np.ndarray]]) -> list[dict[str, str]]:
    """Writes pictures of one kind, and returns what is said of them."""
    rows, pictures = [], []
    for row, pixels in pairs:
        rows.append(row)
        pictures.append(pixels)
    np.savez(out / f"{kind}.npz", *pictures)
    return rows


class Pictures:
    """The pictures of a folder, as random pieces of random scale."""

    def __init__(self, folder: Path) -> None:
        self.facts: dict[str, Any] = json.loads((folder / "listed.json").read_text())
        self.sets = {}
        for kind in (kind for kind in KINDS if (folder / f"{kind}.npz").exists()):
            with np.load(folder / f"{kind}.npz") as file:
                self.sets[kind] = [torch.from_numpy(file[name]).permute(2, 0, 1).contiguous() for name in file.files]

    def listed(self, kind: str) -> list[dict[str, str]]:
        """What the card says of one kind."""
        return self.facts[kind]

    def seen(self, each: int = 24, size: int = 64) -> Iterator[Tensor]:
        """Pieces [3, size, size] whose colours stand for those of all pictures: the same at every call."""
        random = np.random.default_rng(6)
        for kind in self.sets:
            for _ in range(each):
                yield self.piece(random, kind, size)

    def piece(self, random: np.random.Generator, kind: str, size: int) -> Tensor:
        """A square [3, size, size] in -1..1 out of a random picture, mirrored at times; never enlarged where it can."""
        rows = self.sets[kind]
        picture = rows[int(random.integers(len(rows)))]
        short = min(picture.shape[1:])
        side = round(short * (min(size, short) / short) ** float(random.uniform(0, 1) ** 1.3))
        top, left = (int(random.integers(0, n - side + 1)) for n in picture.shape[1:])
        piece = picture[:, top : top + side, left : left + side].float()
        piece = functional.interpolate(piece[None], (size, size), mode="bilinear", antialias=True)[0]
        return (piece.flip(-1) if random.random() < 0.5 else piece) / 127.5 - 1

    def batch(self, random: np.random.Generator, counts: dict[str, int], size: int) -> Tensor:
        """That many pieces of each kind."""
        rows = [self.piece(random, kind, size) for kind, count in counts.items() for _ in range(count)]
        return torch.stack(rows).contiguous(memory_format=torch.channels_last)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=6, help="paintings of each painter")
    parser.add_argument("--puppets", type=int, default=300)
    parser.add_argument("--leaves", type=int, default=0, help="pictures of dead leaves")
    parser.add_argument("--generator", type=Path, default=ASSETS / "weights" / "puppets_128")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    facts: dict[str, Any] = {"photographs": keep(args.out, "photographs", usable(args.photographs))}
    if not facts["photographs"]:
        raise SystemExit(f"{args.photographs} holds no picture with a licence that allows it. See --help.")
    facts["paintings"] = keep(args.out, "paintings", painted(args.rounds))
    drawn = ({"puppet": str(n)} for n in range(args.puppets))
    keep(args.out, "puppets", zip(drawn, draw_puppets(args.generator, args.puppets).transpose(0, 2, 3, 1), strict=True))
    facts["puppets"] = {"generator": args.generator.name, "count": args.puppets}
    if args.leaves:
        keep(args.out, "leaves", fallen(args.leaves))
        facts["leaves"] = {"count": args.leaves}
    (args.out / "listed.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    print({kind: len(facts[kind]) for kind in ("photographs", "paintings")})


if __name__ == "__main__":
    main()
