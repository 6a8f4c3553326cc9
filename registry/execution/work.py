"""One slice of a run, where the device is: the handler is called here, and only plain data leaves."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from registry.artifacts import on_top, save_delta
from registry.belongings import kept_in
from registry.device import cpu_threads
from registry.errors import Stopped
from registry.execution.context import Context
from registry.execution.contract_checks import checked, failure, leaked, nothing, written_into
from registry.execution.job import Event, Failure, Job, Outcome
from registry.execution.left import MASK, drawn, kept_of, mask_of, text_of
from registry.execution.looks import looking
from registry.execution.shoot import shoot
from registry.film import FilmFile
from registry.plugins import SPECS, EditorSpec, Preview, Step, Variant
from registry.process import Lease, lease, thread_state
from registry.subjects import Alpha, GeneratorRef, Pixels, alpha_of, jpeg_bytes, to_pixels


def work(job: Job) -> Iterator[Event]:
    """Run one slice of `job`: previews, then one `Outcome` or one `Failure`. Nothing is raised."""
    spec = SPECS[job.editor]
    changed: list[str] = []
    end: Outcome | Failure | None = None
    try:
        with _surroundings(job, changed), kept_in(job.belongings):
            for event in _steps(spec, job):
                if isinstance(event, Outcome):
                    end = event
                else:
                    yield event
    except GeneratorExit:
        raise
    except BaseException as error:  # the border: whatever happened inside, an exit too, must become a sentence
        end = failure(spec, error)
    faults = tuple(f"changed {change}; it was put back" for change in changed)
    if isinstance(end, Failure):
        yield replace(end, others=(*end.others, *faults))
    elif end is not None:
        yield replace(end, faults=(*end.faults, *faults))


@contextlib.contextmanager
def _surroundings(job: Job, changed: list[str]) -> Iterator[None]:
    """Threads and seeds as the job says; afterwards everything as it was. `changed`: what the editor had changed."""
    mine = lease.get() or Lease()
    if torch.get_num_threads() != (usual := cpu_threads()):  # this thread came up beside something that has fewer
        torch.set_num_threads(usual)
    thread = thread_state()
    if job.device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()

    def impose() -> None:
        if torch.get_num_threads() != job.threads:
            torch.set_num_threads(job.threads)
        # for authors who forget ctx.generator; to seed all devices takes milliseconds, even of those that are not there
        torch.default_generator.manual_seed(job.seed) if job.device == "cpu" else torch.manual_seed(job.seed)
        random.seed(job.seed)
        np.random.seed(job.seed % 2**32)

    try:
        with contextlib.nullcontext() if job.device == "cpu" else torch.random.fork_rng():
            mine.begin(impose)
            yield
    finally:
        changed += [*mine.end(), *thread.restore()]


def _steps(spec: EditorSpec, job: Job) -> Iterator[Preview | Outcome]:
    started = time.monotonic()
    deadline = None if job.seconds is None else started + job.seconds
    ctx = Context(
        device=job.device,
        seed=job.seed,
        nets=spec.nets,
        stop=job.stop,
        deadline=deadline,
        state=job.state,
        strict=job.strict,
        agreed=job.agreed,
        rough=job.rough,
    )
    before = set(threading.enumerate())
    last: Step | None = None
    film: FilmFile | None = None
    count, stopped, faults = job.steps_before, False, []
    own = copy.deepcopy(dict(job.values))  # no plugin can change history, a recipe or another visitor's picture
    handler = spec.handler(ctx, **own)
    with contextlib.closing(_as_generator(handler)) as steps:
        while True:
            try:
                with looking(ctx):
                    step = next(steps)
            except StopIteration:
                break
            except Stopped:
                stopped = True
                break
            before_it, last = last, checked(step, last, spec)
            count += 1
            yield _preview(last, before_it) if job.seen else Preview(b"", last.done, last.note)
            if last.film is not None:
                last, film = yield from _filmed(last, ctx, job, started)
                if last.done < 1:  # it was cut: nothing comes after it
                    stopped = True
                    break
            if (ends := job.last_step is not None and count >= job.last_step) or ctx.stopping:
                stopped = not ends or last.done < 1
                break
            if job.slice_seconds and last.state is not None and time.monotonic() - started > job.slice_seconds:
                break
    if last is None:
        raise Stopped("The edit was stopped before there was a picture.") if stopped else nothing(spec)
    if threads := leaked(before, spec):
        faults.append(f"left a thread running after a run: {threads}")
    faults += written_into(job.values, own)
    unfinished = last.done < 1 and not stopped and last.state is not None and job.slice_seconds is not None
    outcome = _outcome(last, count, stopped, ctx, _state_of(last) if unfinished else None, tuple(faults))
    yield replace(outcome if unfinished else _with_artifacts(outcome, spec, job, last, ctx), film=film)


def _state_of(step: Step) -> Mapping[str, Any] | None:
    return step.state() if callable(step.state) else step.state


def _with_artifacts(outcome: Outcome, spec: EditorSpec, job: Job, step: Step, ctx: Context) -> Outcome:
    """The end of a run together with what it leaves for other editors, which is kept first: a delta may be among it."""
    kept, told = kept_of(spec, job, step)
    facts = {**outcome.facts, **told}
    return replace(outcome, artifacts=kept, facts=facts, generator=_generator(step, ctx))


def _filmed(
    step: Step, ctx: Context, job: Job, started: float
) -> Generator[Preview, None, tuple[Step, FilmFile | None]]:
    """Make the film of a step. Where a GPU is lent, it ends in time with the frames it has."""

    def stopping() -> bool:
        return ctx.stopping or bool(job.slice_seconds and time.monotonic() - started > job.slice_seconds)

    shot = yield from shoot(step, stopping=stopping, threads=job.threads, last_frame=job.last_frame)
    return shot.step, shot.film


def _as_generator(handler: Iterator[Step]) -> Generator[Step, None, None]:
    assert isinstance(handler, Generator)  # checked when the editor was declared
    return handler


def _preview(step: Step, before: Step | None) -> Preview:
    """A step on its way to the screen; no picture if the screen has it already."""
    shown = step.image if step.preview is None else step.preview
    same = before is not None and step.preview is not None and step.preview is before.preview
    jpeg = b"" if same else jpeg_bytes(to_pixels(shown))
    return Preview(jpeg, step.done, step.note, step.points, dict(step.metrics))


def _outcome(
    step: Step, count: int, stopped: bool, ctx: Context, state: Mapping[str, Any] | None, faults: tuple[str, ...]
) -> Outcome:
    image = step.image() if callable(step.image) else step.image
    pixels = _own(image)
    alpha = alpha_of(image) if step.alpha is None else step.alpha
    mask = mask_of(step, pixels)
    images = {name: _own(_picture_of(image), name) for name, image in step.images.items()}
    return Outcome(
        pixels=pixels,
        steps=count,
        stopped=stopped,
        note=step.note,
        metrics={name: float(value) for name, value in step.metrics.items()},
        images=images if mask is None else {**images, MASK: drawn(mask)},
        text=text_of(step),
        mask=mask,
        latent=None if step.latent is None else step.latent.copy(),
        variants={name: _bare(found, ctx) for name, found in step.images.items() if isinstance(found, Variant)},
        generator=_generator(step, ctx) if state is not None else None,  # else together with what is kept
        facts=json.loads(json.dumps(dict(step.facts), allow_nan=False)),
        weights=tuple(ctx.weights_used),
        gpu_peak_bytes=torch.cuda.max_memory_allocated() if ctx.device.startswith("cuda") else 0,
        state=state,
        faults=faults,
        alpha=None if alpha is None else _coverage(alpha, pixels),
    )


def _coverage(alpha: Alpha, pixels: Pixels) -> Alpha:
    if alpha.dtype != np.uint8 or alpha.shape != pixels.shape[:2]:
        raise TypeError(f"Step.alpha must be uint8 {list(pixels.shape[:2])}, not {alpha.dtype} {list(alpha.shape)}")
    kept: Alpha = alpha.copy()
    return kept


def _own(image: Any, field: str = "image") -> Pixels:
    """The pixels of a step, in memory that no handler has a way into."""
    pixels: Pixels = to_pixels(image, field).copy()
    pixels.setflags(write=False)
    return pixels


def _picture_of(image: Any) -> Any:
    found = image.image if isinstance(image, Variant) else image
    return found() if callable(found) else found


def _bare(variant: Variant, ctx: Context) -> Variant:
    """A variant without its picture, as plain data."""
    return replace(variant, image=None, generator=ctx.true_ref(variant.generator))


def _generator(step: Step, ctx: Context) -> GeneratorRef | None:
    """The generator of the step's latent as it really is: with its delta, and not the one a net fell back from."""
    ref = ctx.true_ref(step.generator)
    if ref is None or step.delta is None:
        return ref
    delta = step.delta() if callable(step.delta) else step.delta
    return replace(ref, delta_sha256=save_delta(on_top(delta, ref.delta_sha256)))
