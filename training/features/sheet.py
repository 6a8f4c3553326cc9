"""A sheet of what the feature network can do: ``python -m training.features.sheet --out docs/research/puppets``.

features.webp: on top pictures that training never saw and what the decoders make of relu1_1 … relu4_1; below contents
(first column) in the manner of bundled style pictures (first row): each once by an exchange of means and deviations at
relu4_1, and once by whitening and colouring from relu4_1 to relu1_1.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from nets.features import Decoders, FeatureNet, adain, whiten_colour
from training.features.data import HELD_OUT_SEED, painting
from training.features.export import read_decoders, read_features
from training.features.figures import decoded
from training.puppets import Renderer, sample
from training.puppets.sheet import save, sheet

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SAMPLES = ASSETS / "samples"
SEED, SIZE = 900_501, 256
STYLES = ("night", "glass", "waves", "pencil")


def fitted(picture: Image.Image, size: int = SIZE) -> Tensor:
    """A picture [3, size, size] in -1..1, cut to a square."""
    square = ImageOps.fit(picture.convert("RGB"), (size, size), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).float() / 127.5 - 1


def photographs(names: str = "chelsea coffee astronaut", size: int = SIZE) -> Tensor:
    """Bundled photographs [n, 3, size, size] in -1..1. Training saw none."""
    return torch.stack([fitted(Image.open(SAMPLES / f"{name}.webp"), size) for name in names.split()])


@torch.no_grad()
def restyled(net: FeatureNet, decoders: Decoders, content: Tensor, style: Tensor, strength: float = 1.0) -> Tensor:
    """Contents [n, 3, h, w] with the statistics of one style [1, 3, h', w'] at relu4_1, in -1..1."""
    own, theirs = net(content, 4)[-1], net(style, 4)[-1]
    return decoders.styled(adain(own, theirs, strength), *content.shape[2:]).clamp(-1, 1)


@torch.no_grad()
def recoloured(net: FeatureNet, decoders: Decoders, content: Tensor, style: Tensor) -> Tensor:
    """Contents with the covariances of one style, level by level from relu4_1 (Li et al. 2017, figure 1c)."""
    for tap, eps in ((4, 0.3), (3, 0.1), (2, 0.1), (1, 0.01)):
        moved = whiten_colour(net(content, tap)[-1], net(style, tap)[-1], eps=eps)
        content = decoders.plain[tap - 1](moved, *content.shape[2:]).clamp(-1, 1)
    return content


def reconstructions(net: FeatureNet, decoders: Decoders, renders: Tensor) -> list[Tensor]:
    """Rows of a picture followed by its four reconstructions."""
    shown = torch.cat([renders[:1], photographs()[:1], torch.from_numpy(_painted("oil"))[None]])
    columns = [shown, *decoded(net, decoders, shown)]
    return [column[n] for n in range(len(shown)) for column in columns]


def _painted(family: str) -> np.ndarray:
    picture = painting(family, HELD_OUT_SEED, SIZE).astype(np.float32) / 127.5 - 1
    return np.asarray(picture)


def exchanges(net: FeatureNet, decoders: Decoders, contents: Tensor, styles: Tensor) -> list[Tensor]:
    """The styles in the first row, contents in the first column, each pair where they meet, in two ways."""
    blank = torch.ones_like(contents[0])
    rows = [blank, *styles]
    means, covariances = ([way(net, decoders, contents, s[None]) for s in styles] for way in (restyled, recoloured))
    for n, content in enumerate(contents):
        rows += [content, *(column[n] for column in means), blank, *(column[n] for column in covariances)]
    return rows


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=ASSETS / "weights" / "puppets_features")
    parser.add_argument("--styles", type=Path, default=ASSETS / "styles")
    parser.add_argument("--names", default=" ".join(STYLES))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    net, decoders = read_features(args.weights), read_decoders(args.weights)
    renders = Renderer()(sample(SEED, 2), SIZE).rgb * 2 - 1
    names = args.names.split()
    styles = torch.stack([fitted(Image.open(args.styles / f"{name}.webp")) for name in names])
    contents = torch.cat([renders, photographs()[:1]])
    above = reconstructions(net, decoders, renders)
    below = exchanges(net, decoders, contents, styles)
    width, blank = max(5, len(names) + 1), torch.ones(3, SIZE, SIZE)
    filled = [
        p
        for row in range(0, len(below), len(names) + 1)
        for p in _wide(below[row : row + len(names) + 1], width, blank)
    ]
    image = sheet(torch.stack([*above, *filled]) * 0.5 + 0.5, width)
    save(
        image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS),
        args.out / "features.webp",
    )


def _wide(row: list[Tensor], width: int, blank: Tensor) -> list[Tensor]:
    return row + [blank] * (width - len(row))


if __name__ == "__main__":
    main()
