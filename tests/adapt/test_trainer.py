"""The trainer and what it trains towards, on a generator small enough for tests."""

import numpy as np
import pytest
import torch

from nets.adapt import Difa, Manner, Painted, Palette, Plan, Terms, TrunkSight, adapt
from nets.adapt.difa import SAMPLES, kept, relaxed_emd
from nets.adapt.pool import FIRST_SEED
from nets.adapt.trainer import trained
from nets.features import FeatureNet, FeaturesConfig
from nets.inversion.delta import with_delta
from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.sampling import codes, pictures


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    channels = {4: 16, 8: 16, 16: 16, 32: 8, 64: 8, 128: 8}
    net = Generator(GeneratorConfig(128, channels, z_dim=16, w_dim=16, mapping_layers=2))
    return net.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def trunk():
    torch.manual_seed(1)
    return FeatureNet(FeaturesConfig((4, 8, 8, 8), (1, 1, 1, 1))).requires_grad_(False)


@pytest.fixture(scope="module")
def reference():
    ramp = torch.linspace(0, 1, 96)
    stripes = (ramp[None, :] * 9).sin().abs().expand(96, 96)
    return torch.stack([0.3 + 0.6 * stripes, 0.2 + 0.3 * stripes, 0.1 * stripes])[None]


class Wanted:
    """Towards one grey."""

    def people(self, w_plus):
        return w_plus

    def begin(self, synthesis):
        """Nothing."""

    def __call__(self, made, w_plus, step, share):
        return (made - 0.25).square().mean()

    def state(self):
        return {}

    def resume(self, state):
        """Nothing."""


def test_training_lowers_the_loss_and_leaves_the_source_alone(tiny):
    before = {name: value.clone() for name, value in tiny.state_dict().items()}
    losses = [step.loss for step in adapt(tiny, Wanted(), Plan(steps=30, learning_rate=0.02, small=0))]
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    assert all(torch.equal(value, before[name]) for name, value in tiny.state_dict().items())


def test_the_delta_gives_the_adapted_pictures_and_holds_only_the_layers_named(tiny):
    last = list(adapt(tiny, Wanted(), Plan(steps=4, layers="fine")))[-1]
    code = codes(tiny, [3], 0.8)
    again = pictures(with_delta(tiny, last.delta()), code)
    assert torch.allclose(again, pictures(last.generator, code), atol=2e-3)
    assert not torch.allclose(again, pictures(tiny, code), atol=2e-3)
    convolutions = {name.split(".")[2] for name in last.delta() if ".conv" in name}
    assert convolutions == {"32", "64", "128"}
    coarse = sorted(name for name in last.delta() if name.startswith("synthesis.blocks.8."))
    assert coarse == ["synthesis.blocks.8.rgb.bias", "synthesis.blocks.8.rgb.weight"]


@pytest.mark.parametrize(("layers", "first"), [("fine", 32), ("middle", 16), ("all", 4)])
def test_layers_train_from_their_block_on(tiny, layers, first):
    blocks = {int(name.split(".")[1]) for name in trained(tiny.synthesis, layers) if ".conv" in name}
    assert min(blocks) == first


def test_other_layers_are_refused(tiny):
    with pytest.raises(ValueError, match="layers: 'none'"):
        trained(tiny.synthesis, "none")


@pytest.mark.parametrize("kind", ["painted", "difa"])
def test_going_on_is_the_same_as_in_one_go(tiny, trunk, reference, kind):
    def objective():
        if kind == "painted":
            return Painted(tiny, trunk, reference, Manner())
        return Difa(tiny, [TrunkSight(trunk)], None, reference, Terms(consistency=0))

    plan = Plan(steps=5, small=0.5)
    whole = list(adapt(tiny, objective(), plan))[-1].delta()
    state = next(step.state() for step in adapt(tiny, objective(), plan) if step.step == 3)
    rest = list(adapt(tiny, objective(), plan, state))
    assert [step.step for step in rest] == [4, 5]
    found = rest[-1].delta()
    assert found.keys() == whole.keys()
    assert all(torch.allclose(found[name].float(), whole[name].float(), atol=1e-5) for name in whole)


