"""How near an adapted generator's people are to a picture's manner, how different from each other, and how editable."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from editors.adapt.measured import kept, mean, moved, reading, side_effects
from facet import Net, Subject
from facet.stylegan import directions_of
from facet.weights import PUPPETS_JUDGES
from metrics.style import style_gabor, style_random
from nets.judges import Judges, Reading
from nets.judges import from_contents as judges_from_contents
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes, pictures
from registry.weights import load_net

EDITS = (("yaw", 0.35, "turned"), ("smile", -0.5, "sad"), ("hair_length", 0.6, "longer hair"))
"""Of a sheet: direction, share of its whole range, and what it is called."""

SEEDS = (6, 1, 2, 3, 4, 5, 7, 8, 9, 10)
"""People of a sheet: none was trained on."""

PSI = 0.8
MOST_BYTES = 400_000


class Judge:
    """The judges of puppets, and the people that are judged: none of them was trained on."""

    def __init__(self, source: Generator, count: int) -> None:
        self.judges: Judges = load_net(Net("judges", judges_from_contents, (PUPPETS_JUDGES,))).module
        self.source = source
        self.codes = codes(source, range(2_000, 2_000 + count), PSI)
        self.before = pictures(source, self.codes)
        self.reading = reading(self.judges, self.before)
        self.effects = side_effects(self.judges, source, self.codes)


def figures(judge: Judge, made: Generator, style: str) -> dict[str, float]:
    """Named figures of an adapted generator beside its source."""
    after = pictures(made, judge.codes)
    reference = Subject.read(f"sample:{style}").pixels
    levels = [levels_of(each) for each in after]
    found = {
        "style_random": mean(style_random(result=picture, style=reference) for picture in levels),
        "style_gabor": mean(style_gabor(result=picture, style=reference) for picture in levels),
        **kept(judge.judges, judge.before, after),
        **defects(judge.reading, judge.before, reading(judge.judges, after), after),
    }
    effects = side_effects(judge.judges, made, judge.codes)
    found["side_effects"] = mean(effects.values()) / mean(judge.effects.values())
    return {name: round(value, 3) for name, value in found.items()}


def levels_of(drawn: Tensor) -> np.ndarray:
    """A picture [3, h, w] in 0..1 as [h, w, 3] uint8."""
    levels: np.ndarray = (drawn.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    return levels


def defects(one: Reading, before: Tensor, other: Reading, after: Tensor) -> dict[str, float]:
    """What adaptation is known to spoil, each as a share of before: 1 is as it was, 0 is gone.

    eyes_apart: how far the colour of irises is from the background's. eyes_differ: how irises differ in colour from
    person to person. faces_differ: how identities differ, which falls where faces are pulled to one type.
    """
    parts, found = one.parts, {}
    eyes, ground = (
        [_under(parts[:, number : number + 1], drawn) for drawn in (before, after)] for number in (_IRIS, _GROUND)
    )
    apart = [(eye - behind).norm(dim=1).mean() for eye, behind in zip(eyes, ground, strict=True)]
    found["eyes_apart"] = (apart[1] / apart[0].clamp_min(1e-6)).item()
    found["eyes_differ"] = (_spread(eyes[1]) / _spread(eyes[0]).clamp_min(1e-6)).item()
    found["faces_differ"] = (_spread(other.identity) / _spread(one.identity).clamp_min(1e-6)).item()
    return found


_GROUND, _IRIS = 0, 4
"""Numbers of two parts that the judges tell."""


def _under(part: Tensor, drawn: Tensor) -> Tensor:
    """Mean colour [N, 3] of pictures under a part [N, 1, h, w], weighed by how sure it is."""
    weight = F.interpolate(part.float(), drawn.shape[2:], mode="bilinear", align_corners=False).clamp_min(0)
    return (drawn * weight).sum((2, 3)) / weight.sum((2, 3)).clamp_min(1e-3)


def _spread(rows: Tensor) -> Tensor:
    """Mean distance of two of N rows."""
    return torch.pdist(rows.float()).mean()


def sheet(source: Generator, made: Generator, style: str, path: Path) -> None:
    """The reference, ten adapted people and their sources, and three edits of the first five, as a small WebP."""
    w_plus, px = codes(source, SEEDS, PSI), 160
    drawn = {"source": pictures(source, w_plus, px), "adapted": pictures(made, w_plus, px)}
    directions = directions_of("puppets")
    rows = [(name, drawn[name][n : n + 5]) for n in (0, 5) for name in drawn]
    rows += [
        (f"adapted, {word}", pictures(made, w_plus[:5] + moved(directions[name], by), px)) for name, by, word in EDITS
    ]
    people = torch.cat([torch.cat(list(row), 2) for _, row in rows], 1)
    look = F.interpolate(Subject.read(f"sample:{style}").tensor(), (2 * px, 2 * px), mode="area")[0].clamp(0, 1)
    beside = F.pad(look, (0, 0, 0, people.shape[1] - 2 * px), value=1.0)
    whole = Image.fromarray(levels_of(torch.cat([beside, people], 2)))
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(20)
    for number, (name, _) in enumerate(rows):
        if number >= 2:  # the reference lies beside the first two
            pen.text((2 * px - 14, (number + 0.5) * px), name, "black", font, anchor="rm")
    _write(whole, path)


def labelled(rows: Tensor, heads: Sequence[str], path: Path) -> None:
    """Writes rows of equally wide pictures [3, h, w] in 0..1 under their heads, as a small WebP."""
    head, (_, height, width) = 30, rows.shape
    whole = Image.new("RGB", (width, height + head), "white")
    whole.paste(Image.fromarray(levels_of(rows)), (0, head))
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(20)
    for number, name in enumerate(heads):
        pen.text(((number + 0.5) * width / len(heads), head / 2), name, "black", font, anchor="mm")
    _write(whole, path)


def _write(whole: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(88, 20, -6):
        file = io.BytesIO()
        whole.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= MOST_BYTES:
            break
    path.write_bytes(file.getvalue())
