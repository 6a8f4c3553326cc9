"""Sheets of what the renderer and the generator do.

``python -m training.generator.gallery --weights assets/weights/puppets_128 --out docs/research/puppets``
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from nets.stylegan2 import Generator
from training.controls import features
from training.generator.directions import NAMES
from training.generator.directions_file import DIRECTIONS
from training.generator.student import read_controls, read_generator
from training.puppets import CONTROLS, INDEX, Renderer, neutral, sample, with_control
from training.puppets.sheet import save, sheet


def _unit(pictures: Tensor) -> Tensor:
    return pictures * 0.5 + 0.5


def pairs(net: Generator, folder: Path, renderer: Renderer, count: int = 16, size: int = 128) -> Tensor:
    """Rows of renders that training never saw, each above what the generator makes of their controls."""
    params = sample(2024, count)
    made = _unit(net.synthesis(net.mapping.rows(read_controls(folder)(features(params)))))
    drawn = renderer(params, size).rgb
    half = count // 2
    return torch.cat([drawn[:half], made[:half], drawn[half:], made[half:]])


def sliders(net: Generator, folder: Path, names: tuple[str, ...] = NAMES, steps: int = 5) -> Tensor:
    """One row per direction, the control swept from low to high on a puppet whose knob rests at neutral."""
    directions = load_file(folder / DIRECTIONS)
    base = with_control(with_control(neutral(), "hair_length", 0.0), "smile", 0.3)
    w = read_controls(folder)(features(base))
    rows = []
    for name in names:
        low, high = (base.new_tensor(bound) for bound in _range(name))
        offsets = torch.linspace(low, high, steps) - base[0, INDEX[name]]
        rows.append(w + offsets[:, None] * directions[name].float())
    return _unit(torch.cat([net.synthesis(net.mapping.rows(row)) for row in rows]))


def _range(name: str) -> tuple[float, float]:
    control = CONTROLS[INDEX[name]]
    return control.low, control.high


def mixing(net: Generator, coarse: int = 6, seeds: tuple[int, ...] = (3, 8, 12, 17, 21, 26)) -> Tensor:
    """Style mixing: columns give the coarse rows of w_plus (pose, shape), rows the fine ones (colour, light)."""
    w_plus = net.mapping(net.z(seeds), truncation_psi=0.8)
    originals = net.synthesis(w_plus)
    grid = [torch.ones(1, *originals.shape[1:]), originals]
    for n, fine in enumerate(w_plus[:4]):
        mixed = w_plus.clone()
        mixed[:, coarse:] = fine[coarse:]
        grid += [originals[n : n + 1], net.synthesis(mixed)]
    return _unit(torch.cat(grid))


def walk(net: Generator, seeds: tuple[int, ...] = (5, 9, 14, 30), steps: int = 8) -> Tensor:
    """Straight lines in W from puppet to puppet."""
    w = net.mapping.w(net.z(seeds))
    line = torch.linspace(0, 1, steps)[:, None]
    rows = [a + (b - a) * line for a, b in zip(w, w[1:], strict=False)]
    return _unit(net.synthesis(net.mapping.rows(torch.cat(rows))))


def larger(net: Generator, finer: Generator, folder: Path, renderer: Renderer, count: int = 6) -> Tensor:
    """Three rows: renders that training never saw, the same controls drawn and enlarged, and drawn at that size."""
    params, size = sample(2025, count), finer.config.resolution[0]
    w = read_controls(folder)(features(params))
    small = net.synthesis(net.mapping.rows(w))
    enlarged = functional.interpolate(small, size=(size, size), mode="bicubic", align_corners=False)
    drawn = finer.synthesis(finer.mapping.rows(w))
    return torch.cat([renderer(params, size).rgb, _unit(enlarged), _unit(drawn)])


HAIR = ("bun", "bun", "ponytail", "pigtails", "afro", "curl", "quiff", "hair_length")


def hair(finer: Generator, folder: Path, renderer: Renderer, names: tuple[str, ...] = HAIR) -> Tensor:
    """Two rows: renders that training never saw of puppets without a hat, one for each name, and the same drawn."""
    params = sample(2026, 800)
    shares = (params - torch.tensor([c.low for c in CONTROLS])) / torch.tensor([c.high - c.low for c in CONTROLS])
    bare, taken = shares[:, INDEX["hat"]] < 0.1, []
    for name in names:
        worn = torch.nonzero(bare & (shares[:, INDEX[name]] > 0.7))[:, 0].tolist()
        taken.append(next(number for number in worn if number not in taken))
    params, size = params[taken], finer.config.resolution[0]
    drawn = finer.synthesis(finer.mapping.rows(read_controls(folder)(features(params))))
    return torch.cat([renderer(params, size).rgb, _unit(drawn)])


@torch.no_grad()
def main() -> None:
    """Reads the command line and draws all sheets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--finer", type=Path, help="a generator of the same W that draws larger, for “larger”")
    parser.add_argument("--only", nargs="*", default=("renders", "pairs", "samples", "sliders", "mixing", "walk"))
    args = parser.parse_args()
    renderer, net = Renderer(), read_generator(args.weights) if (args.weights / "card.json").exists() else None
    if "renders" in args.only:
        save(sheet(renderer(sample(7, 40), 160).rgb, 8), args.out / "renders.webp")
    if net is None:
        return
    drawn = {
        "pairs": lambda: (pairs(net, args.weights, renderer), 8),
        "samples": lambda: (_unit(net(net.z(range(40)), truncation_psi=0.8)), 10),
        "sliders": lambda: (sliders(net, args.weights), 15),
        "mixing": lambda: (mixing(net), 7),
        "walk": lambda: (walk(net), 8),
    }
    if args.finer is not None:
        finer = read_generator(args.finer)
        drawn["larger"] = lambda: (larger(net, finer, args.weights, renderer), 6)
        drawn["hair"] = lambda: (hair(finer, args.weights, renderer), 8)
        drawn["samples_256"] = lambda: (_unit(finer(finer.z(range(24)), truncation_psi=0.8)), 6)
    for name in args.only:
        if name in drawn:
            pictures, columns = drawn[name]()
            save(sheet(pictures, columns), args.out / f"{name}.webp")


if __name__ == "__main__":
    main()
