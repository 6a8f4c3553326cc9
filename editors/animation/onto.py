"""A film carried over to the photograph that its portrait was brought in from, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, TypeAlias

from torch import Tensor

from facet import Context, InPhotograph, Net, SourcePicture, Subject
from facet.stylegan import brought_in, explained_by
from facet.weights import PUPPETS_JUDGES, card
from nets import judges as puppet_judges
from nets.carry import Asked, Carrier, carried_film
from nets.stylegan2 import Generator

JUDGES = Net("puppets_judges", puppet_judges.from_contents, (PUPPETS_JUDGES,), "Landmarks, for large movements.")
AIDS = (JUDGES,) if card(PUPPETS_JUDGES) else ()

Onto: TypeAlias = Annotated[bool, InPhotograph()]
Source: TypeAlias = Annotated[
    Subject | None, SourcePicture(label="Photograph", doc="Found by itself while it is here.", advanced=True)
]
Over = Callable[[Tensor, Iterable[Tensor]], Iterable[Tensor]]
"""From codes [N, num_ws, w_dim] and the generator's pictures of them to the photographs."""


def carrying(ctx: Context, subject: Subject, source: Subject | None, generator: Generator, size: int) -> Over:
    """What carries films over to the photograph, their longer side at most `size`.

    Raises:
        BadInput: the subject was not brought in from a photograph, or that is not here, or another one was given.
    """
    photo, quad, first, start, eyes = brought_in(ctx, subject, source, "onto")
    over = Carrier(photo, quad, first, ctx.net(JUDGES.name) if AIDS else None, eyes=eyes)
    assert subject.generator is not None  # it was brought in
    explain = explained_by(subject.generator.id, start.numpy())

    def film(codes: Tensor, frames: Iterable[Tensor]) -> Iterable[Tensor]:
        return carried_film(
            over, generator, start, codes.cpu(), frames, size, lambda code: Asked.of(explain(code.numpy()))
        )

    return film
