"""A film carried over to the photograph that its portrait was brought in from, frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from facet import BadInput, Context, Net, Subject, placement_of
from facet.stylegan import first_picture
from facet.weights import PUPPETS_JUDGES, card
from nets import judges as puppet_judges
from nets.carry import Carrier

JUDGES = Net("puppets_judges", puppet_judges.from_contents, (PUPPETS_JUDGES,), "Landmarks, for large movements.")
AIDS = (JUDGES,) if card(PUPPETS_JUDGES) else ()
AGAIN = "Bring the photograph in anew."


def carrier(ctx: Context, subject: Subject, source: Subject | None) -> Carrier:
    """What carries frames over to the photograph.

    Raises:
        BadInput: the subject was not brought in from a photograph, or that is not here, or another one was given.
    """
    where = placement_of(subject)
    if where is None:
        raise BadInput("onto", "needs a portrait that was brought in from a photograph", "Switch it off.")
    if source is None and where.sample:
        source = Subject.read(f"sample:{where.sample}", "source")
    if source is None:
        raise BadInput("source", "is needed to carry the film over", "Give the photograph that was brought in.")
    if source.size != where.size:
        mine, theirs = ("{} × {}".format(*size) for size in (source.size, where.size))
        raise BadInput("source", f"is {mine} pixels, but the portrait was cut out of one of {theirs}")
    try:
        first = first_picture(ctx, subject)
    except BadInput as problem:
        raise BadInput(problem.field, problem.why, AGAIN) from None
    quad = torch.tensor(where.corners, dtype=torch.float64)
    return Carrier(source.tensor()[0], quad, first, ctx.net(JUDGES.name) if AIDS else None)


def carried(over: Carrier, frames: Iterable[Tensor], size: int) -> Iterator[Tensor]:
    """The photograph in the place of every frame, its longer side at most `size`."""
    for frame in frames:
        image = over.carried((frame * 255).round() / 255).image
        scale = size / max(image.shape[1:])
        if scale < 1:
            sides = [max(2, round(side * scale)) for side in image.shape[1:]]
            image = F.interpolate(image[None], sides, mode="area")[0]
        yield image
