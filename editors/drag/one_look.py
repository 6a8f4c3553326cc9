"""Dragging in one look, by a network that has learnt which way in w moves which points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import torch

from editors.drag.guess import FLOWS
from facet import BadInput, Context, Latent, Pair, Points, Slider, Step, Subject, editor
from facet.stylegan import generator_nets, w_space
from nets.drag_flow import DragFlow, flowed
from nets.stylegan2 import contents
from nets.stylegan2.sampling import picture

PUPPETS = tuple(net for net in generator_nets(contents.from_contents) if w_space(net.name) == "puppets")
GRIP = 0.5  # a point that the network's marks carry less than this is ground to it


@editor(
    "drag_flow",
    "Drag in one look",
    task="drag",
    gpu_seconds=2,
    nets=(*PUPPETS, *FLOWS.values()),
    tags=("portrait", "StyleGAN2", "pose", "shape", "learned"),
    trial={"pairs": [[6, 8, 11, 8]]},
    live=True,
)
def drag_flow(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent(doc="The picture to drag: one of a generator that has such a network.")],
    pairs: Annotated[
        list[Pair],
        Points(least=1, most=68, doc="The points to move, and where they should go. A target on its handle anchors."),
    ],
    strength: Annotated[
        float, Slider(0, 1.5, step=0.05, doc="How much of the step is taken; 1 is all of it.", advanced=True)
    ] = 1.0,
) -> Iterator[Step]:
    """Drag points at once, without optimisation: a small network says which way the code should go.

    In the spirit of UserControllableLT (Endo 2022). Much quicker than following features, and no point is ever lost;
    but it knows heads, faces and expressions only, and does not look at the picture.
    """
    net = _network(ctx, subject)
    generator, _ = ctx.load_generator(subject)
    assert subject.latent is not None, "the input asks for one"
    code = torch.from_numpy(subject.latent.copy()).to(ctx.device)
    points = torch.tensor([[*pair] for pair in pairs], dtype=torch.float32, device=ctx.device)
    width, height = subject.size
    if float((points[:, 0] - points[:, 1]).norm(dim=1).max()) == 0:
        raise BadInput("pairs", "have all their targets on their handles", "Move a target away.")
    after, ends, grip = flowed(net, code, points, (height, width))
    after = code.lerp(after, strength)
    ends = points[:, 0].lerp(ends, strength)
    left = (ends - points[:, 1]).norm(dim=1)
    yield Step(
        picture(generator, after[None]),
        done=1,
        note=_note(grip.tolist()),
        points=tuple((x, y) for x, y in ends.tolist()),
        metrics={"expected_left_px": float(left.mean()), "farthest_px": float(left.max())},
        latent=after.float().cpu().numpy(),
        generator=subject.generator,
    )


def _network(ctx: Context, subject: Subject) -> DragFlow:
    """The network of the subject's generator. Raises BadInput where there is none."""
    ref = subject.generator
    flow = FLOWS.get(w_space(ref.id)) if ref is not None else None
    if flow is None and ref is not None:
        known = " and ".join(FLOWS) or "none"
        why = f"belongs to the generator {ref.id}, for which no such network was trained (there is one for {known})"
        raise BadInput("subject", why, "Use “Drag points” or FreeDrag, which work with every generator.")
    ctx.load_generator(subject)  # the usual sentences for a picture without a code
    assert flow is not None, "what has no code was refused"
    net: DragFlow = ctx.net(flow.name)
    return net


def _note(grip: list[float]) -> str:
    """What to say of points that the network knows nothing about; empty when it knows them all."""
    loose = [str(number) for number, held in enumerate(grip, 1) if held < GRIP]
    if not loose:
        return ""
    points = f"point {loose[0]} lies" if len(loose) == 1 else f"points {', '.join(loose[:6])} lie"
    return f"{points} away from every landmark of a face, where the network has learnt nothing"
