"""Networks look at the Stop while they are called, unless the editor looks itself."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from facet import Step, Subject, editor
from facet.app import Stop, finish

GREY = np.full((16, 16, 3), 90, np.uint8)


class Layer(torch.nn.Module):
    """Counts its calls, pulls a stop at the third, and waits long enough for the next look to be due."""

    def __init__(self, stop: Stop) -> None:
        super().__init__()
        self.stop, self.calls = stop, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        if self.calls == 3:
            self.stop.set()
        torch.arange(400_000).sort()
        return x


def run_deep(whole: bool) -> tuple[int, bool]:
    """A network of 400 calls in one step; how many were made, and whether the run was stopped."""
    stop = Stop()
    layer = Layer(stop)

    @editor("deep", "Deep", task="restyle", gpu_seconds=0)
    def deep(ctx, *, subject: Subject) -> Iterator[Step]:
        """One long step."""
        yield Step(subject.image, done=0.1)
        net = torch.nn.Sequential(*[layer] * 400)
        if whole:
            with ctx.whole():
                net(torch.zeros(1))
        else:
            net(torch.zeros(1))
        yield Step(subject.image, done=1.0)

    result = finish(deep, {"subject": GREY}, stop=stop)
    return layer.calls, result.recipe["steps"] == 1


def test_a_long_step_ends_within_a_network():
    calls, cut = run_deep(whole=False)
    assert cut
    assert 3 <= calls < 400


def test_an_editor_that_looks_itself_is_not_broken_off():
    assert run_deep(whole=True) == (400, False)


def test_pictures_that_are_drawn_after_the_stop_are_drawn():
    """The last step's picture may need its network once more."""
    stop = Stop()
    net = torch.nn.Sequential(*[torch.nn.Identity()] * 3)

    @editor("later", "Later", task="restyle", gpu_seconds=0)
    def later(ctx, *, subject: Subject) -> Iterator[Step]:
        """Its picture is made when it is wanted."""
        stop.set()
        yield Step(lambda: net(subject.tensor()[0]), done=0.5, preview=subject.image)
        raise AssertionError("went on")

    result = finish(later, {"subject": GREY}, stop=stop)
    assert result.stopped
    assert result.subject.pixels.mean() == pytest.approx(90, abs=1)
