"""Putting an edited picture back into the photograph that it was cut from."""

from __future__ import annotations

import torch

from facet import BadInput, Placement, Subject, placement_of
from nets.align import crop, whole
from nets.paste import paste

MISSING = "Give the photograph that was brought in"


def put_back(subject: Subject, source: Subject | None, feather: float, oval: bool, detail: bool) -> torch.Tensor:
    """The source [3, H, W] in 0..1 with the subject in its place.

    Raises:
        BadInput: the source is needed, or is not the picture that the subject was cut from.
    """
    where = placement_of(subject)
    source = source or _sample(where)
    if source is None:
        raise BadInput("source", "is needed to put the picture back", f"{MISSING}.")
    edited = subject.tensor()[0]
    if where is None:  # nobody knows where it belongs: the middle of one into the middle of the other
        edited = crop(edited, whole(*edited.shape[1:]), min(subject.size))
        quad = whole(source.size[1], source.size[0])
    else:
        if edited.shape[1] != edited.shape[2]:
            raise BadInput("subject", "is no longer square, so it does not fit back", "Undo what changed its shape.")
        _same_picture(where, source)
        quad = torch.tensor(where.corners, dtype=torch.float64)
    try:
        return paste(source.tensor()[0], edited, quad, feather=feather, oval=oval, detail=detail)
    except ValueError as problem:
        raise BadInput("source", f"does not fit: {problem}", f"{MISSING}.") from None


def _sample(where: Placement | None) -> Subject | None:
    """The bundled sample it was cut from; nobody has to give that."""
    return Subject.read(f"sample:{where.sample}", "source") if where is not None and where.sample else None


def _same_picture(where: Placement, source: Subject) -> None:
    """A copy of the same size will do: it may have been saved again since."""
    if source.sha256 != where.source and source.size != where.size:
        mine, theirs = ("{} × {}".format(*size) for size in (source.size, where.size))
        raise BadInput("source", f"is {mine} pixels, but the picture was cut out of one of {theirs}", f"{MISSING}.")
