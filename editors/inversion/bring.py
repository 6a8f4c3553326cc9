"""The way from a picture to steps: choose, cut out, invert, score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch
from torch import Tensor

from editors.inversion import networks
from editors.inversion.detectors import JUDGES_NAME, MTCNN_NAME, YUNET_NAME, Detectors, Seen, see
from editors.inversion.face_overlay import drawn
from editors.inversion.method import Effort, face_weight, invert
from editors.inversion.place import Look, Square, place
from editors.inversion.reporting import StepReporter
from editors.inversion.sketch import sketch
from editors.inversion.start import FAR, apart, likely_class, mean_code, nearest
from facet import BadInput, Context, OwnFile, Pair, Placement, Step, Subject
from facet.stylegan import GeneratorRef, w_space
from nets.align import FFHQ, Framing, crop, whole
from nets.carry.landmarks import EYES, astray
from nets.judges import Judges, LandmarkDistance, landmarks, read
from nets.stylegan2 import Generator

TUNING = 100
"""Steps of pivotal tuning that a photograph gets by itself."""
WORTH = 40
"""Evaluations from which on a first likeness is worth its time."""
THREE_QUARTERS = 0.27
"""From how far aside a nose (`Face.aside`) edits tear: a head that is turned by about 40°."""
KNOWN = 0.2
"""Distance of the encoder's picture up to which a picture counts as one of its generator's own world."""
PLAIN, SOMEBODY = 0.05, 0.5
"""Deviation (of -1..1) below which a picture shows nothing, and how sure the judges are of a puppet at least."""


@dataclass(frozen=True)
class InversionOptions:
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
    loss: str = "own"


def bring(ctx: Context, subject: Subject, options: InversionOptions, effort: Effort) -> Iterator[Step]:
    """The steps of an inversion."""
    judges = networks.judges_of(ctx)
    framing = (
        networks.framing_of(options.model) if options.own_model is None else FFHQ
    )  # a file of one's own counts as faces
    look = cache(_looking(ctx, subject, judges, options.detector, framing))
    if (
        options.own_model is not None or w_space(options.model) != "puppets"
    ):  # what cannot be brought in is refused before anything is downloaded
        place(subject, options.align, options.points, framing, look, options.face)
    loss = networks.published_loss(ctx) if options.loss == "published" and effort.tuning else None
    generator, ref = _generator(ctx, options.model, options.own_model)
    name = ref.id
    framing = networks.framing_of(name)
    if _known_as_it_is(ctx, generator, name, subject, options):
        square = Square(whole(*subject.size[::-1]), "all of it: a puppet, framed as they are")
    else:
        square = place(subject, options.align, options.points, framing, look, options.face)
    eyes = None if square.points is None else square.points[:2].tolist()
    placement = Placement.of(subject, square.quad.tolist(), eyes)
    corners = torch.tensor(placement.corners, dtype=torch.float64)
    aligned = crop(subject.tensor()[0], corners, generator.config.resolution[0]).clamp(0, 1)
    wanted = _wanted(aligned, generator, ctx.device)
    if ctx.state is None:
        code, origin, label = _start(ctx, generator, name, wanted, options, _class_of(subject, generator, name))
    else:  # the state has its own code
        code, origin, label = mean_code(generator), str(ctx.state["start"]), ctx.state["label"]
    facts = {"placement": placement.record(), "cut out": square.how, "started from": origin}
    if square.seen is not None:
        facts["detectors"] = square.seen.words()
    found_faces = drawn(subject.tensor()[0], square)
    scorers = judges if w_space(name) == "puppets" else None
    effort = _resolved(effort, generator, code, wanted, ctx.state)
    ref = replace(ref, label=label)
    teller = StepReporter(generator, ref, aligned, effort, facts, scorers, found_faces, networks.trunk_of(ctx))
    weight = face_weight(len(aligned[0])) if square.face else None
    guide = LandmarkDistance(scorers) if scorers is not None and square.face else None
    if scorers is not None and placement.eyes is not None and _misread(scorers, wanted, placement):
        guide, facts["landmarks"] = None, "are not told clearly in this picture, so edits will be less exact"
    if square.aside > THREE_QUARTERS:
        facts["head"] = "is turned far aside, so edits will be less exact: look, and use fewer or smaller ones"
    for found in invert(generator, wanted, code, effort, ctx.state, weight, loss, guide):
        ctx.check_stop()
        yield teller.step(found)
        if found.stage == "start" and ctx.state is None and effort.tuning > 0 and effort.steps + effort.tuning > WORTH:
            for likeness in sketch(generator, wanted, found.w_plus, weight):
                ctx.check_stop()
                yield teller.step(likeness)


def _misread(judges: Judges, wanted: Tensor, placement: Placement) -> bool:
    """Whether the judges have the eyes elsewhere than the square was cut by: the search must not follow them."""
    with torch.no_grad():
        marks, _, _ = landmarks(judges, wanted[0])
    own = torch.stack([marks[list(eye), :2].mean(0) for eye in EYES]) / wanted.shape[-1]
    return astray(own, torch.tensor(placement.eyes_within()))


def _resolved(
    effort: Effort, generator: Generator, code: Tensor, wanted: Tensor, state: Mapping[str, Any] | None
) -> Effort:
    """The effort, with tuning decided where nobody did: a photograph needs it, the generator's own pictures do not."""
    if effort.tuning >= 0:
        return effort
    if state is not None:
        return replace(effort, tuning=int(state["tuning_steps"]))
    return replace(effort, tuning=TUNING if apart(generator, code, wanted) >= FAR else 0)


