"""How near an adapted generator's people are to a picture's manner, how different from each other, and how editable."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from facet import Net, Subject
from facet.stylegan import directions_of
from facet.weights import PUPPETS_JUDGES
from metrics.style import style_gabor, style_random
from nets.judges import Judges, Reading, read
from nets.judges import from_contents as judges_from_contents
from nets.randomvgg import RandomVGG
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes, pictures
from registry.weights import load_net

DIRECTIONS = ("yaw", "smile", "age", "hair_length", "glasses")
"""Whose side effects are compared, where the generator offers them."""

MOVED = 0.25
"""Of the whole range of an attribute."""
EDITS = (("yaw", 0.35), ("smile", -0.5), ("hair_length", 0.6))
"""Of a sheet, in shares of the whole range."""

SEEDS = (6, 1, 2, 3, 4, 5, 7, 8, 9, 10)
"""People of a sheet: none was trained on."""

PSI = 0.8
MOST_BYTES = 400_000


class Judge:
    """The judges of puppets, and the people that are judged."""

    def __init__(self, count: int) -> None:
        self.judges: Judges = load_net(Net("judges", judges_from_contents, (PUPPETS_JUDGES,))).module
        self.seeds = range(2_000, 2_000 + count)
        self.random = RandomVGG()

    def read(self, drawn: Tensor) -> Reading:
        """What the judges see in pictures [N, 3, h, w] in 0..1."""
        with torch.no_grad():
            return read(self.judges, drawn * 2 - 1)


def figures(judge: Judge, source: Generator, made: Generator, style: str) -> dict[str, float]:
    """Named figures of an adapted generator beside its source."""
    w_plus = codes(source, judge.seeds, PSI)
    before, after = pictures(source, w_plus), pictures(made, w_plus)
    reference = Subject.read(f"sample:{style}").pixels
    levels = [(each.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8) for each in after]
    one, other = judge.read(before), judge.read(after)
    seen = (one.present > 0.5) & (other.present > 0.5)
    identity = (one.identity * other.identity).sum(1)[seen]
    return {
        "style_random": _mean(style_random(result=picture, style=reference) for picture in levels),
        "style_gabor": _mean(style_gabor(result=picture, style=reference) for picture in levels),
        "diversity_kept": round(diversity(judge, after) / diversity(judge, before), 3),
        "identity": round(identity.mean().item(), 3) if len(identity) else float("nan"),
        "pose_px": round((one.landmarks - other.landmarks).norm(dim=2)[seen].mean().item() * 256 / after.shape[2], 2),
        "seen": round(seen.float().mean().item(), 3),
        "side_effects": round(side_effects(judge, made, w_plus) / side_effects(judge, source, w_plus), 3),
    }


def diversity(judge: Judge, drawn: Tensor) -> float:
    """Mean distance of two people in an untrained network's features, which no method optimises."""
    small = F.interpolate(drawn, (128, 128), mode="area")
    with torch.no_grad():
        taps = judge.random(small)
    total, pairs = 0.0, torch.triu_indices(len(drawn), len(drawn), 1)
    for tap in taps:
        unit = F.normalize(tap, dim=1)
        total += (unit[pairs[0]] - unit[pairs[1]]).square().sum(1).mean().item()
    return total / len(taps)


def side_effects(judge: Judge, net: Generator, w_plus: Tensor) -> float:
    """Mean change of what was not aimed at for each unit of what was, over directions, as the judges read both."""
    controls, found = list(judge.judges.config.controls), []
    span = torch.tensor(judge.judges.config.high) - torch.tensor(judge.judges.config.low)
    before = judge.read(pictures(net, w_plus)).controls
    offered = directions_of("puppets")
    for name in DIRECTIONS:
        if name in offered and name in controls:
            after = judge.read(pictures(net, w_plus + moved(name, MOVED))).controls
            change = ((after - before).abs() / span).mean(0)
            number = controls.index(name)
            rest = (change.sum() - change[number]) / (len(controls) - 1)
            found.append((rest / change[number].clamp_min(1e-3)).item())
    return sum(found) / max(1, len(found))


def moved(name: str, share: float) -> Tensor:
    """What is added to w to move an attribute by a share of its whole range."""
    direction = directions_of("puppets")[name]
    return share * (direction.span or direction.high - direction.low) * torch.from_numpy(np.array(direction.vector))


def sheet(source: Generator, made: Generator, style: str, path: Path) -> None:
    """The reference, ten adapted people and their sources, and three edits of the first five, as a small WebP."""
    w_plus, px = codes(source, SEEDS, PSI), 160
    rows = [pictures(source, w_plus, px), pictures(made, w_plus, px)]
    edits = [w_plus[:5] + moved(name, share) for name, share in EDITS]
    grid = [torch.cat(list(row[n : n + 5]), 2) for n in (0, 5) for row in rows]
    grid += [torch.cat(list(pictures(made, w, px)), 2) for w in edits]
    people = torch.cat(grid, 1)
    picture = Subject.read(f"sample:{style}").tensor()
    look = F.interpolate(picture, (2 * px, 2 * px), mode="area")[0].clamp(0, 1)
    beside = F.pad(look, (0, 0, 0, people.shape[1] - 2 * px), value=1.0)
    whole = (torch.cat([beside, people], 2) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(88, 20, -6):
        file = io.BytesIO()
        Image.fromarray(whole).save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= MOST_BYTES:
            break
    path.write_bytes(file.getvalue())


def _mean(values: object) -> float:
    found = list(values)  # type: ignore[call-overload]
    return round(float(np.mean(found)), 3)
