"""Optimisation and pivotal tuning on a small random generator: they find what is there and keep the best."""

import pytest
import torch

from nets.inversion import PyramidDistance, WeightedSum, optimise, pivotal_tuning, state_delta, with_delta
from nets.inversion.optimise import schedule
from nets.stylegan2 import Generator, GeneratorConfig

SIZES = GeneratorConfig(
    resolution=(16, 16), channels={4: 12, 8: 12, 16: 8}, z_dim=16, w_dim=16, mapping_layers=2, mapping_lr=1.0
)


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(3)
    net = Generator(SIZES)
    net.mapping.w_avg = net.mapping.measure(512)
    return net.eval().requires_grad_(False)


def codes(generator, *seeds):
    return generator.mapping(generator.z(seeds))


def last(progress):
    return list(progress)[-1]


def test_equal_pictures_have_no_distance_and_more_difference_is_more():
    torch.manual_seed(0)
    a, b = torch.rand(2, 3, 2, 24, 17).mul(2).sub(1).unbind(1)[:2]
    a, b = a[:1].expand(2, -1, -1, -1), b[:1].expand(2, -1, -1, -1)
    for distance in (PyramidDistance(), PyramidDistance(1, 0.0), WeightedSum([(0.5, PyramidDistance())])):
        assert distance(a, a).tolist() == [0, 0]
        near, far = distance(a + 0.1 * (b - a), a), distance(b, a)
        assert near.shape == (2,)
        torch.testing.assert_close(10 * near, far)


def test_the_weight_says_which_pixels_count():
    weight = torch.zeros(1, 1, 16, 16)
    weight[..., :8] = 1
    distance, still = PyramidDistance(weight=weight), torch.zeros(1, 3, 16, 16)
    left, right = still.clone(), still.clone()
    left[..., 2:5], right[..., 11:14] = 1, 1
    assert distance(right, still) == 0
    assert distance(left, still) > PyramidDistance()(left, still)
    with pytest.raises(ValueError, match="weight"):
        PyramidDistance(weight=-weight)
    with pytest.raises(ValueError, match="weight"):
        PyramidDistance(weight=0 * weight)


def test_optimising_finds_a_picture_that_the_generator_made(generator):
    target, start = codes(generator, 1, 2), codes(generator, 3, 4)
    image = generator.synthesis(target)
    steps = list(optimise(generator, image, start, steps=80, learning_rate=0.1))
    assert [p.step for p in steps] == list(range(1, 81))
    assert steps[-1].best < 0.35 * steps[0].loss
    bests = [p.best for p in steps]
    assert bests == sorted(bests, reverse=True)
    torch.testing.assert_close(generator.synthesis(steps[-1].w_plus), steps[-1].image)


def test_the_first_step_measures_the_start_and_pictures_are_independent(generator):
    image, start = generator.synthesis(codes(generator, 1, 2)), codes(generator, 3, 4)
    only = last(optimise(generator, image, start, steps=1))
    assert torch.equal(only.w_plus, start)
    assert only.loss == pytest.approx(PyramidDistance()(generator.synthesis(start), image).mean().item())
    both = last(optimise(generator, image, start, steps=12))
    alone = last(optimise(generator, image[:1], start[:1], steps=12))
    torch.testing.assert_close(both.w_plus[:1], alone.w_plus, atol=1e-4, rtol=1e-3)


def test_what_was_yielded_does_not_change_later(generator):
    image, start = generator.synthesis(codes(generator, 1)), codes(generator, 3)
    run = optimise(generator, image, start, steps=6, learning_rate=0.1)
    early = next(run)
    kept = early.w_plus.clone(), early.image.clone()
    list(run)
    assert torch.equal(early.w_plus, kept[0])
    assert torch.equal(early.image, kept[1])


def test_rows_and_penalties_hold_w_plus_back(generator):
    image, start = generator.synthesis(codes(generator, 1)), codes(generator, 3)
    few = last(optimise(generator, image, start, steps=10, rows=2, learning_rate=0.1)).w_plus
    assert torch.equal(few[:, 2:], start[:, 2:])
    assert not torch.equal(few[:, :2], start[:, :2])
    free = last(optimise(generator, image, start, steps=25, learning_rate=0.1)).w_plus
    pulled = last(optimise(generator, image, start, steps=25, learning_rate=0.1, pull=8.0)).w_plus
    assert (pulled - start).norm() < 0.7 * (free - start).norm()
    together = last(optimise(generator, image, start, steps=25, learning_rate=0.1, row_spread=8.0)).w_plus
    assert together.std(1).mean() < 0.7 * free.std(1).mean()