def _known_as_it_is(ctx: Context, generator: Generator, name: str, subject: Subject, options: InversionOptions) -> bool:
    """Whether the encoder's code draws the whole picture: then it is framed already, though the head may be turned.

    A plain wall is drawn as well: somebody must be seen, too.
    """
    width, height = subject.size
    if w_space(name) != "puppets" or options.align != "auto" or options.points or abs(width - height) > 0.05 * width:
        return False
    encode = networks.encoder_of(ctx, name, generator, options.own_encoder, download=False)
    if encode is None:
        return False
    wanted = _wanted(
        crop(subject.tensor()[0], whole(height, width), generator.config.resolution[0]), generator, ctx.device
    )
    judges = networks.judges_of(ctx)
    with torch.no_grad():
        if float(wanted.std()) < PLAIN or (judges is not None and float(read(judges, wanted).present) < SOMEBODY):
            return False
        return bool(apart(generator, encode(wanted).float(), wanted) < KNOWN)


def _looking(ctx: Context, subject: Subject, judges: Judges | None, detector: str, framing: Framing | None) -> Look:
    """Who is to look at the picture.

    By itself the best that is here: YuNet, else MTCNN, and the judges where those see nobody. YuNet is fetched only
    where it is asked for, or for a generator of people, which comes from the Hub too.
    """

    def look() -> Seen:
        fetch = detector in ("yunet", "both") or (detector == "auto" and (framing is FFHQ or networks.yunet_is_here()))
        yunet, why = networks.yunet_of(ctx) if fetch else (None, "")
        lacking = [(YUNET_NAME, why)] if why else []
        alone = detector in ("mtcnn", "judges") or (detector == "yunet" and yunet is not None)
        photo = networks.mtcnn_of(ctx) if detector == "mtcnn" or not alone else None
        puppets = judges if detector == "judges" or not alone else None
        for name, one, asked in ((MTCNN_NAME, photo, "mtcnn"), (JUDGES_NAME, puppets, "judges")):
            if one is None and (detector == asked or not alone):
                lacking.append((name, "not part of this installation"))
        detectors = Detectors(yunet, photo, puppets, in_turn=detector in ("auto", "yunet"))
        return see(subject.tensor()[0] * 2 - 1, detectors, lacking)

    return look


def _generator(ctx: Context, model: str, own: OwnFile | None) -> tuple[Generator, GeneratorRef]:
    """The generator, and what was really loaded."""
    generator, ref = ctx.load_generator(own or model)
    if len(set(generator.config.resolution)) != 1:
        field = "own_model" if own else "model"
        raise BadInput(field, "makes pictures that are not square, which cannot be cut out", "Choose another one.")
    return generator, ref


def _wanted(aligned: Tensor, generator: Generator, device: str) -> Tensor:
    """[1, C, H, W] in -1..1, on the device."""
    picture = aligned if generator.config.img_channels == 3 else aligned.mean(0, keepdim=True)
    return (picture * 2 - 1)[None].to(device)


def _class_of(subject: Subject, generator: Generator, name: str) -> int | None:
    """The class of a picture that this very generator made, which it then keeps."""
    ref = subject.generator
    known = ref is not None and ref.id == name and ref.label is not None and ref.label < generator.config.c_dim
    return ref.label if ref is not None and known else None


def _start(
    ctx: Context, generator: Generator, name: str, wanted: Tensor, options: InversionOptions, kind: int | None
) -> tuple[Tensor, str, int | None]:
    """w_plus to begin with, where it comes from, and its class: `kind` where it is known."""
    code, origin, label = _begin(ctx, generator, name, wanted, options, kind)
    if label is None:
        label = likely_class(generator, code) if kind is None else kind
    return code, origin, label


def _begin(
    ctx: Context, generator: Generator, name: str, wanted: Tensor, options: InversionOptions, kind: int | None
) -> tuple[Tensor, str, int | None]:
    if options.start == "mean":
        return mean_code(generator), "the mean picture", None
    told = None
    if options.start != "nearest":
        encode = networks.encoder_of(ctx, name, generator, options.own_encoder, download=options.start == "encoder")
        if encode is not None:
            with torch.no_grad():
                told = encode(wanted.expand(-1, 3, -1, -1)).float()
        if options.start == "encoder":
            return _told(told), "an encoder", None
        if told is not None and (w_space(name) == "puppets" or apart(generator, told, wanted) < FAR):
            return told, "an encoder", None  # where landmarks guide the search, a pose that is right counts for more
    # an encoder does not know what to make of a picture from another world; samples stay in this one
    code, label = nearest(generator, wanted, options.candidates, options.seed, ctx.check_stop, kind)
    if told is not None and apart(generator, told, wanted) <= apart(generator, code, wanted):
        return told, "an encoder", None
    return code, f"the nearest of {options.candidates} samples", label


def _told(code: Tensor | None) -> Tensor:
    if code is None:
        fix = "Give a pSp or e4e file as own encoder, or start from the nearest of many samples."
        raise BadInput("start", "asks for an encoder, but there is none for this generator", fix)
    return code
