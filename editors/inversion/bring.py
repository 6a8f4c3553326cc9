"""The way from a picture to steps: choose, cut out, invert, score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from editors.inversion import aids
from editors.inversion.method import Effort, Found, error_map, face_weight, invert, levels, picture
from editors.inversion.place import place
from editors.inversion.start import FAR, apart, mean_code, nearest
from facet import BadInput, Context, GeneratorRef, OwnFile, Pair, Placement, Step, Subject
from metrics import METRICS
from nets.align import crop
from nets.inversion import with_delta
from nets.judges import FeatureDistance, Judges, read
from nets.stylegan2 import Generator

_POOR = 24.0  # dB below which the generator cannot draw the picture
_STATE_EVERY = 25  # evaluations; a state copies the tuned weights


@dataclass(frozen=True)
class Wishes:
    """The editor's inputs that say what is brought in, and where the search begins; see their declarations."""

    model: str
    own_model: OwnFile | None
    own_encoder: OwnFile | None
    align: str
    points: list[Pair]
    face: int
    start: str
    candidates: int
    seed: int


def bring(ctx: Context, subject: Subject, wishes: Wishes, effort: Effort) -> Iterator[Step]:
    """The steps of an inversion."""
    generator, name = _generator(ctx, wishes.model, wishes.own_model)
    judges = aids.judges_of(ctx)
    square = place(subject, wishes.align, wishes.points, aids.framing_of(name), judges, wishes.face)
    placement = Placement.of(subject, square.quad.tolist())
    corners = torch.tensor(placement.corners, dtype=torch.float64)
    aligned = crop(subject.tensor()[0], corners, generator.config.resolution[0]).clamp(0, 1)
    wanted = _wanted(aligned, generator, ctx.device)
    if ctx.state is None:
        code, origin = _start(ctx, generator, name, wanted, wishes)
    else:
        code, origin = mean_code(generator), str(ctx.state["start"])  # the state has its own code
    facts = {"placement": placement.record(), "cut out": square.how, "started from": origin}
    teller = _Teller(generator, name, aligned, effort, facts, judges if name == "puppets" else None)
    weight = face_weight(len(aligned[0])) if square.face else None
    for found in invert(generator, wanted, code, effort, ctx.state, weight):
        ctx.check_stop()
        yield teller.step(found)


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


class _Teller:
    """Makes steps of what is found; scores are measured anew only where the picture is."""

    def __init__(
        self,
        generator: Generator,
        name: str,
        aligned: Tensor,
        effort: Effort,
        facts: dict[str, Any],
        judges: Judges | None,
    ) -> None:
        self.generator, self.name, self.aligned, self.effort = generator, name, aligned, effort
        self.facts, self.judges = facts, judges
        self.total = effort.steps + effort.tuning
        self._image: Tensor | None = None
        self._shown = aligned
        self._scores: dict[str, float] = {}

    def step(self, found: Found) -> Step:
        """One step."""
        if found.image is not self._image:
            self._image, self._shown = found.image, picture(found.image)
            self._scores = self._scored(self._shown)
        tuned = found.delta is not None
        self._remark(tuned)
        over = found.done >= self.total
        return Step(
            (lambda: self._drawn(found)) if tuned else self._shown,
            done=1.0 if over else found.done / self.total,
            note=self._note(found),
            metrics=self._scores,
            images={"aligned": self.aligned, "error": error_map(self._shown, self.aligned)},
            preview=self._shown,
            latent=found.w_plus[0].detach().float().cpu().numpy(),
            generator=GeneratorRef(self.name),
            delta=found.delta,
            facts=dict(self.facts),
            state=self._state(found),
        )

    def _drawn(self, found: Found) -> Tensor:
        """What the kept delta, in half precision, makes of the code: the very picture that other editors begin with."""
        assert found.delta is not None
        with torch.no_grad():
            return picture(with_delta(self.generator, found.delta()).synthesis(found.w_plus))

    def _scored(self, shown: Tensor) -> dict[str, float]:
        made, wanted = levels(shown), levels(self.aligned)
        scores = {name: METRICS[name](result=made, subject=wanted) for name in ("psnr", "ssim")}
        if self.judges is not None:
            pair = torch.stack([shown, self.aligned]) * 2 - 1
            with torch.no_grad():
                identity = read(self.judges, pair).identity
                scores["puppet_features"] = float(FeatureDistance(self.judges)(pair[:1], pair[1:]))
            scores["puppet_identity"] = float(identity[0] @ identity[1])
        return scores

    def _remark(self, tuned: bool) -> None:
        """Say so where the generator cannot draw what it was given."""
        self.facts.pop("likeness", None)
        if self.name == "puppets" and self._scores["psnr"] < _POOR:
            remark = "Puppets draw puppets: this is the nearest one."
            more = (
                "More tuning steps come closer." if tuned else "Pivotal tuning comes closer; FFHQ weights draw people."
            )
            self.facts["likeness"] = f"{remark} {more}"

    def _note(self, found: Found) -> str:
        if found.stage == "start":
            return str(self.facts["started from"])
        if found.stage == "tuning":
            return f"tuning, {found.done - self.effort.steps} of {self.effort.tuning}"
        return f"code, {found.done} of {self.effort.steps}"

    def _state(self, found: Found) -> dict[str, Any] | None:
        if found.done == 0 or found.done % _STATE_EVERY:
            return None
        return found.state() | {"start": self.facts["started from"]}
