"""Fits the encoder from labels or lines to w: ``python -m training.translation.labels --run DIR``.

Pairs are drawn with the embedded generator (`training.translation.pairs`). Then all is in closed form, some minutes of
a processor: the narrow layer is a ridge regression of w and the drawings' principal components, the wide one is random
(Rahimi and Recht 2007), the last a ridge regression of w on both and on the colours.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nets.judges import Judges
from nets.label_encoder import LabelEncoder, LabelEncoderConfig, Look, colours_of, look_at_labels, look_at_lines
from nets.label_encoder.network import Head
from nets.stylegan2 import Generator
from training.generator.student import read_controls, read_generator
from training.judges.export import read_judges
from training.translation.drawings import drawn, painted
from training.translation.pairs import Pairs

HELD_OUT = 256
EVERYBODY = ("background", "skin", "nose", "eye", "iris", "brow", "upper_lip", "lower_lip", "hair", "neck", "cloth")
"""Parts whose colours may be told with lines: those of others would say that there is a beard or a hat."""
LIFTS = {"labels": (0.1, 0.08), "lines": (0.5, 0.08)}
"""For `fit`: what served held-out drawings best of 0.005 to 1."""


def looks_at(
    pairs: Pairs, index: np.ndarray, parts_names: tuple[str, ...], kind: str, flip: bool, draws: torch.Generator
) -> tuple[Look, Tensor]:
    """What the encoder sees of some pairs as drawn or painted by hand, with some of the colours, and their w."""
    pictures, parts, w = pairs.batch(index, flip)
    count = len(parts_names)
    colours = colours_of(functional.avg_pool2d(pictures, 2), parts, count)
    noise = 0.04 * torch.randn(*colours.shape[:2], 3, generator=draws)
    colours = torch.cat([colours[..., :3] + noise * colours[..., 3:], colours[..., 3:]], 2)
    colours = colours * (torch.rand(len(parts), count, 1, generator=draws) < 0.92)
    if kind == "labels":
        return look_at_labels(painted(parts, draws), colours, count), w
    told = torch.tensor([float(name in EVERYBODY) for name in parts_names])
    return look_at_lines(drawn(pictures, parts, draws), colours * told[None, :, None]), w


def ridge(x: Tensor, y: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Weight [out, in] and bias [out] of the ridge regression of y [n, out] on x [n, in].

    ``share`` of the mean variance of x is added to its covariance.
    """
    middle, target = x.mean(0), y.mean(0)
    centred = x - middle
    gram = centred.T @ centred
    gram.diagonal().add_(share * gram.diagonal().mean())
    weight = torch.linalg.solve(gram, centred.T @ (y - target)).T
    return weight, target - weight @ middle


def principal(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Weight [count, in] and bias of the first principal components of x [n, in], each with a deviation of 1."""
    middle = x.mean(0)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        _, sizes, vectors = torch.pca_lowrank(x, min(count + 16, *x.shape), niter=3)
    weight = (vectors[:, :count] / (sizes[:count] / (len(x) - 1) ** 0.5).clamp(min=1e-3)).T
    return weight, -weight @ middle


@torch.no_grad()
def fit(
    head: Head,
    seen: Tensor,
    colours: Tensor,
    w: Tensor,
    draws: torch.Generator,
    lifts: tuple[float, float] = (0.1, 0.08),
) -> None:
    """Sets all layers of a head from drawings [n, numbers], colours [n, 4 P] and standardised w [n, w_dim].

    ``lifts``: what is added to the covariances of the first and of the last regression, see `ridge`.
    """
    scale = seen.std(0).clamp(min=0.02)
    even, middle = (seen - seen.mean(0)) / scale, seen.mean(0)
    linear, offset = ridge(torch.cat([even, colours], 1), w, lifts[0])
    linear = linear[:, : even.shape[1]]  # what colours add is read beside
    rows, bias = principal(even, head.narrow.out_features - len(linear))
    weight = torch.cat([linear, rows]) / scale
    head.narrow.weight.copy_(weight)
    head.narrow.bias.copy_(torch.cat([offset, bias]) - weight @ middle)
    x = torch.cat([head.narrow(seen), colours], 1)
    spread = x.std(0).clamp(min=0.1)
    random = torch.randn(head.wide.weight.shape, generator=draws)
    random = random / random.norm(dim=1, keepdim=True) / spread
    head.wide.weight.copy_(random)
    head.wide.bias.copy_(-random @ x.mean(0) + 0.6 * torch.randn(len(random), generator=draws))
    weight, bias = ridge(head.known(seen, colours), w, lifts[1])
    head.to_w.weight.copy_(weight)
    head.to_w.bias.copy_(bias)


def gathered(pairs: Pairs, names: tuple[str, ...], kind: str, draws: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Drawings, colours and w of all pairs but the held-out ones, and of their mirror images."""
    rows = []
    for flip in (False, True):
        for index in np.array_split(np.arange(HELD_OUT, pairs.count), max(1, pairs.count // 128)):
            look, w = looks_at(pairs, index, names, kind, flip, draws)
            rows.append((look.seen, look.colours, w))
    return tuple(torch.cat(column) for column in zip(*rows, strict=True))  # type: ignore[return-value]


def fitted(pairs: Pairs, generator: Generator, judges: Judges, seed: int = 5) -> LabelEncoder:
    """The encoder for the generator's W, from pairs that are all drawn."""
    draws = torch.Generator().manual_seed(seed)
    net = LabelEncoder(LabelEncoderConfig(judges.config.parts, generator.config.w_dim))
    net.centre.copy_(pairs.w.mean(0))
    net.deviation.copy_(pairs.w.std(0).clamp(min=0.02))
    for kind in ("labels", "lines"):
        seen, colours, w = gathered(pairs, judges.config.parts, kind, draws)
        head = net.heads[kind]
        assert isinstance(head, Head)
        fit(head, seen, colours, (w - net.centre) / net.deviation, draws, LIFTS[kind])
    return net.eval().requires_grad_(False)


def main() -> None:
    """Reads the command line and fits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=6400)
    parser.add_argument("--generator", type=Path, default=Path("assets/weights/puppets_128"))
    parser.add_argument("--judges", type=Path, default=Path("assets/weights/puppets_judges"))
    args = parser.parse_args()
    generator, judges = read_generator(args.generator), read_judges(args.judges)
    pairs = Pairs(args.run / "pairs", args.pairs)
    begun = time.process_time()
    pairs.fill(generator, read_controls(args.generator), judges)
    net = fitted(pairs, generator, judges)
    seconds = round(time.process_time() - begun)
    torch.save({"net": net.state_dict(), "seconds": seconds}, args.run / "checkpoint.pt")
    print(json.dumps({"pairs": args.pairs, "seconds": seconds}))


if __name__ == "__main__":
    main()