def test_it_works_inside_inference_mode_and_leaves_the_callers_mode_alone(generator):
    with torch.inference_mode():
        image, start = generator.synthesis(codes(generator, 1)), codes(generator, 3)
        modes, runs = [], (optimise, pivotal_tuning)
        for run in runs:
            losses = []
            for progress in run(generator, image, start, steps=8):
                modes.append(torch.is_inference_mode_enabled())
                losses.append(progress.loss)
            assert progress.best < losses[0]
    assert all(modes)


def test_tuning_draws_the_picture_at_the_pivot_and_spares_the_generator(generator):
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    image = torch.tanh(torch.nn.functional.interpolate(torch.randn(1, 3, 6, 6), (16, 16), mode="bilinear"))
    pivot = codes(generator, 3)
    steps = list(pivotal_tuning(generator, image, pivot, steps=60, learning_rate=0.01))
    assert steps[-1].best < 0.5 * steps[0].loss
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())
    delta = steps[-1].delta()
    assert {value.dtype for value in delta.values()} == {torch.float16}
    assert all(name.startswith("synthesis.") for name in delta)
    tuned = with_delta(generator, delta)
    torch.testing.assert_close(tuned.synthesis(pivot), steps[-1].image, atol=0.02, rtol=0)
    exact = with_delta(generator, steps[-1].delta(torch.float32))
    torch.testing.assert_close(exact.synthesis(pivot), steps[-1].image, atol=1e-4, rtol=0)
    assert torch.equal(tuned.mapping.w_avg, generator.mapping.w_avg)
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


def test_tuning_stops_at_its_target_and_keeps_the_best(generator):
    image, pivot = generator.synthesis(codes(generator, 1)), codes(generator, 1)
    reached = list(pivotal_tuning(generator, image, pivot, steps=50, target=0.01))
    assert len(reached) == 1
    assert reached[0].delta() == {}
    image = generator.synthesis(codes(generator, 2))
    wild = list(pivotal_tuning(generator, image, pivot, steps=12, learning_rate=1.0))
    assert wild[-1].best == min(p.loss for p in wild)


def test_locality_keeps_the_neighbourhood(generator):
    image, pivot = -generator.synthesis(codes(generator, 5)), codes(generator, 5)
    elsewhere = codes(generator, *range(20, 28))
    wanted, moved = generator.synthesis(elsewhere), {}
    for weight in (0.0, 1.0):
        run = pivotal_tuning(generator, image, pivot, steps=40, learning_rate=0.01, locality=weight, reach=3.0)
        tuned = with_delta(generator, last(run).delta())
        moved[weight] = PyramidDistance()(tuned.synthesis(elsewhere), wanted).mean()
    assert moved[1.0] < 0.9 * moved[0.0]


@pytest.mark.parametrize("function", [optimise, pivotal_tuning])
def test_bad_input_is_named(generator, function):
    image, w_plus = torch.zeros(1, 3, 16, 16), codes(generator, 1)
    for changed, message in [
        ({"image": image[:, :1]}, "image"),
        ({"image": torch.zeros(1, 3, 32, 32)}, "image"),
        ({"w_plus": w_plus[:, :3]}, "w_plus"),
        ({"steps": 0}, "steps"),
        ({"learning_rate": -1.0}, "learning_rate"),
    ]:
        with pytest.raises(ValueError, match=message):
            next(function(generator, **{"image": image, "w_plus": w_plus, **changed}))
    with pytest.raises(FloatingPointError, match="not finite"):
        next(function(generator, image * float("nan"), w_plus))


def test_a_delta_of_another_generator_is_refused(generator):
    delta = state_delta({"a": torch.zeros(2)}, {"a": torch.ones(2)})
    with pytest.raises(ValueError, match="no tensor 'a'"):
        with_delta(generator, delta)
    with pytest.raises(ValueError, match="synthesis.const"):
        with_delta(generator, {"synthesis.const": torch.zeros(2)})
    with pytest.raises(ValueError, match="finite"):
        with_delta(generator, {"synthesis.const": generator.synthesis.const * float("inf")})


def test_the_schedule_rises_and_falls():
    assert schedule(0.01) < schedule(0.04) < schedule(0.3) == 1
    assert schedule(0.99) < schedule(0.8) < 1
    assert schedule(1.0) == 0
