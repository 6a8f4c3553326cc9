"""A portrait that moves: sliders that swing, a head that turns, key frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import torch
from torch import Tensor

from editors.animation.generators import GENERATORS, filmed
from editors.animation.inputs import MOST_SECONDS, EasingChoice, Format, Fps, Seconds, Size, frame_count
from editors.animation.key_frames import EXAMPLE, KeyFrames, parse
from editors.animation.method import swing, track
from editors.animation.onto import AIDS, Onto, Source, carrying
from facet import BadInput, Choice, Context, Latent, Slider, Step, Subject, editor
from facet.stylegan import DirectionNames
from nets.paths import Easing, moments

MOTIONS = {
    "sweep": "Sweep: sliders there and back",
    "turn": "Turn the head",
    "key_frames": "Key frames",
}
TURNS = ("yaw", "pose")
"""What the direction that turns a head is called, by generator."""

Tracks = dict[str, Tensor]
"""Strengths [N] over the film, by attribute."""


@editor(
    "animation",
    "Animation",
    task="animate",
    version="1.6",
    gpu_seconds=lambda seconds, fps, **_: 5 + 0.03 * seconds * fps,
    nets=(*GENERATORS, *AIDS),
    tags=("portrait", "film", "key frames", "turntable", "StyleGAN2"),
    trial={"seconds": 0.5, "fps": 8, "attributes": ["smile"], "key_frames": "0: smile=0; 0.4: smile=0.5"},
)
def animation(
    ctx: Context,
    *,
    subject: Annotated[Subject, Latent(doc="Who moves; its generator offers the attributes.")],
    motion: Annotated[str, Choice(MOTIONS, doc="What the film shows.")] = "sweep",
    attributes: Annotated[
        list[str], DirectionNames(label="Sweep of", doc="What a sweep moves, one after the other; e.g. smile, age.")
    ] = ("smile",),  # type: ignore[assignment]
    reach: Annotated[
        float, Slider(0.1, 1, step=0.05, doc="How far a sweep or a turn goes; 1 is the whole range of the slider.")
    ] = 0.8,
    key_frames: Annotated[str, KeyFrames(doc=f"When each attribute has which strength. {EXAMPLE}")] = "",
    seconds: Seconds = 4.0,
    fps: Fps = 24,
    easing: EasingChoice = "smooth",
    format: Format = "mp4",
    size: Size = 1024,
    onto: Onto = False,
    source: Source = None,
) -> Iterator[Step]:
    """Make a film of a face whose attributes move: a sweep, a turn of the head, or key frames.

    A sweep moves each attribute to one side, to the other, and home; a turn does so with the head. Both end as they
    begin, so the film loops. Key frames give strengths at times in seconds, and the last time is the film's length:
    `0: smile=0; 1.5: smile=1, yaw=-15; 3: smile=0`. An attribute starts at 0, moves from one of its key frames to the
    next, and holds after its last. 0 is the picture as it is.
    """
    generator, _ = ctx.load_generator(subject)
    if motion == "key_frames":
        tracks = _scripted(key_frames, fps, easing)
    elif motion == "turn":
        tracks = _swung(ctx, subject, [_turning(ctx, subject)], frame_count(seconds, fps), reach, easing)
    else:
        if not attributes:
            raise BadInput("attributes", "name nothing to sweep", "Write e.g. smile, age.")
        tracks = _swung(ctx, subject, attributes, frame_count(seconds, fps), reach, easing)
    over = carrying(ctx, subject, source, generator, size) if onto else None
    codes = _codes(ctx, subject, tracks)
    yield filmed(ctx, generator, subject.generator, codes, fps=fps, size=size, format=format, over=over)


def _scripted(text: str, fps: int, easing: Easing) -> Tracks:
    if not text:
        raise BadInput("key_frames", "are missing", EXAMPLE)
    script = parse(text, "key_frames", MOST_SECONDS)
    times = moments(frame_count(script.seconds, fps), False) * script.seconds
    return {name: track(keys, times, easing) for name, keys in script.tracks().items()}


def _swung(ctx: Context, subject: Subject, names: list[str], count: int, reach: float, easing: Easing) -> Tracks:
    """Each attribute swings in a part of the film of its own."""
    if count < 2 * len(names):
        raise BadInput("seconds", f"are too few for {len(names)} attributes", "Make it longer, or sweep fewer.")
    part = moments(count, True) * len(names)
    found = {}
    for number, name in enumerate(names):
        direction = ctx.direction(subject, name)
        at = (part - number).clamp(0, 1)
        found[name] = swing(at, direction.low * reach, direction.high * reach, easing)
    return found


def _turning(ctx: Context, subject: Subject) -> str:
    for name in TURNS:
        try:
            return ctx.direction(subject, name).id
        except BadInput:
            continue
    ref = subject.generator.id if subject.generator else "this generator"
    raise BadInput("motion", f"cannot be a turn: {ref} offers no direction that turns a head", "Choose another motion.")


def _codes(ctx: Context, subject: Subject, tracks: Tracks) -> Tensor:
    """Codes [N, num_ws, w_dim]: the subject's, moved along every attribute by its strength in that frame."""
    assert subject.latent is not None  # the input is a Latent
    start = torch.from_numpy(subject.latent.copy())
    codes = start.repeat(len(next(iter(tracks.values()))), 1, 1)
    for name, strengths in tracks.items():
        direction = ctx.direction(subject, name)
        first, last = direction.rows or (0, len(start))
        vector = torch.from_numpy(direction.vector.copy()).expand_as(start)
        codes[:, first:last] += strengths[:, None, None] * vector[first:last]
    return codes.to(ctx.device)
