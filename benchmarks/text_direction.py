"""What text directions cost, with a CLIP of the published size, and whether they do what the words say.

    python benchmarks/text_direction.py [--quick] [--json]

Cost: processor seconds, which another load does not change, of CLIP ViT-B/32 (published sizes but for the vocabulary,
random weights) per picture and per description, of the embedded generator per picture, and from these the time that the
table of style channels takes per picture. Effect: with the CLIP of tests/text, which knows red, green and blue, the
texts “red face” and “blue face”: how much redder (or bluer) fresh pictures become against the change of the other
colours, how many channels that takes, and the share of the edit in style space that W+ cannot realise. --quick takes
the small generator of the tests, else it is the embedded one. Loss: what W+ cannot realise of random changes of 5, 40
and 300 style channels of the embedded generator, and how far the RGB layers' styles drift: held, as the editor does,
and free.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from editors.text_direction.effects import Effects
from editors.text_direction.method import direction, relevance, shifted
from facet.stylegan import generator_nets
from nets.clip import Clip, Tokenizer, described
from nets.clip.config import B32
from nets.clip.prompts import sentences
from nets.directions import spread
from nets.stylegan2 import Generator
from nets.stylegan2.contents import from_contents
from nets.stylegan2.sampling import codes, pictures
from nets.stylegan2.styles import deviations, style_rows, towards
from registry.weights import load_net
from tests.text.colour_clip import COLOURS, colour_clip, small_generator
from tests.text.vocabulary import small_tokenizer


def seconds(work: Callable[[], object], times: int) -> float:
    """The least processor time of several."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


@torch.no_grad()
def cost(generator: Generator, tokenizer: Tokenizer, times: int) -> dict[str, float]:
    """Milliseconds of one picture and of one description, and minutes of the embedded generator's table."""
    torch.manual_seed(0)
    clip = Clip(replace(B32, vocabulary=tokenizer.end + 1)).eval()
    batch, tokens = torch.rand(8, 3, 128, 128), tokenizer(sentences("smiling face"))
    see = seconds(lambda: clip.embed_pictures(batch), times) / len(batch)
    read = seconds(lambda: clip.embed_texts(tokens), times)
    code = codes(generator, [0], 0.7)
    draw = seconds(lambda: shifted(generator, code, {0: torch.zeros(8, 192)}), times) / 8
    channels = sum(len(conv.style.bias) for block in generator.synthesis.blocks.values() for conv in _convs(block))
    table = 2 * channels * (see + draw)
    return {"clip_ms": 1e3 * see, "text_ms": 1e3 * read, "draw_ms": 1e3 * draw, "channels": channels, "table_s": table}


def _convs(block: Any) -> list[Any]:
    return [block.conv1] if block.conv0 is None else [block.conv0, block.conv1]


@torch.no_grad()
def effect(generator: Generator, tokenizer: Tokenizer, seen: int, beta: float, strength: float) -> list[dict[str, Any]]:
    """One row per colour: what moving along its text does to 24 fresh pictures."""
    clip = colour_clip(tokenizer)
    known = Effects(generator, clip.embed_pictures, {"generator": str(generator.config.resolution), "clip": "colours"})
    for at in range(seen * len(known.rows)):
        known.find(*divmod(at, len(known.rows)), lambda: None)
    fresh, rows = codes(generator, range(500, 524), 0.7), []
    before = pictures(generator, fresh).mean((2, 3))
    for number, name in ((0, "red"), (2, "blue")):
        text = described(clip, tokenizer, f"{name} face") - described(clip, tokenizer, "face")
        scores = relevance(known.by_row(seen), text / text.norm())
        found = direction(scores, beta, known.rows, known.covariance, fresh.shape[1])
        if found is None:
            continue
        change = 255 * (pictures(generator, fresh + strength * found.vector).mean((2, 3)) - before)
        others = [channel for channel in range(3) if channel != number]
        rows.append(
            {
                "text": f"{name} face",
                "channels": found.channels,
                "left_over": found.left_over,
                "raised": (change[:, number] > change[:, others].mean(1)).float().mean().item(),
                **{f"{colour}_levels": change[:, at].mean().item() for at, colour in enumerate(COLOURS)},
            }
        )
    return rows


@torch.no_grad()
def loss(generator: Generator) -> list[dict[str, float]]:
    """Shares of |Δs|² by number of channels and weight of the RGB layers, for one fixed random choice each."""
    rows, covariance = style_rows(generator), spread(generator.mapping.w(generator.z(range(2048))))[1]
    sizes, found = [len(row.matrix) for row in rows], []
    for count in (5, 40, 300):
        random = torch.Generator().manual_seed(1)
        change = torch.zeros(sum(sizes), dtype=torch.float64)
        change[torch.randperm(len(change), generator=random)[:count]] = torch.randn(count, generator=random).double()
        wanted = {row.row: part for row, part in zip(rows, change.split(sizes), strict=True)}
        for held in (0.3, 0.0):
            vector, left_over = towards(rows, wanted, covariance, generator.config.num_ws, rgb_weight=held)
            moved = [
                row.rgb @ vector[row.row].double() / deviations(row.rgb, covariance)
                for row in rows
                if row.rgb is not None
            ]
            drift = float(torch.cat(moved).square().sum() / change.square().sum())
            found.append({"channels": count, "rgb_weight": held, "left_over": left_over, "rgb_drift": drift})
    return found


def main() -> None:
    """Print all parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the small generator, few repetitions")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    found = parser.parse_args()
    tokenizer = small_tokenizer()
    puppets = load_net(generator_nets(from_contents)[0]).module
    with tempfile.TemporaryDirectory() as home:
        os.environ["FACET_HOME"] = home
        lost = loss(puppets)
        price = cost(puppets, tokenizer, 1 if found.quick else 3)
        rows = (
            effect(small_generator(), tokenizer, 6, beta=0.3, strength=1.0)
            if found.quick
            else effect(puppets, tokenizer, 2, beta=0.3, strength=4.0)
        )
    if found.json:
        print(json.dumps({"threads": torch.get_num_threads(), **price, "effect": rows, "loss": lost}))
        return
    print("processor time, whatever the number of threads:")
    print(f"CLIP ViT-B/32: {price['clip_ms']:.0f} ms a picture, {price['text_ms']:.0f} ms a description")
    print(
        f"Puppets: {price['draw_ms']:.0f} ms a picture, {price['channels']} channels: {price['table_s'] / 60:.1f} min"
    )
    for row in lost:
        how = "held" if row["rgb_weight"] else "free"
        print(f"{row['channels']} channels, RGB {how}: {row['left_over']:.0%} left over, drift {row['rgb_drift']:.2f}")
    for row in rows:
        shown = ", ".join(f"{name} {row[f'{name}_levels']:+.1f}" for name in COLOURS)
        print(f"{row['text']}: {shown} levels; {row['channels']} channels, {row['left_over']:.0%} left over")


if __name__ == "__main__":
    main()
