"""What is done with eyes, mouth and glasses in a photograph: its own, the generator's, or nothing; and what not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from nets.align import blurred
from nets.carry.colours import around, in_grey
from nets.carry.features import Features
from nets.carry.movement import Movement

CALM = 0.08  # of the side, over which the head's movement is taken where lids behind glasses are not to move
MEANT = 0.5  # from how far on an edit means to close eyes or to open the mouth
HARDLY = 0.004  # of the side, up to which lips that part are hardly apart
NOTICED, SHUT = 0.4, 0.75
"""How far the generator's eyes close where that is no smile, and from where on they are closed."""

SLIDERS = ("eyes_closed", "mouth_open")
"""The names of directions that say what was asked of eyes and mouth."""
FAINT = 0.2  # up to which a slider of the eyes is taken for a side effect of another


class Asked(NamedTuple):
    """What an edit was to do, by its code: how far eyes close (or open, below 0) and the mouth opens, -1..1.

    A generator that draws a likeness badly closes its eyes less than it was asked to, and one alone. The photograph has
    lids of its own, which can do better.
    """

    eyes: float = 0.0
    mouth: float = 0.0

    @classmethod
    def of(cls, strengths: Mapping[str, float] | None) -> Asked | None:
        """By the strengths of sliders, to a hundredth; None where nobody knows them, or neither of these is there."""
        if strengths is None or not set(SLIDERS) & set(strengths):
            return None
        return cls(*(round(min(1.0, max(-1.0, strengths.get(name, 0.0))), 2) for name in SLIDERS))


def settled(there: Features, read: Movement, asked: Asked | None = None) -> tuple[Movement, str]:
    """The movement as the photograph can follow it, and in words what of the edit it does not show.

    Where eyes are asked to close and the photograph's lids are known, they close so far, whatever the generator's do;
    below `MEANT` gradually less, so that nothing jumps while a slider moves or a film goes on.
    asked: None where nobody knows.
    """
    known, asked = asked is not None, asked or Asked()
    if asked.eyes > FAINT and there.lids is not None:
        wanted = asked.eyes * min(1.0, (asked.eyes - FAINT) / (MEANT - FAINT))
        read = read._replace(closed=(max(wanted, read.closed[0]), max(wanted, read.closed[1])))
    fresh, own, field, said = torch.maximum(read.fresh, read.lids), 1 - read.lids, read.field, list[str]()
    if there.cut:
        said.append("a part of the face lies beyond the photograph's edge, so it moves less than the generator's")
    if there.lips is None and there.mouth is not None:  # a generator's soft mouth in a sharp face is a smudge
        own = own * (1 - there.mouth)
        if read.apart > 0 and (there.mouth_cut or not there.agape):
            field = _calmed(field, read.mouth)
    elif there.mouth is not None and asked.mouth >= MEANT and read.apart < HARDLY:
        own, field = own * (1 - there.mouth), _calmed(field, there.mouth)
    said += _mouth(there, read, asked)
    if there.glasses:
        still = around(read.lids)
        own = 1 - torch.stack([still, read.behind, read.eyes]).amax(0)
        field = _calmed(field, still)  # lenses go with the head alone
        said += ["eyes stay open behind glasses"] if max(*read.closed, asked.eyes) >= MEANT else []
        said += ["glasses are worn already"] if float(read.behind.max()) > 0.5 else []
    else:
        own = _bare_eyes(there, read, own) * (1 - read.behind)  # through lenses, one's own eyes are seen
        said += _eyes(there, read, asked, known)
        if there.narrow and read.widened > 0:
            field = _calmed(field, around(read.eyes))
    rims = torch.zeros_like(fresh) if there.glasses else read.glasses
    if there.grey:
        read = read._replace(**{name: in_grey(getattr(read, name)) for name in ("change", "before", "after")})
    return read._replace(fresh=fresh * own, change=read.change * own, field=field, glasses=rims), "; ".join(said)


def _calmed(field: Tensor, spot: Tensor) -> Tensor:
    """A field [s, s, 2] that in a spot [s, s] is that of the head around it."""
    calm = blurred(field.permute(2, 0, 1), CALM * len(field)).permute(1, 2, 0)
    return torch.lerp(field, calm, spot[..., None])


def _bare_eyes(there: Features, read: Movement, own: Tensor) -> Tensor:
    """Where the generator's pixels may be shown [s, s], with eyes that wear nothing.

    A generator's soft eye, open or closed, is a smudge in a sharp face: eyes have their own lids and pixels alone.
    """
    if there.misread:
        return torch.zeros_like(own)
    if there.eyes is None:
        return torch.ones_like(own)
    return own * (1 - read.eyes * max(read.widened, float(there.narrow)))


def _mouth(there: Features, read: Movement, asked: Asked) -> list[str]:
    """What is to be said of the mouth."""
    if there.mouth is None:
        return []
    if there.lips is None and (there.mouth_cut or not there.agape) and (read.apart > 0 or asked.mouth >= MEANT):
        return [f"the mouth, {'cut by the edge' if there.mouth_cut else 'not told clearly'}, does not open"]
    if asked.mouth >= MEANT and read.apart < HARDLY:
        return [f"the mouth does not open{' further' if there.agape else ''}, nor does the generator's"]
    return []


def _eyes(there: Features, read: Movement, asked: Asked, known: bool) -> list[str]:
    """What is to be said of eyes that wear nothing."""
    if there.misread:
        return ["the face is not told clearly, so it moves less than the generator's, and nothing new appears in it"]
    if there.eyes is None:
        return []
    least, most = sorted(read.closed)
    if asked.eyes <= -MEANT or (read.widened > 0.5 and not known):
        narrow = there.narrow
        return [f"eyes {'that are closed or narrow do not open' if narrow else 'open only as far as lids stretch'}"]
    if there.lids is None:
        return ["the eyes, not told clearly, do not close"] if max(most, asked.eyes) >= MEANT else []
    if most > NOTICED and least < 0.5 * most:
        return [f"one eye closes by {most:.0%} and the other by {least:.0%}, as the generator's do"]
    return [f"eyes close by {(least + most) / 2:.0%}, as the generator's do"] if NOTICED < most < SHUT else []
