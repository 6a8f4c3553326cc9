"""The exact-label judge: what it finds in renders and in drawn puppets, and what it says of edits."""

from pathlib import Path

import pytest
import torch

from training.controls import features
from training.generator.student import read_controls, read_generator
from training.puppets import INDEX, sample, with_control
from training.puppets.fitting import LOW, SPAN, Fitter, boxed, moved_mm

PUPPETS = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_128"


@pytest.fixture(scope="module")
def fitter():
    return Fitter(only=("yaw", "smile", "skin_tone"))


def test_a_step_within_a_box_is_the_best_there_is():
    torch.manual_seed(2)
    half = torch.randn(5, 5, dtype=torch.float64)
    system, gradient = half @ half.T + torch.eye(5), 4 * torch.randn(5, dtype=torch.float64)
    low, high = -torch.rand(5, dtype=torch.float64), torch.rand(5, dtype=torch.float64)

    def value(step):
        return 0.5 * step @ system @ step + gradient @ step

    found = boxed(system, gradient, low, high)
    assert ((found >= low) & (found <= high)).all()
    others = low + (high - low) * torch.rand(4000, 5, dtype=torch.float64)
    assert value(found) <= min(value(other) for other in others) + 1e-2
    free = boxed(system, gradient, low - 99, high + 99)
    torch.testing.assert_close(system @ free, -gradient)


def test_shapes_move_in_millimetres_and_moods_do_not():
    puppet = sample(5, 1)[0]
    wide = with_control(puppet[None], "face_width", 1.0)[0]
    narrow = with_control(puppet[None], "face_width", -1.0)[0]
    assert 1 < moved_mm(narrow, wide) < 10
    assert moved_mm(puppet, with_control(puppet[None], "smile", 1.0)[0]) == 0


def test_pictures_of_another_size_are_refused(fitter):
    with pytest.raises(ValueError, match="picture"):
        fitter.fit(torch.zeros(3, 100, 100), sample(1, 1)[0])


@pytest.mark.slow
def test_what_was_turned_is_found_in_renders_and_drawings(fitter):
    params = sample(33, 1)
    start = params.clone()
    start[0, INDEX["yaw"]] += 0.08
    start[0, INDEX["smile"]] -= 0.2
    turned = with_control(params, "smile", float(params[0, INDEX["smile"]]) - 0.5)
    shown, smiling = fitter.renderer(torch.cat([params, turned]), 128).rgb * 2 - 1
    base = fitter.fit(shown, start[0], 2)
    error = ((base.controls - params[0]) / SPAN).abs()
    assert error[INDEX["yaw"]] < 0.02
    assert error[INDEX["smile"]] < 0.03
    seen = torch.zeros(len(SPAN), dtype=torch.bool)
    seen[fitter.columns] = True
    assert (base.uncertain[seen] < 0.15).all()
    assert (base.uncertain[~seen] > 0.29).all(), "nothing was learnt of what was not asked"
    assert torch.equal(base.shares[~seen], base.centre[~seen])
    places = base.shares.repeat(3, 1)
    places[:, INDEX["smile"]] -= torch.tensor([0.1, 0.2, 0.3])
    after = fitter.follow(base, smiling, places)
    change = (after.shares - base.shares)[seen]
    own = int(seen[: INDEX["smile"]].sum())
    assert change[own] == pytest.approx(-0.25, abs=0.06)
    assert change.abs().sum() - change[own].abs() < 0.04 * len(change)

    w = read_controls(PUPPETS)(features(params))
    net = read_generator(PUPPETS)
    drawn = net.synthesis(net.mapping.rows(w))[0].clamp(-1, 1)
    told = fitter.follow(base, drawn)
    assert told.residual > base.residual, "a drawing is no render"
    assert ((told.controls - params[0]) / SPAN).abs()[seen].median() < 0.06
    assert (told.shares >= 0).all()
    assert (told.controls >= LOW).all()
