"""Putting an edit back into the photograph that it was made from: its movement, or its pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from editors.inversion.networks import judges_of
from facet import BadInput, Context, EditorError, Placement, Subject, placement_of
from facet.app import Stopped
from facet.stylegan import explained_by, first_of, first_picture
from metrics import METRICS
from nets.align import crop, side_of, whole
from nets.carry import Asked, Between, Carrier, live_carrier
from nets.paste import paste
from nets.stylegan2.sampling import between

Pixels = NDArray[np.uint8]
MISSING = "Give the photograph that was brought in"


class Manner(NamedTuple):
    """How it goes back: by movement, or by pixels with a border, only the head, and the photograph's fine detail."""

    movement: bool
    feather: float
    oval: bool
    detail: bool


def put_back(
    ctx: Context, subject: Subject, source: Subject | None, manner: Manner
) -> tuple[torch.Tensor, str, dict[str, float]]:
    """The source [3, H, W] in 0..1 after the edit; what is to be said of it; and numbers, see `_numbers`.

    Raises:
        BadInput: the source is needed, or is not the picture that the subject was cut from.
    """
    where = placement_of(subject)
    source = source or _sample(where)
    if source is None:
        raise BadInput("source", "is needed to put the picture back", f"{MISSING}.")
    edited, photo = subject.tensor()[0], source.tensor()[0]
    if where is None:  # nobody knows where it belongs: the middle of one into the middle of the other
        edited = crop(edited, whole(*edited.shape[1:]), min(subject.size))
        quad = whole(source.size[1], source.size[0])
    else:
        if edited.shape[1] != edited.shape[2]:
            raise BadInput("subject", "is no longer square, so it does not fit back", "Undo what changed its shape.")
        _same_picture(where, source)
        quad = torch.tensor(where.corners, dtype=torch.float64)
    first, said = _first_picture(ctx, subject, edited) if manner.movement else (None, "")
    try:
        if first is None:
            return paste(photo, edited, quad, feather=manner.feather, oval=manner.oval, detail=manner.detail), said, {}
        over = Carrier(photo, quad, first, judges_of(ctx), eyes=_eyes(where))
        carried = over.carried(edited, between=_way(ctx, subject), asked=_asked(subject)(subject.latent))
    except ValueError as problem:
        raise BadInput("source", f"does not fit: {problem}", f"{MISSING}.") from None
    return carried.image, carried.left_out, _numbers(photo, carried.image, carried.kept, quad)


def follow(ctx: Context, subject: Subject, source: Subject) -> Callable[[Subject], Pixels]:
    """Shows edits of the subject in its photograph, by their movement, and by their codes; see `facet.editor`.

    Raises:
        BadInput: the subject was not cut from it, or nobody knows how it looked at first.
    """
    where = placement_of(subject)
    if where is None:
        raise BadInput("subject", "was not brought in from a photograph")
    _same_picture(where, source)
    quad = torch.tensor(where.corners, dtype=torch.float64)
    firsts = {each.shape: each for each in (first_picture(ctx, subject, rough) for rough in (True, False))}
    carriers: dict[torch.Size, Carrier] = {}  # looks are drawn smaller than runs
    asked = _asked(subject)

    def carrier(size: torch.Size) -> Carrier:
        if size not in carriers:
            first = firsts.get(size, next(reversed(firsts.values())))
            carriers[size] = live_carrier(source.tensor()[0], quad, first, judges_of(ctx), eyes=_eyes(where))
        return carriers[size]

    try:
        carrier(next(iter(firsts)))
    except ValueError as problem:
        raise BadInput("source", f"does not fit: {problem}", f"{MISSING}.") from None

    def show(edited: Subject) -> Pixels:
        after = edited.tensor()[0]
        try:
            made = carrier(after.shape).carried(after, asked=asked(edited.latent)).image
        except ValueError as problem:
            raise BadInput("subject", f"does not fit its photograph: {problem}") from None
        levels: Pixels = (made * 255 + 0.5).byte().permute(1, 2, 0).numpy()
        return levels

    return show


def _asked(subject: Subject) -> Callable[[NDArray[np.float32] | None], Asked | None]:
    """Tells what the code of an edit of the subject was to do; None where there is no code, or nobody knows."""
    first = first_of(subject)
    if first is None or subject.generator is None:
        return lambda code: None
    explain = explained_by(subject.generator.id, first.code)
    return lambda code: None if code is None else Asked.of(explain(code))


def _way(ctx: Context, subject: Subject) -> Between | None:
    """Draws the way from the generator's first picture to the subject's."""
    first = first_of(subject)
    if first is None or subject.latent is None:
        return None
    codes = torch.from_numpy(first.code.copy()), torch.from_numpy(subject.latent.copy())
    return partial(between, ctx.load_generator(subject)[0], *codes)


def _first_picture(ctx: Context, subject: Subject, edited: torch.Tensor) -> tuple[torch.Tensor | None, str]:
    """What the generator drew when the photograph was brought in; None, and why, where that cannot be known."""
    try:
        drawn = first_picture(ctx, subject)
    except BadInput as problem:
        return None, f"the picture {problem.why}, so its pixels were put back"
    except Stopped:
        raise
    except EditorError as problem:
        return None, f"{str(problem).rstrip('.')}, so its pixels were put back"
    if drawn.shape != edited.shape:
        return None, "the picture has another size than at first, so its pixels were put back"
    return drawn, ""


def _numbers(photo: torch.Tensor, after: torch.Tensor, kept: torch.Tensor, quad: torch.Tensor) -> dict[str, float]:
    """The share of pixels that keep their bits, and how sharp the square still is (`metrics.photographs.sharpness`)."""
    size = max(16, min(1024, round(side_of(quad))))
    levels = [(crop(x, quad, size).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy() for x in (photo, after)]
    sharp = METRICS["sharpness"](result=levels[1], subject=levels[0])
    return {"untouched_percent": 100 * float(kept.float().mean()), "sharpness_kept": sharp}


def _eyes(where: Placement | None) -> torch.Tensor | None:
    """Where the eyes lie in the square, [2, 2] in shares of its sides, where that is known."""
    known = None if where is None else where.eyes_within()
    return None if known is None else torch.tensor(known)


def _sample(where: Placement | None) -> Subject | None:
    """The bundled sample it was cut from; nobody has to give that."""
    return Subject.read(f"sample:{where.sample}", "source") if where is not None and where.sample else None


def _same_picture(where: Placement, source: Subject) -> None:
    """A copy of the same size will do: it may have been saved again since."""
    if source.sha256 != where.source and source.size != where.size:
        mine, theirs = ("{} × {}".format(*size) for size in (source.size, where.size))
        raise BadInput("source", f"is {mine} pixels, but the picture was cut out of one of {theirs}", f"{MISSING}.")
