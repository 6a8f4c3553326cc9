"""The main axes of W."""

import pytest
import torch

from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.axes import main_axes

SIZES = {"resolution": 16, "channels": {4: 8, 8: 8, 16: 8}, "z_dim": 12, "w_dim": 12, "mapping_layers": 2}


@pytest.fixture(scope="module")
def mapping():
    torch.manual_seed(1)
    return Generator(GeneratorConfig(**SIZES)).mapping


def test_axes_are_orthogonal_the_longest_first_and_as_long_as_w_spreads(mapping):
    axes = main_axes(mapping, 5)
    lengths = axes.norm(dim=1)
    assert torch.allclose(axes @ axes.T, torch.diag(lengths.square()), atol=1e-5 * float(lengths[0]) ** 2)
    assert (lengths.diff() <= 0).all()
    fresh = mapping.w(torch.randn(20000, 12, generator=torch.Generator().manual_seed(9)))
    along = (fresh - fresh.mean(0)) @ (axes / lengths[:, None]).T
    assert torch.allclose(along.std(0), lengths, rtol=0.05)


def test_all_axes_together_hold_the_whole_covariance(mapping):
    axes = main_axes(mapping, 99, samples=512, seed=4)
    assert axes.shape == (12, 12)
    w = mapping.w(torch.randn(512, 12, generator=torch.Generator().manual_seed(4)))
    assert torch.allclose(axes.T @ axes, torch.cov(w.T, correction=0), atol=1e-4)


def test_they_are_the_same_every_time_and_need_no_gradient(mapping):
    assert torch.equal(main_axes(mapping, 3), main_axes(mapping, 3))
    assert not main_axes(mapping, 3).requires_grad
    with pytest.raises(ValueError, match="count"):
        main_axes(mapping, 0)


def test_a_generator_with_classes_shows_all_of_them():
    torch.manual_seed(1)
    mapping = Generator(GeneratorConfig(**SIZES, c_dim=3)).mapping
    assert main_axes(mapping, 4).shape == (4, 12)
