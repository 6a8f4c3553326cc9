"""What is shown while a photograph is brought in: a likeness soon, never a step back, and how long it still takes."""

import pytest
import torch

from editors.inversion import invert
from editors.inversion.method import Effort
from editors.inversion.networks import AIDS, JUDGES
from editors.inversion.sketch import sketch
from editors.inversion.time_left import TimeLeft, in_words
from facet import Context, Subject
from facet.app import Preview, finish, run
from nets.inversion import with_delta
from tests.inversion.test_editors import tiny  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(JUDGES not in AIDS, reason="the judges are not part of this checkout")
LONG = {"subject": "sample:astronaut", "model": "puppets", "steps": 12, "tuning": 30}


@pytest.fixture
def puppets():
    return Context(nets=invert.nets).load_generator("puppets")[0]


def test_a_copy_learns_and_its_delta_draws_the_same(puppets):
    wanted = puppets.synthesis(puppets.mapping(puppets.z([3])))[:, :, :, :].detach().flip(3).roll(9, 2)
    code = puppets.mapping(puppets.z([8])).detach()
    before = {name: value.clone() for name, value in puppets.synthesis.named_parameters()}
    found = list(sketch(puppets, wanted, code))
    far = [float((picture - wanted).square().mean()) for picture in (puppets.synthesis(code), found[-1].image)]
    assert far[1] < 0.6 * far[0]
    again = with_delta(puppets, found[-1].delta()).synthesis(code)
    assert torch.allclose(again, found[-1].image, atol=0.02)
    assert all(torch.equal(value, before[name]) for name, value in puppets.synthesis.named_parameters())


def test_a_network_that_is_too_small_has_none(tiny):  # noqa: F811
    code = tiny.mapping(tiny.z([1])).detach()
    assert list(sketch(tiny, tiny.synthesis(code).detach(), code)) == []


def test_a_likeness_comes_before_the_search_and_pictures_never_get_worse():
    events = [event for event in run(invert, LONG, threads=1) if isinstance(event, Preview)]
    notes = [event.note for event in events]
    assert notes[0] == "an encoder"
    assert notes[1] == "a first likeness"
    likeness = [event.metrics["psnr"] for event in events if event.note == "a first likeness"]
    assert likeness[-1] > events[0].metrics["psnr"] + 2
    later = [event.metrics["psnr"] for event in events if event.note.startswith(("code", "tuning"))]
    assert min(later) >= likeness[-1] - 0.01
    assert {"psnr", "ssim", "puppet_identity"} <= set(events[-1].metrics)
    done = [event.done for event in events]
    assert done == sorted(done)


def test_a_run_that_is_stopped_early_keeps_the_likeness():
    made = finish(invert, LONG, threads=1, last_step=8)
    assert made.stopped
    assert made.subject.generator.delta_sha256
    ctx = Context(nets=invert.nets)
    code = torch.from_numpy(made.subject.latent.copy())[None]
    drawn = ctx.load_generator(made.subject)[0].synthesis(code)[0].detach() / 2 + 0.5
    shown = Subject(made.subject.pixels).tensor()[0]
    assert (drawn.clamp(0, 1) - shown).abs().max() < 0.02


def test_the_time_left_is_measured():
    clock = iter([0.0, 7.0, *(9.0 + number for number in range(40))])
    left = TimeLeft(Effort(10, 10, 0.1, 0.1), lambda: next(clock))
    assert left.after(0) is None
    assert left.after(0) is None, "what came before the first evaluation"
    found = [left.after(done) for done in range(1, 11)]
    assert found[1] is None
    assert found[9] == pytest.approx((6 * 1.1 + 4 * 1.6) * 1.1, rel=0.15)
    assert left.after(15) < found[9]
    assert left.after(20) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (0.4, ""), (4, ", 4 s left"), (38, ", 40 s left"), (150, ", 2 min left")]
)
def test_it_is_told_in_round_numbers(seconds, words):
    assert in_words(seconds) == words
