"""A drag that needs no generator: the picture's own pixels are moved, at once, for any picture and size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import torch

from editors.warp_drag.method import warp
from facet import (
    BadInput,
    Choice,
    Context,
    Mask,
    MaskInput,
    Pair,
    Picture,
    Points,
    Slider,
    Step,
    Subject,
    Switch,
    editor,
    hookimpl,
)
from facet.app import EditorSpec

WAYS: Mapping[str, str] = {
    "rigid": "turn, no stretch",
    "similarity": "turn and scale",
    "affine": "stretch and shear",
    "arap": "as rigid as possible",
}
FOLDS = 0.002
"""Share of the picture that may fold over before it is said."""


@editor(
    "warp_drag",
    "Drag pixels",
    task="drag",
    gpu_seconds=0,
    tags=("warp", "shape", "any picture", "no generator"),
    trial={"pairs": [[6, 8, 9, 8]]},
    live=True,
)
def warp_drag(
    ctx: Context,
    *,
    subject: Annotated[Subject, Picture(doc="Any picture, of any size.")],
    pairs: Annotated[
        list[Pair],
        Points(least=1, most=68, doc="The points to move, and where they go. A target on its handle anchors."),
    ],
    mask: Annotated[Mask | None, MaskInput(doc="What may move; all of it where nothing is painted.")] = None,
    way: Annotated[str, Choice(WAYS, label="Motion", doc="What each place may do to follow the points.")] = "rigid",
    hold_rim: Annotated[bool, Switch(label="Hold the edge", doc="Whether the picture's edge stays.")] = True,
    falloff: Annotated[
        float,
        Slider(0.6, 3, step=0.1, doc="How fast a point's influence falls off; not for the last one.", advanced=True),
    ] = 1.2,
) -> Iterator[Step]:
    """Drag points of any picture by moving its own pixels: no generator, no download, at once.

    Moving least squares (Schaefer et al. 2006), or a mesh that stays as rigid as possible (Sorkine and Alexa 2007).
    Nothing new is drawn: what was hidden stays hidden, and a closed mouth has no teeth. Every pixel outside the
    movement keeps its bits.
    """
    points = torch.tensor([[*pair] for pair in pairs], dtype=torch.float64)
    handles, targets = points[:, 0], points[:, 1]
    _check(handles, targets)
    allowed = None if mask is None else torch.from_numpy(mask)
    ctx.check_stop()
    made = warp(
        subject.tensor()[0], handles, targets, way=way, alpha=falloff, hold_rim=hold_rim, mask=allowed, rough=ctx.rough
    )
    left = (made.reached - handles).norm(dim=1)
    yield Step(
        made.image,
        done=1,
        note="" if made.folded <= FOLDS else "the picture folds over: pull less far, or place anchors around it",
        points=tuple((x, y) for x, y in targets.tolist()),
        metrics={"left_px": float(left.mean()), "folded_percent": 100 * made.folded},
    )


def _check(handles: torch.Tensor, targets: torch.Tensor) -> None:
    """Raise BadInput for points that no movement can have."""
    if float((handles - targets).norm(dim=1).max()) == 0:
        raise BadInput("pairs", "have all their targets on their handles", "Move a target away.")
    for name, ends in (("handles", handles), ("targets", targets)):
        apart = torch.cdist(ends, ends).fill_diagonal_(float("inf"))
        if float(apart.min()) < 0.5:
            one, two = sorted((int(apart.argmin()) // len(ends) + 1, int(apart.argmin()) % len(ends) + 1))
            fix = "Move one of them, or remove it."
            raise BadInput(f"pairs {two}", f"has its {name[:-1]} on that of pair {one}, so both cannot be true", fix)


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editor of this family."""
    return [warp_drag]
