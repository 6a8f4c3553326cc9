"""Running an edit: steps, stop, deadline, slices, turns, threads, memory."""

import threading
import time
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest
import torch

from facet import BadInput, EditorError, NoFace, Seed, Slider, Step, Subject, editor
from facet.app import OutOfMemory, Preview, Result, Stop, Stopped, finish, run
from registry.conformance.sample_inputs import small_picture
from registry.device import cpu_threads, with_threads
from registry.errors import EditorFailed
from registry.execution.chosen import executor

PICTURE = small_picture(30, 20)


@editor("counting", "Counting", task="restyle", gpu_seconds=0)
def counting(
    ctx,
    *,
    subject: Subject,
    steps: Annotated[int, Slider(1, 1000, doc="How many.")] = 5,
    seed: Annotated[int, Seed()] = 0,
) -> Iterator[Step]:
    """Yield pictures that tell their step."""
    start = ctx.state["step"] if ctx.state else 0
    for step in range(start + 1, steps + 1):
        ctx.check_stop()
        image = np.full((20, 30, 3), step % 256, np.uint8)
        yield Step(image, step / steps, f"step {step}", metrics={"step": step}, state={"step": step})


def values(**more):
    return {"subject": PICTURE, **more}


def test_previews_then_one_result():
    *previews, result = run(counting, values())
    assert all(isinstance(event, Preview) for event in previews)
    assert [round(event.done, 1) for event in previews] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert previews[0].note == "step 1"
    assert previews[0].jpeg.startswith(b"\xff\xd8")
    assert isinstance(result, Result)
    assert result.subject.pixels[0, 0, 0] == 5
    assert result.metrics == {"step": 5.0}
    assert result.seconds > 0
    assert result.peak_memory_bytes >= 0
    assert not result.stopped


def test_wrong_values_are_refused_before_anything_runs():
    with pytest.raises(BadInput, match="steps"):
        run(counting, values(steps=0))
    with pytest.raises(BadInput, match="device: must be one of"):
        run(counting, values(), device="abacus")


def test_stop_keeps_the_best():
    stop = Stop()
    events = run(counting, values(steps=1000), stop=stop)
    next(events)
    stop.set()
    *_, result = events
    assert result.stopped
    assert 1 <= result.recipe["steps"] < 1000
    assert result.subject.pixels[0, 0, 0] == result.recipe["steps"] % 256
    assert result.recipe["stopped"]
    assert not stop.is_set()  # the mark is cleared when the run is over


def test_a_picture_may_be_made_only_when_it_is_wanted():
    made = []

    @editor("lazy", "Lazy", task="restyle", gpu_seconds=0)
    def lazy(ctx, *, subject: Subject) -> Iterator[Step]:
        """Give small previews and a picture on demand."""
        preview = None
        for step in range(6):
            preview = np.full((4, 4, 3), step, np.uint8) if step % 3 == 0 else preview

            def picture(step=step):
                made.append(step)
                return np.full((20, 30, 3), step, np.uint8)

            yield Step(picture, (step + 1) / 6, preview=preview)

    *previews, result = run(lazy, values())
    assert [bool(event.jpeg) for event in previews] == [True, False, False, True, False, False]
    assert made == [5]
    assert result.subject.pixels[0, 0, 0] == 5
    assert finish(lazy, values(), last_step=3).subject.pixels[0, 0, 0] == 2


def test_stop_before_the_first_picture_is_an_error():
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        list(run(counting, values(), stop=stop))


def test_the_deadline_keeps_the_best():
    @editor("slow", "Slow", task="restyle", gpu_seconds=0)
    def slow(ctx, *, subject: Subject) -> Iterator[Step]:
        """Go on until told to stop."""
        yield Step(subject.image, done=0.1)
        while True:
            ctx.check_stop()
            time.sleep(0.01)

    result = finish(slow, values(), seconds=0.1)
    assert result.stopped
    assert result.recipe["steps"] == 1


def test_the_deadline_may_come_from_the_environment(monkeypatch):
    @editor("unhurried", "Unhurried", task="restyle", gpu_seconds=0)
    def unhurried(ctx, *, subject: Subject) -> Iterator[Step]:
        """Show a picture, then wait to be told."""
        yield Step(subject.image, done=0.5)
        while not ctx.stopping:
            time.sleep(0.01)
        ctx.check_stop()

    monkeypatch.setenv("FACET_DEADLINE_SECONDS", "0.05")
    assert finish(unhurried, values()).stopped


@pytest.mark.parametrize("text", ["soon", "-1", "nan"])
def test_a_deadline_that_is_no_number_is_named(monkeypatch, text):
    monkeypatch.setenv("FACET_DEADLINE_SECONDS", text)
    with pytest.raises(BadInput, match=f"FACET_DEADLINE_SECONDS: must be a number from 0, not “{text}”"):
        finish(counting, values())


def test_closing_ends_the_handler():
    ended = threading.Event()

    @editor("closed", "Closed", task="restyle", gpu_seconds=0)
    def closed(ctx, *, subject: Subject) -> Iterator[Step]:
        """Tell when it is closed."""
        try:
            for step in range(10_000):
                ctx.check_stop()
                yield Step(subject.image, done=step / 10_000)
        finally:
            ended.set()

    events = run(closed, values())
    next(events)
    events.close()
    assert ended.is_set()
    assert finish(counting, values()).recipe["steps"] == 5


def test_last_step_ends_exactly_there():
    result = finish(counting, values(steps=8), last_step=3)
    assert result.recipe["steps"] == 3
    assert result.metrics == {"step": 3.0}


def test_slices_go_on_from_their_state():
    whole = finish(counting, values(steps=6))
    sliced = finish(counting, values(steps=6), longest_slice=1e-9)
    assert sliced.recipe["steps"] == 6
    assert sliced.subject.sha256 == whole.subject.sha256
    assert not sliced.stopped


