"""The parts of the student's training: the fused form of synthesis, growing, Muon, and the adversary."""

import copy
from pathlib import Path

import pytest
import torch

from training import compiled
from training.controls import WIDTH, features
from training.generator.adversary import DISCRIMINATOR, Adversary, Discriminator, names_loss
from training.generator.student import Student
from training.generator.widen import widen
from training.optimiser import Muon, Optimisers, orthogonal
from training.puppets import Renderer, sample
from training.puppets.paint import PART, PARTS

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_128"
NARROW = {
    "resolution": 32, "z_dim": 96, "w_dim": 16, "channels": {"4": 8, "8": 12, "16": 8, "32": 6},
    "mapping_layers": 2, "mapping_width": 16,
}  # fmt: skip
WIDE = {**NARROW, "channels": {"4": 12, "8": 12, "16": 10, "32": 9}}


@pytest.fixture
def student():
    torch.manual_seed(3)
    made = Student(NARROW)
    for name, tensor in made.generator.synthesis.named_parameters():
        if ("bias" in name and "style" not in name) or "noise" in name:
            torch.nn.init.normal_(tensor, std=0.3)
    return made


@pytest.mark.parametrize("size", [8, 32])
def test_the_fused_form_draws_the_same_and_has_the_same_gradients(student, size):
    w, pull = torch.randn(2, 16), torch.randn(2, 3, size, size)
    synthesis = student.generator.synthesis
    plain = student.paint(w, size)
    fused = compiled.paint(synthesis, w, size, torch.float32, student.spread)
    torch.testing.assert_close(fused, plain, rtol=1e-4, atol=1e-4)
    seen = [synthesis.const, synthesis.blocks["8"].conv0.weight, synthesis.blocks["8"].conv1.style.weight]
    for a, b in zip(torch.autograd.grad(plain, seen, pull), torch.autograd.grad(fused, seen, pull), strict=True):
        torch.testing.assert_close(b, a, rtol=1e-3, atol=1e-3)


def test_the_fused_form_gives_every_layer_its_own_row_of_w_plus(student):
    synthesis = student.generator.synthesis
    w_plus = torch.randn(2, synthesis.num_ws, 16)
    fused = compiled.paint(synthesis, w_plus, 32, torch.float32, student.spread)
    torch.testing.assert_close(fused, synthesis(w_plus), rtol=1e-4, atol=1e-4)


def test_the_fused_form_refuses_an_unknown_size(student):
    with pytest.raises(ValueError, match="size"):
        compiled.paint(student.generator.synthesis, torch.randn(1, 16), 64, torch.float32, student.spread)


def test_growing_keeps_every_picture_and_lets_new_channels_learn(student):
    wide = Student(WIDE)
    widen(student.generator, wide.generator)
    w = torch.randn(3, 16)
    torch.testing.assert_close(wide.paint(w, 32), student.paint(w, 32), rtol=1e-4, atol=1e-4)
    wide.paint(w, 32).square().sum().backward()
    reader = wide.generator.synthesis.blocks["16"].conv1.weight
    assert (reader.detach()[:8, 8:] == 0).all()
    assert (reader.grad[:8, 8:].abs().amax((0, 2, 3)) > 0).all()
    with pytest.raises(ValueError, match="cannot hold"):
        widen(wide.generator, student.generator)


def test_muon_makes_steps_of_equal_size_in_all_directions():
    torch.manual_seed(0)
    x = torch.randn(24, 40) @ torch.diag(torch.logspace(0, -2, 40))
    values = torch.linalg.svdvals(orthogonal(x).float())
    assert values.max() < 1.35
    assert values.min() > 0.4
    torch.testing.assert_close(orthogonal(x.t()), orthogonal(x).t())
    weight = torch.nn.Parameter(torch.zeros(24, 40))
    weight.grad = x
    Muon([weight], lr=0.1).step()
    assert (weight.detach() * x).sum() < 0
    assert weight.detach().square().mean().sqrt() == pytest.approx(0.2 * 0.1, rel=0.2)


