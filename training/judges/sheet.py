"""Sheets of what the judges read and what inversion gives.

``python -m training.judges.sheet --out docs/research/puppets``

judges.webp has renders and generated pictures, each above its landmarks (visible ones bright) and its parts.
inversion.webp has renders above their inversion by the encoder, by optimisation from there, and by pivotal tuning.
"""

from __future__ import annotations

import argparse
import colorsys
from collections import deque
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional

from nets.inversion import PyramidDistance, WeightedSum, optimise, pivotal_tuning
from nets.judges import FeatureDistance, Judges, Reading
from training.controls import features
from training.encoder.export import read_encoder
from training.generator.student import read_controls, read_generator
from training.judges.export import read_judges
from training.judges.figures import readings
from training.puppets import INDEX, Renderer, sample, with_control
from training.puppets.paint import PARTS

SEED = 900_401
SIZE = 192


def pixels(pictures: Tensor) -> list[np.ndarray]:
    """Pictures in -1..1 as uint8 [SIZE, SIZE, 3] each."""
    large = functional.interpolate(pictures, (SIZE, SIZE), mode="bicubic").clamp(-1, 1)
    return list(((large + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy())


def dotted(picture: np.ndarray, points: Tensor, seen: Tensor) -> np.ndarray:
    """A picture with its landmarks [L, 2] in 0..1: white where visible, else dark."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for (x, y), visible in zip((points * SIZE).tolist(), seen.tolist(), strict=True):
        colour = (255, 255, 255) if visible > 0.5 else (70, 40, 120)
        draw.ellipse((x - 1.6, y - 1.6, x + 1.6, y + 1.6), fill=colour, outline=(20, 20, 40))
    return np.asarray(image)


def coloured(parts: Tensor) -> np.ndarray:
    """Part probabilities [P, h, w] as one colour a part."""
    large = functional.interpolate(parts[None], (SIZE, SIZE), mode="bilinear")[0].argmax(0).numpy()
    table = [colorsys.hsv_to_rgb(n * 0.381 % 1, 0.45 + 0.3 * (n % 2), 0.95) for n in range(len(PARTS))]
    table[0] = (0.93, 0.93, 0.93)
    palette = (np.array(table) * 255).astype(np.uint8)
    return np.asarray(palette[large])


def judged(judges: Judges, pictures: Tensor) -> np.ndarray:
    """Three rows: the pictures, their landmarks, their parts."""
    found: Reading = readings(judges, pictures)
    plain = pixels(pictures)
    points = found.landmarks / judges.config.size
    dots = [dotted(*row) for row in zip(plain, points, found.visibility, strict=True)]
    rows = (plain, dots, [coloured(parts) for parts in found.parts])
    return np.concatenate([np.concatenate(row, 1) for row in rows])


def inversions(weights: Path, judges: Judges, pictures: Tensor, steps: int) -> np.ndarray:
    """Four rows: the pictures, encoded, optimised, tuned."""
    generator, encoder = read_generator(weights / "puppets_128"), read_encoder(weights / "puppets_encoder")
    rows: list[list[Tensor]] = [[], [], []]
    for picture in pictures.split(1):
        distance = WeightedSum([(1.0, PyramidDistance()), (1.0, FeatureDistance(judges))])
        start = encoder(picture)
        found = deque(
            optimise(
                generator, picture, start, steps=steps, learning_rate=0.1, distance=distance, spread=encoder.deviation
            ),
            maxlen=1,
        )[0]
        tuned = deque(
            pivotal_tuning(generator, picture, found.w_plus, steps=steps, learning_rate=3e-3, distance=distance),
            maxlen=1,
        )[0]
        for row, image in zip(rows, (generator.synthesis(start), found.image, tuned.image), strict=True):
            row.append(image)
    stacked = [pictures, *(torch.cat(row) for row in rows)]
    return np.concatenate([np.concatenate(pixels(row), 1) for row in stacked])


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=Path("assets/weights"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--only", choices=["judges", "inversion"])
    args = parser.parse_args()
    judges = read_judges(args.weights / "puppets_judges")
    params = sample(SEED, args.count)
    if args.only != "inversion":
        net, controls = (read(args.weights / "puppets_128") for read in (read_generator, read_controls))
        with torch.no_grad():
            drawn = net.synthesis(net.mapping.rows(controls(features(params)))).clamp(-1, 1)
        half = args.count // 2
        rendered = Renderer()(params[:half], 128).rgb * 2 - 1
        image = judged(judges, torch.cat([rendered, drawn[:half]]))
        Image.fromarray(image).save(args.out / "judges.webp", quality=88, method=6)
    if args.only != "judges":
        turned = with_control(params, "yaw", torch.linspace(-0.7, 0.7, args.count))
        turned[:, INDEX["gaze_x"]] = 0
        image = inversions(args.weights, judges, Renderer()(turned, 128).rgb * 2 - 1, args.steps)
        Image.fromarray(image).save(args.out / "inversion.webp", quality=88, method=6)


if __name__ == "__main__":
    main()