@pytest.mark.parametrize("asked", [3, 4, 5])
def test_a_step_that_is_given_up_changes_nothing(tiny, asked):
    answers = iter([False] * asked + [True])  # three times a step
    training = adapt(tiny, Wanted(), Plan(steps=9, small=0), stopping=lambda: next(answers))
    first = next(training)
    before = first.delta()
    assert next(training, None) is None
    assert all(torch.equal(value, before[name]) for name, value in first.delta().items())


def test_numbers_that_run_away_are_noticed(tiny):
    class Away(Wanted):
        def __call__(self, made, w_plus, step, share):
            return made.mean() * (float("inf") if step == 2 else 1)

    with pytest.raises(FloatingPointError, match="after 1 steps"):
        list(adapt(tiny, Away(), Plan(steps=3)))


def test_before_any_step_the_painted_copy_has_the_affine_palette_exactly(tiny, trunk, reference):
    objective = Painted(tiny, trunk, reference, Manner())
    copy = with_delta(tiny, {"synthesis.const": torch.zeros_like(tiny.synthesis.const)})
    w_plus = codes(tiny, [5, 6], 0.8)
    with torch.no_grad():
        objective.begin(copy.synthesis)
        source, made = (net.synthesis(w_plus) / 2 + 0.5 for net in (tiny, copy))
    matrix, offset = objective.palette.affine()
    wanted = torch.einsum("ij,njhw->nihw", matrix, source) + offset[:, None, None]
    assert torch.allclose(made, wanted, atol=1e-4)


def test_the_palette_moves_the_pool_to_the_reference_but_not_everybody_to_one_type():
    random = torch.Generator().manual_seed(0)
    tones = torch.tensor([0.2, 0.5, 0.8])[:, None, None, None]
    people = (tones + 0.1 * torch.randn(3, 3, 32, 32, generator=random)).clamp(0, 1)
    reference = (0.7 + 0.2 * torch.rand(1, 3, 64, 64, generator=random)) * torch.tensor([1, 0.8, 0.5])[
        None, :, None, None
    ]
    moved = Palette(people, reference)(people)
    assert torch.allclose(moved.mean((0, 2, 3)), reference.mean((0, 2, 3)), atol=0.03)
    brightness = moved.mean((1, 2, 3))
    assert brightness[0] + 0.02 < brightness[1] < brightness[2] - 0.02
    assert torch.allclose(Palette(people, reference, 0.0)(people), people, atol=1e-5)


def test_relaxed_emd_is_what_its_equation_says():
    random = torch.Generator().manual_seed(0)
    a, b = torch.randn(5, 4, generator=random), torch.randn(3, 4, generator=random)
    cost = [[1 - torch.cosine_similarity(x, y, dim=0).item() for y in b] for x in a]
    there = np.mean([min(row) for row in cost])
    back = np.mean([min(row[j] for row in cost) for j in range(3)])
    assert relaxed_emd(a, b).item() == pytest.approx(max(there, back), abs=1e-6)
    assert relaxed_emd(a, a[torch.tensor([3, 1, 0, 4, 2])]).item() == pytest.approx(0, abs=1e-6)


def test_the_mask_keeps_the_share_that_drifts_least():
    mask = kept(torch.tensor([0.5, 0.1, 0.9, 0.2, 0.7]), 0.4)
    assert mask.tolist() == [0, 1, 0, 1, 0]


def test_the_mean_of_the_source_is_computed_and_taken_out_of_the_direction(tiny, trunk, reference):
    objective = Difa(tiny, [TrunkSight(trunk)], None, reference, Terms(consistency=0))
    sight = objective.sights[0]
    with torch.no_grad():
        own = sight.reference(reference, None, 1.0).embedding[0]
        people = pictures(tiny, codes(tiny, range(FIRST_SEED - SAMPLES, FIRST_SEED), 0.8))  # at full size, as compared
        mean = torch.cat([sight.look(each[None]).embedding for each in people]).mean(0)
    assert mean.norm() > 0.1
    taken_out = own - objective.target[0][0] * objective.unit[0]
    assert torch.allclose(taken_out, mean, atol=0.02 * mean.norm().item())


def test_without_an_encoder_consistency_is_refused(tiny, trunk, reference):
    with pytest.raises(ValueError, match="encoder"):
        Difa(tiny, [TrunkSight(trunk)], None, reference, Terms())
