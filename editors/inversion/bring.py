"""The way from a picture to steps: choose, cut out, invert, score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from editors.inversion import aids
from editors.inversion.detectors import JUDGES_NAME, YUNET_NAME, Seen, see
from editors.inversion.method import Effort, face_weight, invert
from editors.inversion.place import Look, Square, place
from editors.inversion.sight import drawn
from editors.inversion.start import FAR, apart, mean_code, nearest
from editors.inversion.telling import Teller
from facet import BadInput, Context, GeneratorRef, OwnFile, Pair, Placement, Step, Subject, w_space
from nets.align import FFHQ, Framing, crop, whole
from nets.judges import Judges
from nets.stylegan2 import Generator

KNOWN = 0.2
"""Distance of the encoder's picture up to which a picture counts as one of its generator's own world."""


@dataclass(frozen=True)
class Wishes:
    """The editor's inputs that say what is brought in, and where the search begins; see their declarations."""

    model: str
    own_model: OwnFile | None
    own_encoder: OwnFile | None
    align: str
    detector: str
    points: list[Pair]
    face: int
    start: str
    candidates: int
    seed: int


def bring(ctx: Context, subject: Subject, wishes: Wishes, effort: Effort) -> Iterator[Step]:
    """The steps of an inversion."""
    generator, name = _generator(ctx, wishes.model, wishes.own_model)
    judges, framing = aids.judges_of(ctx), aids.framing_of(name)
    look = _looking(ctx, subject, judges, wishes.detector, framing)
    if _known_as_it_is(ctx, generator, name, subject, wishes):
        square = Square(whole(*subject.size[::-1]), "all of it: a puppet, framed as they are")
    else:
        square = place(subject, wishes.align, wishes.points, framing, look, wishes.face)
    placement = Placement.of(subject, square.quad.tolist())
    corners = torch.tensor(placement.corners, dtype=torch.float64)
    aligned = crop(subject.tensor()[0], corners, generator.config.resolution[0]).clamp(0, 1)
    wanted = _wanted(aligned, generator, ctx.device)
    if ctx.state is None:
        code, origin = _start(ctx, generator, name, wanted, wishes)
    else:
        code, origin = mean_code(generator), str(ctx.state["start"])  # the state has its own code
    facts = {"placement": placement.record(), "cut out": square.how, "started from": origin}
    if square.seen is not None:
        facts["detectors"] = square.seen.words()
    found_faces = drawn(subject.tensor()[0], square)
    scorers = judges if w_space(name) == "puppets" else None
    teller = Teller(generator, name, aligned, effort, facts, scorers, found_faces, aids.trunk_of(ctx))
    weight = face_weight(len(aligned[0])) if square.face else None
    for found in invert(generator, wanted, code, effort, ctx.state, weight):
        ctx.check_stop()
        yield teller.step(found)


def _known_as_it_is(ctx: Context, generator: Generator, name: str, subject: Subject, wishes: Wishes) -> bool:
    """Whether the encoder's code draws the whole picture: then it is framed already, though the head may be turned."""
    width, height = subject.size
    if w_space(name) != "puppets" or wishes.align != "auto" or wishes.points or abs(width - height) > 0.05 * width:
        return False
    encode = aids.encoder_of(ctx, name, generator, wishes.own_encoder, download=False)
    if encode is None:
        return False
    wanted = _wanted(
        crop(subject.tensor()[0], whole(height, width), generator.config.resolution[0]), generator, ctx.device
    )
    with torch.no_grad():
        return apart(generator, encode(wanted).float(), wanted) < KNOWN


def _looking(ctx: Context, subject: Subject, judges: Judges | None, detector: str, framing: Framing | None) -> Look:
    """Who is to look at the picture. The judges know puppets best, YuNet people: that is what is right by itself."""
    if detector == "auto":
        detector = "both" if framing is FFHQ else "judges"

    def look() -> Seen:
        yunet, why = (None, "") if detector == "judges" else aids.yunet_of(ctx)
        lacking = [(YUNET_NAME, why)] if why else []
        if detector == "yunet" and yunet is not None:
            return see(subject.tensor()[0] * 2 - 1, None, yunet)
        if judges is None:
            lacking.append((JUDGES_NAME, "not part of this installation"))
        return see(subject.tensor()[0] * 2 - 1, judges, yunet, lacking)

    return look


def _generator(ctx: Context, model: str, own: OwnFile | None) -> tuple[Generator, str]:
    """The generator and the name of what was really loaded."""
    if own is not None:
        generator, name = ctx.own_net(own, aids.from_contents), f"file:{own.sha256[:16]}"
    else:
        generator = ctx.net(model)
        true = ctx.true_ref(GeneratorRef(model))
        name = true.id if true is not None else model
    if len(set(generator.config.resolution)) != 1:
        field = "own_model" if own else "model"
        raise BadInput(field, "makes pictures that are not square, which cannot be cut out", "Choose another one.")
    return generator, name


def _wanted(aligned: Tensor, generator: Generator, device: str) -> Tensor:
    """[1, C, H, W] in -1..1, on the device."""
    picture = aligned if generator.config.img_channels == 3 else aligned.mean(0, keepdim=True)
    return (picture * 2 - 1)[None].to(device)


def _start(ctx: Context, generator: Generator, name: str, wanted: Tensor, wishes: Wishes) -> tuple[Tensor, str]:
    """w_plus to begin with, and where it comes from."""
    if wishes.start == "mean":
        return mean_code(generator), "the mean picture"
    told = None
    if wishes.start != "nearest":
        encode = aids.encoder_of(ctx, name, generator, wishes.own_encoder, download=wishes.start == "encoder")
        if encode is not None:
            with torch.no_grad():
                told = encode(wanted.expand(-1, 3, -1, -1)).float()
        if wishes.start == "encoder":
            return _told(told), "an encoder"
        if told is not None and apart(generator, told, wanted) < FAR:
            return told, "an encoder"
    # an encoder does not know what to make of a picture from another world; samples stay in this one
    code = nearest(generator, wanted, wishes.candidates, wishes.seed, ctx.check_stop)
    if told is not None and apart(generator, told, wanted) <= apart(generator, code, wanted):
        return told, "an encoder"
    return code, f"the nearest of {wishes.candidates} samples"


def _told(code: Tensor | None) -> Tensor:
    if code is None:
        fix = "Give a pSp or e4e file as own encoder, or start from the nearest of many samples."
        raise BadInput("start", "asks for an encoder, but there is none for this generator", fix)
    return code
