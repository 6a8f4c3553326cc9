"""What becomes of a photograph: how soon it is brought in, and how an edit looks in it. Part of photographs.py."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from editors.attributes.method import moved, moves
from editors.inversion import invert, method, networks
from facet import Context, Subject, placement_of
from facet.app import Preview, Result, run
from metrics import METRICS
from nets.align import crop
from nets.carry import Asked, Carrier, carry, live_carrier, marks_of, movement
from nets.carry.lips import COLUMNS
from nets.carry.mouth import found_there, opening_of
from nets.judges import read
from nets.paste import paste
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import between, picture

EDITS: Mapping[str, Mapping[str, float]] = {
    "smile": {"smile": 1.0},
    "no smile": {"smile": -1.0},
    "turn": {"yaw": 15.0},
    "age": {"age": 1.0},
    "open mouth": {"mouth_open": 0.8},
    "closed eyes": {"eyes_closed": 1.0},
    "glasses": {"glasses": 1.0},
}
LIKE, KNOWN = 25.0, 19.0  # dB: like the photograph, and who it is can be told
LIVE_LOOKS = 5
TURNS: Mapping[str, Mapping[str, float]] = {
    **{f"turn by {angle}°": {"yaw": float(angle)} for angle in (-30, -20, -10, 10, 20, 30)},
    "nod by 15°": {"pitch": 15.0},
    "look up by 15°": {"pitch": -15.0},
}


class Brought(NamedTuple):
    """A portrait in the generator: the subject, and seconds.

    first: to the first picture. known, like: to `KNOWN` and `LIKE` dB (nan: never). whole: in all. psnr: dB at the end.
    """

    subject: Subject
    first: float
    known: float
    like: float
    whole: float
    psnr: float


def bring(portrait: Subject, quick: bool, as_before: bool = False) -> Brought:
    """Bring a portrait in with the defaults, or as it was done before: from samples, unguided, at full size."""
    inputs = {"model": "puppets", "steps": 20, "tuning": 30} if quick else {}
    kept = method.HALF, method.FASTER, method.ALIGN, method.ALIGNED_HOLD
    if as_before:
        inputs |= {"start": "nearest", "tuning": 30 if quick else 150}
        method.HALF, method.FASTER, method.ALIGN, method.ALIGNED_HOLD = 0.0, 1, 0.0, 1.0
    began, first, known, like, psnr, result = time.perf_counter(), *[float("nan")] * 3, 0.0, None
    try:
        for event in run(invert, {"subject": portrait, **inputs}):
            now = time.perf_counter() - began
            if isinstance(event, Preview):
                first = now if first != first else first
                psnr = event.metrics.get("psnr", psnr)
                known = now if known != known and psnr >= KNOWN else known
                like = now if like != like and psnr >= LIKE else like
            elif isinstance(event, Result):
                result = event
    finally:
        method.HALF, method.FASTER, method.ALIGN, method.ALIGNED_HOLD = kept
    assert result is not None
    return Brought(result.subject, first, known, like, time.perf_counter() - began, psnr)


class Edit(NamedTuple):
    """One edit: pictures [3, ., .] in 0..1, numbers by name, and what is not seen in the photograph, in words."""

    name: str
    first: Tensor
    after: Tensor
    pasted: Tensor
    carried: Tensor
    numbers: dict[str, float]
    left_out: str = ""


def edits(ctx: Context, photograph: Subject, brought: Subject, names: list[str]) -> list[Edit]:
    """Each edit in the generator, as pasted pixels and carried over."""
    judges, found = networks.judges_of(ctx), []
    photo, quad, code, first, generator = _ground(ctx, photograph, brought)
    over = Carrier(photo, quad, first, judges, eyes=_eyes(brought))
    for name in names:
        end = _moved(ctx, brought, code, EDITS[name])
        after = picture(generator, end)
        pasted = paste(photo, after, quad)
        asked = Asked(*(EDITS[name].get(slider, 0.0) for slider in ("eyes_closed", "mouth_open")))
        made = over.carried(after, between=partial(between, generator, code[0], end[0]), asked=asked)
        numbers = {
            "sharp_carried": _sharpness(made.image, photo, quad),
            "sharp_pasted": _sharpness(pasted, photo, quad),
            "seam_carried": _seam(made.image, photo),
            "seam_pasted": _seam(pasted, photo),
            "reached": _reached(judges, [crop(x, quad, 256) for x in (photo, made.image)], [first, after]),
            "parted": _parted(over, after) if asked.mouth > 0 else float("nan"),
            "untouched": 100 * float(made.kept.float().mean()),
            "outside_equal": float(torch.equal(made.image[:, made.kept], photo[:, made.kept])),
            **_times(photo, quad, first, after, judges),
        }
        found.append(Edit(name, first, after, pasted, made.image, numbers, made.left_out))
    return found


def turns(ctx: Context, photograph: Subject, brought: Subject, names: list[str]) -> dict[str, dict[str, float]]:
    """Each turn, carried over at once and in short steps."""
    judges, found = networks.judges_of(ctx), {}
    photo, quad, code, first, generator = _ground(ctx, photograph, brought)
    over = Carrier(photo, quad, first, judges, eyes=_eyes(brought))
    for name in names:
        end = _moved(ctx, brought, code, TURNS[name])
        after = picture(generator, end)
        made = over.carried(after), over.carried(after, between=partial(between, generator, code[0], end[0]))
        row = {"steps": float(over.steps_to(after))}
        for way, each in zip(("at_once", "in_steps"), made, strict=True):
            pictures = [crop(x, quad, 256) for x in (photo, each.image)]
            row |= {
                f"sharp_{way}": _sharpness(each.image, photo, quad),
                f"reached_{way}": _reached(judges, pictures, [first, after]),
                f"seam_{way}": _seam(each.image, photo),
            }
        found[name] = row
    return found


def _ground(ctx: Context, photograph: Subject, brought: Subject) -> tuple[Tensor, Tensor, Tensor, Tensor, Generator]:
    """The photograph, its square, the code [1, num_ws, w_dim], its picture and the generator."""
    generator, where = ctx.load_generator(brought)[0], placement_of(brought)
    assert where is not None
    code = torch.from_numpy(brought.latent.copy())[None]
    quad = torch.tensor(where.corners, dtype=torch.float64)
    return photograph.tensor()[0], quad, code, picture(generator, code), generator


def _moved(ctx: Context, brought: Subject, code: Tensor, strengths: Mapping[str, float]) -> Tensor:
    chosen = {ctx.direction(brought, each): strength for each, strength in strengths.items()}
    return moved(code, moves(chosen, [], code.shape[1], (0, 18), False, None))


def _times(photo: Tensor, quad: Tensor, first: Tensor, after: Tensor, judges: object) -> dict[str, float]:
    began = time.perf_counter()
    marks = marks_of(judges, first, after)  # type: ignore[arg-type]
    seen = time.perf_counter()
    what = movement(first, after, marks)
    known = time.perf_counter()
    carry(photo, quad, what)
    done = time.perf_counter()
    live = live_carrier(photo, quad, first, judges)  # type: ignore[arg-type]
    live.carried(after)
    ready = time.perf_counter()
    for _ in range(LIVE_LOOKS):
        live.carried(after)
    each = (time.perf_counter() - ready) / LIVE_LOOKS
    return {
        "landmarks_ms": 1e3 * (seen - began),
        "flow_ms": 1e3 * (known - seen),
        "photo_ms": 1e3 * (done - known),
        "live_ms": 1e3 * each,
        "live_per_s": 1 / each,
    }


def _eyes(brought: Subject) -> Tensor | None:
    where = placement_of(brought)
    known = None if where is None else where.eyes_within()
    return None if known is None else torch.tensor(known)


def _parted(over: Carrier, after: Tensor) -> float:
    """How far the photograph's lips go apart in the middle, over the generator's; nan where one of them stays shut."""
    there, read = over.ground.lips, over.read(after)
    if there is None or read.apart <= 0:
        return float("nan")
    ways = opening_of(there, found_there(there, read.field, read.apart)).ways[:, COLUMNS // 2]
    return float((ways[1] - ways[0]) * there.axis.norm()) / read.apart


def _seam(made: Tensor, photo: Tensor) -> float:
    levels = [(picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy() for picture in (made, photo)]
    return METRICS["seam"](result=np.ascontiguousarray(levels[0]), subject=np.ascontiguousarray(levels[1]))


def _sharpness(made: Tensor, photo: Tensor, quad: Tensor) -> float:
    side = max(16, min(1024, round(float((quad[3] - quad[0]).norm()))))
    levels = [
        (crop(picture, quad, side).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
        for picture in (made, photo)
    ]
    return METRICS["sharpness"](result=np.ascontiguousarray(levels[0]), subject=np.ascontiguousarray(levels[1]))


@torch.no_grad()
def _reached(judges: object, photographs: list[Tensor], pictures: list[Tensor]) -> float:
    """How much of the generator's movement the photograph's landmarks made: 1 is all of it; nan where little moves."""
    pairs = [read(judges, torch.stack(pair) * 2 - 1, careful=True) for pair in (photographs, pictures)]  # type: ignore[arg-type]
    (made, wanted) = (
        (one.landmarks[1] - one.landmarks[0]) / size
        for one, size in zip(pairs, (256, pictures[0].shape[-1]), strict=True)
    )
    counts = torch.stack([one.visibility.amin(0) > 0.4 for one in pairs]).all(0)
    length = float(wanted[counts].square().sum())
    return float((made * wanted)[counts].sum()) / length if length > 1e-3 else float("nan")
