"""The generator's first picture of a photograph that was brought in, as the lineage remembers it: by its code.

An editor that brings a picture in says so in ``Step.facts["first"]`` (`First.record`), beside the placement. From the
code, the generator draws again what it drew then, and what an edit moved can be read from the two pictures.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.errors import BadInput
from registry.generators import w_space
from registry.saved import MOST_VALUE, MOST_W_DIM, MOST_WS
from registry.subjects import Subject, placement_of

if TYPE_CHECKING:
    import torch

    from registry.execution import Context


@dataclass(frozen=True, eq=False)
class First:
    """Which code drew the first picture.

    Attributes:
        code: w_plus, float32 [num_ws, w_dim].
        generator: the id of its generator; the delta is that of the subject, which contains what tuning changed.
    """

    code: NDArray[np.float32]
    generator: str

    def record(self) -> dict[str, Any]:
        """As JSON, for a step's facts."""
        raw = np.ascontiguousarray(self.code, dtype="<f4").tobytes()
        return {
            "generator": self.generator,
            "shape": list(self.code.shape),
            "code": base64.b64encode(raw).decode(),
        }


def first_of(subject: Subject) -> First | None:
    """The first picture of what the subject was cut from; None where nobody knows, or where it was put back since.

    A lineage may be a stranger's: what does not make sense is None too.
    """
    for recipe in reversed(subject.lineage):
        facts = recipe.get("facts")
        if isinstance(facts, Mapping) and "placement" in facts:
            return _parsed(facts.get("first")) if facts["placement"] is not None else None
    return None


def first_picture(ctx: Context, subject: Subject, rough: bool = False) -> torch.Tensor:
    """What the generator drew when the subject's photograph was brought in, [3, h, w] in 0..1, in whole levels.

    A rough one is smaller, as `Context.rough` has them.

    Raises:
        BadInput: that cannot be known, or the subject has left that generator; the sentence says why.
        EditorError: the generator cannot be had now.
    """
    import torch

    first = first_of(subject)
    if first is None:
        raise BadInput("subject", "does not remember how its photograph looked in the generator")
    if subject.latent is None or subject.generator is None:
        raise BadInput("subject", "has left the generator")
    if w_space(subject.generator.id) != w_space(first.generator):
        raise BadInput("subject", "has gone over to another generator")
    generator = ctx.load_generator(subject)[0]
    if first.code.shape != (generator.config.num_ws, generator.config.w_dim):
        raise BadInput("subject", "has gone over to a generator of another size")
    with torch.no_grad():
        draw = generator.synthesis.rough if rough else generator.synthesis
        drawn = draw(torch.from_numpy(first.code.copy())[None].to(ctx.device))[0].float().cpu()
    levels: torch.Tensor = (drawn / 2 + 0.5).clamp(0, 1).expand(3, -1, -1).mul(255).round() / 255
    return levels  # as they were saved, so that no edit is no change


class BroughtIn(NamedTuple):
    """A photograph that a subject was brought in from.

    photo: [3, H, W] in 0..1. quad: the square of it that the generator draws, corners [4, 2] float64 in pixels.
    first: the generator's first picture of it, [3, s, s] in 0..1. code: what drew that, float32 [num_ws, w_dim].
    eyes: where they lie in the square, [2, 2] in shares of its sides; None where nobody knows.
    """

    photo: torch.Tensor
    quad: torch.Tensor
    first: torch.Tensor
    code: torch.Tensor
    eyes: torch.Tensor | None


def brought_in(ctx: Context, subject: Subject, source: Subject | None, switch: str) -> BroughtIn:
    """What an editor needs that shows its pictures in the photograph; a bundled sample need not be given.

    Args:
        ctx: the run's.
        subject: what is edited.
        source: the photograph, see `SourcePicture`.
        switch: the input that asked for it.

    Raises:
        BadInput: the subject was not brought in from a photograph, or that is not here, or another one was given.
        EditorError: the generator cannot be had now.
    """
    import torch

    where = placement_of(subject)
    if where is None:
        raise BadInput(switch, "needs a portrait that was brought in from a photograph", "Switch it off.")
    if source is None and where.sample:
        source = Subject.read(f"sample:{where.sample}", "source")
    if source is None:
        raise BadInput("source", "is needed to carry the film over", "Give the photograph that was brought in.")
    if source.sha256 != where.source and source.size != where.size:
        mine, theirs = ("{} × {}".format(*size) for size in (source.size, where.size))
        raise BadInput("source", f"is {mine} pixels, but the portrait was cut out of one of {theirs}")
    try:
        drawn = first_picture(ctx, subject)
    except BadInput as problem:
        raise BadInput(problem.field, problem.why, "Bring the photograph in anew.") from None
    first = first_of(subject)
    assert first is not None  # first_picture has seen it
    quad = torch.tensor(where.corners, dtype=torch.float64)
    known = where.eyes_within()
    eyes = None if known is None else torch.tensor(known)
    return BroughtIn(source.tensor()[0], quad, drawn, torch.from_numpy(first.code.copy()), eyes)


def _parsed(row: Any) -> First | None:
    try:
        rows, width = row["shape"]
        name, raw = row["generator"], base64.b64decode(row["code"], validate=True)
    except (TypeError, ValueError, KeyError, binascii.Error):
        return None
    if not (type(rows) is int and type(width) is int and isinstance(name, str)):
        return None
    if not (1 <= rows <= MOST_WS and 1 <= width <= MOST_W_DIM) or len(raw) != 4 * rows * width:
        return None
    code = np.frombuffer(raw, "<f4").astype(np.float32).reshape(rows, width)
    if not np.isfinite(code).all() or np.abs(code).max() > MOST_VALUE:
        return None
    return First(code, name)