def test_a_slice_can_be_stopped():
    stop, events = Stop(), None
    events = run(counting, values(steps=1000), stop=stop, longest_slice=1e-9)
    for _ in range(3):
        next(events)
    stop.set()
    *_, result = events
    assert result.stopped


def test_the_deadline_counts_over_all_slices():
    @editor("strolling", "Strolling", task="restyle", gpu_seconds=0)
    def strolling(ctx, *, subject: Subject) -> Iterator[Step]:
        """Take twenty seconds in a thousand steps."""
        start = ctx.state["step"] if ctx.state else 0
        for step in range(start + 1, 1001):
            yield Step(subject.image, step / 1000, state={"step": step})
            time.sleep(0.02)

    result = finish(strolling, values(), longest_slice=1e-9, seconds=0.3)
    assert result.stopped
    assert 1 <= result.recipe["steps"] < 1000


def test_threads_and_seed_are_what_the_caller_says_and_as_before_afterwards():
    seen = []

    @editor("looking", "Looking", task="restyle", gpu_seconds=0)
    def looking(ctx, *, subject: Subject, seed: Annotated[int, Seed()] = 0) -> Iterator[Step]:
        """Look around."""
        seen.append((torch.get_num_threads(), float(torch.rand(())), float(torch.rand((), generator=ctx.generator))))
        yield Step(subject.image, done=1)

    before = torch.get_num_threads()
    first, second, other = (finish(looking, values(seed=seed), threads=2) for seed in (5, 5, 6))
    assert [threads for threads, *_ in seen] == [2, 2, 2]
    assert seen[0] == seen[1] != seen[2]
    assert torch.get_num_threads() == before
    assert first.recipe["threads"] == second.recipe["threads"] == other.recipe["threads"] == 2


def test_a_thread_that_comes_up_during_a_run_with_fewer_threads_keeps_none_of_that():
    """torch would give such a thread the run's number for good, and with it all runs that it asks for later."""
    if (usual := cpu_threads()) < 2:
        pytest.skip("torch has one thread here")
    begun, go, told = threading.Event(), threading.Event(), []

    @editor("held", "Held", task="restyle", gpu_seconds=0)
    def held(ctx, *, subject: Subject) -> Iterator[Step]:
        """Wait until it is let go."""
        begun.set()
        go.wait(10)
        yield Step(subject.image, done=1)

    @editor("threaded", "Threaded", task="restyle", gpu_seconds=0)
    def threaded(ctx, *, subject: Subject) -> Iterator[Step]:
        """Count its threads."""
        yield Step(subject.image, done=1, facts={"threads": torch.get_num_threads()})

    def later() -> None:
        told.append(torch.get_num_threads())
        go.set()
        with with_threads(usual - 1):
            told.append(torch.get_num_threads())
        told.append(finish(threaded, values()).recipe["facts"]["threads"])

    first = threading.Thread(target=lambda: finish(held, values(), threads=1))
    first.start()
    assert begun.wait(10)
    second = threading.Thread(target=later)
    second.start()
    first.join()
    second.join()
    assert told == [1, usual - 1, usual]


@pytest.mark.parametrize(
    ("raised", "expected", "sentence"),
    [
        (NoFace("There is no face in the picture."), NoFace, "There is no face in the picture."),
        (BadInput("subject", "is too dark"), BadInput, "subject: is too dark."),
        (MemoryError(), OutOfMemory, "ran out of memory"),
        (torch.OutOfMemoryError("CUDA out of memory"), OutOfMemory, "ran out of memory"),
        (KeyError("weights"), EditorFailed, "KeyError"),
    ],
)
def test_what_a_handler_raises(raised, expected, sentence):
    @editor("raising", "Raising", task="restyle", gpu_seconds=0)
    def raising(ctx, *, subject: Subject) -> Iterator[Step]:
        """Raise what the test says."""
        yield Step(subject.image, done=0.5)
        raise raised

    with pytest.raises(expected, match=sentence.replace(".", r"\.")) as error:
        finish(raising, values())
    assert "\n" not in str(error.value)


def test_an_error_class_of_a_plugin_reaches_the_user_as_its_sentence():
    class NoHat(EditorError):
        pass

    @editor("hatless", "Hatless", task="restyle", gpu_seconds=0)
    def hatless(ctx, *, subject: Subject) -> Iterator[Step]:
        """Look for a hat."""
        raise NoHat("There is no hat in the picture.")
        yield

    with pytest.raises(EditorError, match="There is no hat in the picture"):
        finish(hatless, values())


def test_asking_for_a_net_that_was_not_declared_is_the_editors_fault():
    @editor("netless", "Netless", task="restyle", gpu_seconds=0)
    def netless(ctx, *, subject: Subject) -> Iterator[Step]:
        """Ask for a net."""
        ctx.net("huge")
        yield Step(subject.image, done=1)

    with pytest.raises(EditorFailed, match="asked for a net called 'huge', but declares none"):
        finish(netless, values())


def test_peak_memory_sees_what_a_handler_takes():
    @editor("hungry", "Hungry", task="restyle", gpu_seconds=0)
    def hungry(ctx, *, subject: Subject) -> Iterator[Step]:
        """Take 200 MB for a moment."""
        meal = np.ones(200_000_000, np.uint8)
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            ctx.check_stop()
        yield Step(subject.image, done=1, metrics={"bytes": float(meal.size)})

    assert finish(hungry, values()).peak_memory_bytes > 150_000_000


def test_two_runs_take_turns_and_both_finish():
    results = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(finish(counting, values(steps=20 + n)))) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(result.recipe["steps"] for result in results) == [20, 21, 22, 23]
    assert executor().waiting == 0