def test_optimisers_share_the_weights_out_and_resume():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 4))
    x, y = torch.randn(64, 6), torch.randn(64, 4)
    both = Optimisers(net.parameters(), 0.02)
    assert [len(m.param_groups[0]["params"]) for m in both.members] == [2, 2]
    losses = []
    for _ in range(60):
        loss = (net(x) - y).square().mean()
        losses.append(loss.item())
        loss.backward()
        both.step(0.02)
    assert losses[-1] < 0.8 * losses[0]
    twin = copy.deepcopy(net)
    again = Optimisers(twin.parameters(), 0.02)
    again.load_state_dict(copy.deepcopy(both.state_dict()))
    for one, steps in ((net, both), (twin, again)):
        (one(x) - y).square().mean().backward()
        steps.step(0.02)
    torch.testing.assert_close(net[0].weight, twin[0].weight)


def scene(n=8):
    """Sharp discs as the truth, with their parts and what is known of them."""
    generator = torch.Generator().manual_seed(1)
    place = torch.rand(n, 2, generator=generator) * 16 + 8
    grid = torch.arange(32.0)
    inside = (grid[None, :, None] - place[:, :1, None]) ** 2 + (grid[None, None] - place[:, 1:, None]) ** 2 < 36
    wanted = torch.where(inside[:, None], 0.8, -0.6).expand(-1, 3, -1, -1).contiguous()
    return wanted, place / 16 - 1, inside.long() * PART["iris"]


def test_the_adversary_learns_to_tell_and_asks_for_what_is_missing():
    torch.manual_seed(0)
    wanted, known, parts = scene()
    blurred = torch.nn.functional.avg_pool2d(wanted, 7, 1, 3)
    strengths = {"realness": 0.5, "matching": 0.5, "parts": 0.25}
    adversary = Adversary(2, {"learning_rate": 2e-3, "penalty": 0.1, "strengths": strengths}, torch.device("cpu"))
    given = torch.randn_like(wanted)
    assert not adversary.gradient(blurred, wanted, known, parts, given).any()
    adversary.steps = 300
    for _ in range(60):
        added = adversary.gradient(blurred, wanted, known, parts, given)
    with torch.no_grad():
        real, fake = (adversary.net(x, known) for x in (wanted, blurred))
    assert real.realness[0].mean() > fake.realness[0].mean() + 0.3
    assert names_loss(real.parts, parts) < 0.5 * torch.tensor(len(PARTS)).log()
    assert real.parts.shape == (8, len(PARTS), 8, 8)
    assert 0.1 < added.square().mean().sqrt() < 2.5
    assert -(added * (wanted - blurred)).sum() > 0, "a step against the gradient goes towards the render"


def test_the_committed_discriminator_tells_renders_from_fog():
    config = {"learning_rate": 1e-3, "penalty": 0.01, "strengths": {}}
    adversary = Adversary(WIDTH, config, torch.device("cpu"))
    adversary.read(FOLDER / DISCRIMINATOR)
    params = sample(5, 4)
    wanted = Renderer(supersample=1)(params, 64).rgb * 2 - 1
    known = features(params)
    mean, deviation = known.mean(0), known.std(0).clamp(min=0.02)
    fog = torch.nn.functional.avg_pool2d(wanted, 5, 1, 2)
    with torch.no_grad():
        real, fake = (adversary.net(x, (known - mean) / deviation) for x in (wanted, fog))
    assert real.realness[0].mean() > fake.realness[0].mean()


def test_the_adversary_resumes():
    wanted, known, parts = scene(4)
    config = {"learning_rate": 1e-3, "penalty": 0.1, "strengths": {"matching": 1.0}}
    one, two = (Adversary(2, config, torch.device("cpu")) for _ in range(2))
    one.gradient(wanted * 0.5, wanted, known, parts, wanted)
    two.load_state_dict(copy.deepcopy(one.state_dict()))
    assert two.steps == 1
    for a, b in zip(one.net.parameters(), two.net.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_discriminator_knows_which_controls_a_picture_should_show():
    net = Discriminator(2)
    wanted, known, _ = scene(4)
    right, wrong = net(wanted, known).realness[1], net(wanted, -known).realness[1]
    assert not torch.allclose(right, wrong)
