"""A visitor who leaves in the middle of a step freezes nobody."""

import asyncio
import threading
import time

import anyio
from gradio.utils import SyncToAsyncIterator

from registry.conformance.sample_inputs import small_picture
from registry.execution.run import run
from registry.execution.turns import Visitor
from surfaces.page.leaving import Leaving, patient


def test_closing_returns_at_once_although_a_step_goes_on():
    go_on, closed = threading.Event(), threading.Event()

    def steps():
        try:
            yield 1
            go_on.wait(30)
            yield 2
        finally:
            go_on.wait(30)  # as a run that waits for its editor
            closed.set()

    async def leave():
        left = patient({"iterator": SyncToAsyncIterator(steps(), anyio.CapacityLimiter(4))})["iterator"]
        assert type(left) is Leaving
        await anext(left)
        step = asyncio.ensure_future(anext(left))
        await asyncio.sleep(0.05)
        await left.aclose()
        assert not go_on.is_set()  # so it did not wait for the step
        go_on.set()
        await step

    failed: list[BaseException] = []

    def alone():  # in a thread, since other tests of this process may have left a loop running in this one
        try:
            asyncio.run(leave())
        except BaseException as problem:
            failed.append(problem)

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join()
    assert failed == []
    assert closed.wait(10)


def test_other_results_stay_as_they_are():
    assert patient({"iterator": None, "prediction": 1}) == {"iterator": None, "prediction": 1}


def test_a_run_is_told_to_stop_when_its_visitor_goes():
    from collections.abc import Iterator

    from facet import Step, Subject, editor

    gone, told = threading.Event(), []

    @editor("listening", "Listening", task="restyle", gpu_seconds=0)
    def listening(ctx, *, subject: Subject) -> Iterator[Step]:
        """Take long over a step, and look whether it should stop."""
        yield Step(subject.image, done=0.1)
        gone.set()
        while not ctx.stopping:
            time.sleep(0.01)
        told.append(True)
        ctx.check_stop()

    *_, result = run(listening, {"subject": small_picture(20, 20)}, visitor=Visitor("ann", gone=gone.is_set))
    assert told == [True]
    assert result.stopped
