"""``python -m training.puppets sheet|sliders|labels|render``: looks at the puppet world."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor

from training.puppets import CONTROLS, Renderer, neutral, sample, with_control
from training.puppets.labels import grey, label
from training.puppets.sheet import save, sheet

NEEDS = {
    "glasses_round": "glasses", "glasses_tint": "glasses", "glasses_colour": "glasses", "hat_brim": "hat",
    "hat_visor": "hat", "hat_colour": "hat", "earring_colour": "earrings", "lipstick_colour": "lipstick",
    "eye_shadow_colour": "eye_shadow", "ponytail_side": "ponytail",
}  # fmt: skip
"""Controls that show only when another one is up."""


def slider_ends(name: str) -> Tensor:
    """The neutral puppet with one control at its lowest and at its highest, [2, len(NAMES)]."""
    base = with_control(neutral(), "hair_length", 0.0)
    if name in NEEDS:
        base = with_control(base, NEEDS[name], 1.0)
    control = next(c for c in CONTROLS if c.name == name)
    return torch.cat([with_control(base, name, control.low), with_control(base, name, control.high)])


def _sliders(renderer: Renderer, size: int) -> Tensor:
    return torch.cat([renderer(slider_ends(c.name), size).rgb for c in CONTROLS])


def _labels(renderer: Renderer, params: Tensor, size: int) -> Tensor:
    """Rows of pictures: render, parts, instances, depth, edges, landmarks, grey."""
    frame = renderer(params, size)
    told = label(params, frame)
    hues = torch.rand(40, 3, generator=torch.Generator().manual_seed(4)) * 0.8 + 0.2
    hues[:2] = 0
    flat = [hues[m.long()].permute(0, 3, 1, 2) for m in (frame.parts * 2, told.instances)]
    depth = torch.where(frame.depth > 0, (8.2 - frame.depth) / 2.4, 0 * frame.depth)[:, None].expand_as(frame.rgb)
    dots = frame.rgb.clone()
    for n, (points, seen) in enumerate(zip(told.landmarks, told.visible, strict=True)):
        for (x, y), visible in zip(points.int().tolist(), seen.tolist(), strict=True):
            if 0 < x < size - 1 and 0 < y < size - 1:
                dots[n, :, y - 1 : y + 1, x - 1 : x + 1] = torch.tensor([0.0, 1, 0] if visible else [1.0, 0, 0])[
                    :, None, None
                ]
    return torch.cat([frame.rgb, *flat, depth.clamp(0, 1), told.edges.expand_as(frame.rgb), dots, grey(frame.rgb)])


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.puppets", description=__doc__)
    parser.add_argument("what", choices=("sheet", "sliders", "labels", "render"))
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("-o", "--out", type=Path, default=Path("puppets.png"))
    args = parser.parse_args()
    renderer, params = Renderer(args.device), sample(args.seed, args.count)
    if args.what == "render":
        args.out.mkdir(parents=True, exist_ok=True)
        for n in range(args.count):
            save(sheet(renderer(params[n : n + 1], args.size).rgb, 1), args.out / f"{args.seed}_{n:05d}.png")
    elif args.what == "sliders":
        save(sheet(_sliders(renderer, args.size), 2 * args.columns), args.out)
    elif args.what == "labels":
        save(sheet(_labels(renderer, params, args.size), args.count), args.out)
    else:
        save(sheet(renderer(params, args.size).rgb, args.columns), args.out)


if __name__ == "__main__":
    main()
