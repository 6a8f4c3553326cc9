"""Trains the network that doubles pictures: ``python -m training.translation.enlarger --pictures DIR --run DIR``.

SRGAN's losses (Ledig et al. 2017): pixels, a trunk's features, and a discriminator, on Real-ESRGAN's compact network
(Wang et al. 2021), which does all work at the small size. DIR was filled by `training.trunk.pictures`; its photographs
come oftenest, renders and paintings beside them, since people enlarge what other editors made. Small pictures are made
of large ones by one of three filters, at times a little blurred, noisy or saved as a JPEG: so that its blocks are
smoothed, not sharpened.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor, nn

from nets.features import FeatureNet
from nets.translation import Compact, PatchGan
from nets.translation.doubling import CompactConfig
from training.translation.loop import Contest, Losses, Pace, in_half, time_arguments, train
from training.translation.worlds import rendered_into
from training.trunk.convert import read_trunk
from training.trunk.pictures import Pictures

CONFIG = CompactConfig(2, 48, 10)
SEED, SIDE, COUNT = 5105, 256, 50
"""Of the renders."""
PIECE, BATCH = 112, 4
PACE = Pace(1e-3, 2e-4, 0.998, muon=True)
PIXELS, FEATURES, REAL = 20.0, 1.5, 0.2
"""Weights of the losses."""
ALONE = 0.4
"""Share of the time in which pixels alone count: those steps are quick."""
SHARES = {"photographs": 0.6, "puppets": 0.25, "paintings": 0.15}
"""How often each kind of picture comes."""
FILTERS = (Image.Resampling.BOX, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def fresh() -> Compact:
    """The network before training: it repeats pixels."""
    net = CONFIG.build()
    nn.init.zeros_(net.last.weight)
    return net


def halved(piece: Image.Image, random: np.random.Generator) -> Image.Image:
    """A picture at half the size, as it might have come about."""
    if random.random() < 0.3:
        piece = piece.filter(ImageFilter.GaussianBlur(float(random.uniform(0.3, 0.9))))
    how = FILTERS[int(random.choice(len(FILTERS), p=(0.25, 0.45, 0.3)))]
    small = piece.resize((piece.width // CONFIG.scale, piece.height // CONFIG.scale), how)
    if random.random() < 0.15:
        grain = random.normal(0, random.uniform(0.5, 3), (small.height, small.width, 3))
        small = Image.fromarray((np.asarray(small) + grain).round().clip(0, 255).astype(np.uint8))
    if random.random() < 0.3:
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=int(random.integers(60, 96)), subsampling=int(random.integers(0, 3)))
        small = Image.open(buffer).convert("RGB")
    return small


def tensor(image: Image.Image) -> Tensor:
    """[3, h, w] in 0..1."""
    return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float() / 255


class Doubling(Contest):
    """The compact network against a discriminator of pieces.

    Args:
        pictures: uint8 [h, w, 3] by kind, the kinds of `SHARES`.
        trunk: whose features count.
    """

    def __init__(self, pictures: dict[str, list[np.ndarray]], trunk: FeatureNet, seed: int = 7) -> None:
        torch.manual_seed(seed)
        self.pictures, self.trunk = pictures, trunk
        judge = PatchGan(3, width=32, layers=2, norm="none")
        super().__init__(fresh(), judge, PACE, seed=seed)
        self.now: tuple[Tensor, Tensor] | None = None

    def drawn(self) -> tuple[Tensor, Tensor]:
        """Small pieces [n, 3, p / 2, p / 2] and the true ones [n, 3, p, p], in 0..1."""
        rows = []
        for kind in self.random.choice(list(SHARES), BATCH, p=list(SHARES.values())):
            members = self.pictures[str(kind)]
            picture = members[int(self.random.integers(len(members)))]
            top, left = (int(self.random.integers(0, length - PIECE + 1)) for length in picture.shape[:2])
            piece = picture[top : top + PIECE, left : left + PIECE]
            piece = np.rot90(piece, int(self.random.integers(4)))
            image = Image.fromarray(np.ascontiguousarray(piece if self.random.random() < 0.5 else piece[:, ::-1]))
            rows.append((tensor(halved(image, self.random)), tensor(image)))
        small, large = (torch.stack(column) for column in zip(*rows, strict=True))
        last = torch.channels_last
        return small.contiguous(memory_format=last), large.contiguous(memory_format=last)

    def features(self, made: Tensor, wanted: Tensor) -> Tensor:
        """Mean difference of the trunk's features at three depths, of two of the pieces."""
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                old = self.trunk(2 * wanted[:2] - 1, 3)
            new = self.trunk(2 * made[:2] - 1, 3)
        return torch.stack([(a.float() - b.float()).abs().mean() for a, b in zip(old, new, strict=True)]).mean()

    def makers_losses(self, share: float) -> Losses:
        """Of pixels, features and the discriminator."""
        small, large = self.drawn()
        made = in_half(self.maker, small)
        pixels = {"pixels": PIXELS * (made - large).abs().mean()}
        self.now = None if share < ALONE else (large, made.detach())
        if self.now is None:
            return pixels
        return pixels | {
            "features": FEATURES * self.features(made, large),
            "real": REAL * (in_half(self.judge, 2 * made - 1) - 1).square().mean(),
        }

    def judges_losses(self) -> Losses:
        """Of true pieces and of those made, by least squares; nothing before its time."""
        if self.now is None:
            return {}
        large, made = self.now
        real, false = in_half(self.judge, 2 * large - 1), in_half(self.judge, 2 * made - 1)
        return {"judge": ((real - 1).square().mean() + false.square().mean()) / 2}


def gathered(known: Pictures, run: Path) -> dict[str, list[np.ndarray]]:
    """Pictures by kind that are large enough; renders are made where they are missing."""
    found = {
        kind: [one.permute(1, 2, 0).numpy() for one in known.sets[kind] if min(one.shape[1:]) >= PIECE]
        for kind in ("photographs", "paintings")
    }
    renders, _ = rendered_into(run, SEED, COUNT, SIDE)
    return found | {"puppets": list(renders.permute(0, 2, 3, 1).numpy())}


def main() -> None:
    """Reads the command line and trains; a run that was ended goes on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    time_arguments(parser, 420)
    parser.add_argument("--trunk", type=Path, default=Path("assets/weights/vgg16_edges"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    known = Pictures(args.pictures)
    pictures = gathered(known, args.run)
    contest = Doubling(pictures, read_trunk(args.trunk))
    facts = {
        "pictures": {kind: len(rows) for kind, rows in pictures.items()},
        "photographs": known.listed("photographs"),
    }
    train(contest, args.seconds, args.run / "enlarger.pt", facts, args.until)


if __name__ == "__main__":
    main()
