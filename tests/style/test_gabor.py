"""The feature spaces: gradients are right, orientation is seen, nothing depends on the global random state."""

import torch

from nets.gabor import GaborPyramid, gabor_bank, halve, moments, to_opponent
from nets.randomvgg import RandomVGG


def test_moments_and_their_gradient() -> None:
    features = torch.randn(1, 5, 7, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    mean, covariance = moments(features)
    assert torch.allclose(mean, features.flatten(2)[0].mean(1))
    assert torch.allclose(covariance, torch.cov(features.flatten(2)[0], correction=0))
    assert torch.autograd.gradcheck(moments, (features.requires_grad_(True),))


def test_gradient_of_the_whole_pyramid() -> None:
    net = GaborPyramid(levels=2).double()
    x = torch.randn(1, 3, 12, 14, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_(True)
    value = sum(tap.square().sum() for tap in net(x))
    (slope,) = torch.autograd.grad(value, x)
    direction = torch.randn(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        ahead, behind = (sum(tap.square().sum() for tap in net(x + h * direction)) for h in (1e-5, -1e-5))
    assert torch.isclose((slope * direction).sum(), (ahead - behind) / 2e-5, rtol=1e-4)


def test_filters_are_balanced() -> None:
    bank = gabor_bank(8)
    assert bank.shape == (16, 1, 7, 7)
    assert bank.sum((1, 2, 3)).abs().max() < 1e-4
    assert torch.allclose(bank.flatten(1).norm(dim=1), torch.ones(16))


def test_each_orientation_answers_its_own_stripes() -> None:
    y, x = torch.meshgrid(torch.arange(48.0), torch.arange(48.0), indexing="ij")
    net = GaborPyramid(levels=1, mix=0)
    for index, stripes in ((0, torch.cos(torch.pi * x / 2)), (8, torch.cos(torch.pi * y / 2))):
        grey = to_opponent((0.5 + 0.4 * stripes).expand(1, 3, 48, 48))
        responses = net(grey)[0].square().mean((2, 3))[0]
        luma = responses[:16] + responses[16:32]
        assert luma[index] + luma[index + 1] > 0.9 * luma.max()
        assert luma[8 - index] < 0.05 * luma[index]
        assert responses[32:48].max() < 1e-8  # grey stripes have no colour


def test_halving_keeps_the_mean() -> None:
    flat = torch.full((1, 2, 9, 12), 0.7)
    assert torch.allclose(halve(flat), torch.full((1, 2, 5, 6), 0.7))


def test_tiny_pictures_work_and_seeds_are_their_own() -> None:
    torch.manual_seed(1)
    one = [GaborPyramid(seed=3), RandomVGG(seed=3)]
    torch.manual_seed(2)
    two = [GaborPyramid(seed=3), RandomVGG(seed=3)]
    for a, b in zip(one, two, strict=True):
        for x, y in zip(a(torch.rand(1, 3, 16, 16) * 0 + 0.3), b(torch.full((1, 3, 16, 16), 0.3)), strict=True):
            assert torch.equal(x, y)
            assert torch.isfinite(x).all()
