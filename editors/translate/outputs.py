"""What the drawing editors share: where a portrait starts, and its outputs in several colourings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from editors.translate.networks import ENCODER, JUDGES
from editors.translate.palettes import squared
from editors.translate.parsing import agreement, cells, parse
from editors.translate.polish import polished
from editors.translate.portrait import Networks, Wanted, moved
from editors.translate.undrawn import without_beard
from facet import BadInput, Context, LabelMap, Step, Subject, Variant
from facet.stylegan import GeneratorRef, w_space
from nets.stylegan2.sampling import codes

STRANGE = 0.35
"""Mean IoU under which a drawing is said to be unlike any portrait."""

TOUCHED = 0.2
"""Share of a cell that has to be painted over for it to count as painted."""
COLOUR_SEEDS = 10_000
"""How many seeds of colours there are."""


@dataclass(frozen=True)
class Start:
    """Where a portrait starts: networks, whose code it is, the code [1, num_ws, w_dim], whether a picture was given."""

    nets: Networks
    ref: GeneratorRef
    code: Tensor
    given: bool


@dataclass(frozen=True)
class Drawing:
    """Part numbers [1, s, s], or lines [1, 1, 2 s, 2 s]; and the parts of an edited picture, if there is one."""

    parts: Tensor | None
    lines: Tensor | None = None
    seen: Tensor | None = None

    def wanted(self, colours: Tensor) -> Wanted:
        """With colours [1, P, 4]."""
        return Wanted(self.parts, self.lines, colours)


@dataclass(frozen=True)
class Choices:
    """What the sliders say: colours of a seed or the start's own, that seed, rounds, further outputs, steps."""

    seeded: bool
    colour_seed: int
    rounds: int
    others: int
    polish: int = 0

    def outputs(self) -> Iterator[tuple[int, int, bool]]:
        """Of every output its number, its seed of colours, and whether its colours are the seed's."""
        for number in range(1 + self.others):
            seed = (self.colour_seed + number - (number > 0 and not self.seeded)) % COLOUR_SEEDS
            yield number, seed, self.seeded or number > 0

    def alone(self, seed: int) -> dict[str, Any]:
        """The inputs that make a further output the result."""
        return {"colours": "seed", "colour_seed": seed, "others": 0}


def begun(ctx: Context, subject: Subject | None, model: str, seed: int, variety: float) -> Start:
    """The start: a picture's own code, or a seed's. Raises BadInput for a picture of another world than puppets."""
    if subject is not None and subject.generator is not None and w_space(subject.generator.id) != "puppets":
        why = f"has a code of {subject.generator.id}, but painting knows the puppets alone"
        raise BadInput("subject", why, "Choose a puppet, or bring the picture into one with “Bring into a generator”.")
    generator, ref = ctx.load_generator(model if subject is None else subject)
    nets = Networks(generator, ctx.net(ENCODER.name), ctx.net(JUDGES.name))
    if subject is None:
        return Start(nets, ref, codes(generator, [seed], variety), False)
    code = torch.from_numpy(np.array(subject.latent))[None].to(generator.mapping.w_avg)
    return Start(nets, ref, code, True)


def of_labels(start: Start, labels: LabelMap) -> Drawing:
    """The drawing in a label map; with a picture, what the map leaves as it was is exactly what the picture shows."""
    size = start.nets.encoder.config.size
    parts = torch.from_numpy(squared(labels, size).astype(np.int64))[None]
    if not start.given:
        return Drawing(parts)
    picture = start.nets.draw(start.code)
    before, seen = parse(start.nets.judges, picture)[0], cells(start.nets.judges, picture)[0]
    changed = (before.resized(labels.size).indices != labels.indices).astype(np.float32)
    share = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(changed)[None, None], size)[0]
    return Drawing(torch.where(share > TOUCHED, parts, seen.cpu()), seen=seen.cpu())


def outputs(ctx: Context, start: Start, drawing: Drawing, choices: Choices) -> Iterator[Step]:
    """The portrait, then further ones in the colours of the next seeds, each with its code and a recipe of its own."""
    images: dict[str, Variant] = {}
    main, whole = None, 1 + choices.others
    for number, chosen, seeded in choices.outputs():
        wanted = drawing.wanted(palette_of(start.nets, chosen))
        code, picture = moved(start.nets, start.code, wanted, choices.rounds, ctx.check_stop, not seeded)
        if drawing.lines is not None:
            code, picture = without_beard(start.nets, code, picture, drawing.lines, ctx.check_stop)
        if choices.polish and drawing.parts is not None:
            kept = start.nets.draw(start.code) if not seeded and drawing.seen is not None else picture
            seen = drawing.seen if not seeded and drawing.seen is not None else cells(start.nets.judges, picture)[0]
            code, picture = polished(start.nets, code, kept, seen, drawing.parts, choices.polish, ctx.check_stop)
        latent, image = code[0].float().cpu().numpy(), (picture[0] / 2 + 0.5).clamp(0, 1).cpu()
        if number:
            images[f"colours of seed {chosen}"] = Variant(image, latent, start.ref, choices.alone(chosen))
        else:
            main = image, latent, judged(start.nets, drawing, picture)
        assert main is not None
        done = (number + 1) / whole
        metrics, note = main[2]
        yield Step(main[0], done=done, note=note, images=dict(images), latent=main[1], generator=start.ref,
                   metrics=metrics)  # fmt: skip
        ctx.check_stop()


def palette_of(nets: Networks, seed: int) -> Tensor:
    """The colours [1, P, 4] of the parts of a seed's portrait."""
    return cells(nets.judges, nets.draw(codes(nets.generator, [seed], 0.9)))[1]


def judged(nets: Networks, drawing: Drawing, picture: Tensor) -> tuple[dict[str, float], str]:
    """How well the result's parts agree with the drawing, and a word where they do not."""
    if drawing.parts is None:
        return {}, ""
    found = cells(nets.judges, picture)[0]
    same, iou = agreement(drawing.parts[0].byte().numpy(), found[0].byte().numpy())
    note = "" if iou >= STRANGE else "hardly like any portrait: this is the nearest there is"
    return {"labels_kept": round(same, 4), "labels_iou": round(iou, 4)}, note
