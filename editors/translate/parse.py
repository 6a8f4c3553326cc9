"""The editor that finds the parts of a portrait."""

from __future__ import annotations

from collections.abc import Iterator

from editors.translate.networks import JUDGES
from editors.translate.parsing import parse
from facet import BadInput, Context, Step, Subject, editor

LEAST = 0.3
"""Probability of there being a puppet, under which nothing is parsed."""


@editor(
    "parse_portrait",
    "Parse a portrait",
    task="parse",
    gpu_seconds=1,
    nets=(JUDGES,),
    tags=("portrait", "labels", "segmentation"),
    live=True,
)
def parse_portrait(ctx: Context, *, subject: Subject) -> Iterator[Step]:
    """Say which part is where in a puppet's portrait: a picture in the colours of Paint a portrait's palette.

    The judges of the puppets do it. They know no photographs: bring those into a generator first.
    """
    judges = ctx.net(JUDGES.name)
    labels, sure = parse(judges, subject.tensor(ctx.device) * 2 - 1)
    if sure < LEAST or len(labels.parts) < 2:
        why = "shows no puppet that could be parsed"
        raise BadInput("subject", why, "Bring a photograph into a generator of puppets first.")
    whole = labels.indices.size
    shares = {
        f"share_{name.replace(' ', '_')}": round(float(labels.mask(name).sum()) / whole, 4) for name in labels.parts
    }
    yield Step(labels.picture(), done=1, metrics=shares | {"sure": round(sure, 3)})
