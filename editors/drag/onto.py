"""A drag's film in the photograph that its picture was brought in from."""

from __future__ import annotations

from functools import partial
from typing import Annotated, TypeAlias

from editors.drag.pictures import Over
from facet import BadInput, Context, InPhotograph, Net, SourcePicture, Subject
from facet.stylegan import brought_in
from facet.weights import PUPPETS_JUDGES, card
from nets import judges as puppet_judges
from nets.carry import Carrier, carried_film

JUDGES = Net("puppets_judges", puppet_judges.from_contents, (PUPPETS_JUDGES,), "Landmarks, for films in photographs.")
AIDS = (JUDGES,) if card(PUPPETS_JUDGES) else ()
LONGEST_SIDE = 1024  # pixels of the film

Onto: TypeAlias = Annotated[
    bool, InPhotograph(doc="Film the photograph that the picture was brought in from, dragged.", advanced=True)
]
Source: TypeAlias = Annotated[
    Subject | None, SourcePicture(label="Photograph", doc="Found by itself while it is here.", advanced=True)
]


def filming(ctx: Context, subject: Subject, source: Subject | None, onto: bool, film: str) -> Over | None:
    """What the film shows instead of the generator's pictures, if anything.

    Raises:
        BadInput: there is no film; the subject was not brought in from a photograph, or that is not here.
    """
    if not onto:
        return None
    if film == "none":
        raise BadInput("onto", "is about the film, and none is made", "Choose a film, or switch it off.")
    photo, quad, first, start, eyes = brought_in(ctx, subject, source, "onto")
    over = Carrier(photo, quad, first, ctx.net(JUDGES.name) if AIDS else None, eyes=eyes)
    return partial(carried_film, over, ctx.load_generator(subject)[0], start, longest=LONGEST_SIDE)
