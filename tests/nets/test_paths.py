"""Ways through a latent space."""

import numpy as np
import pytest
import torch

from nets.paths import along, ease, moments, slerp


def test_spherical_steps_turn_by_equal_angles_and_keep_the_length():
    a, b = torch.tensor([3.0, 0, 0, 0]), torch.tensor([0, 3.0, 0, 0])
    way = slerp(a.expand(5, 4), b.expand(5, 4), torch.linspace(0, 1, 5))
    assert torch.allclose(way.norm(dim=1), torch.full((5,), 3.0), atol=1e-5)
    angles = torch.atan2(way[:, 1], way[:, 0])
    assert torch.allclose(angles, torch.linspace(0, np.pi / 2, 5), atol=1e-5)


def test_spherical_between_parallel_and_opposite_vectors_is_straight():
    a = torch.tensor([[1.0, 2.0]])
    for b in (2 * a, -a):
        assert torch.allclose(slerp(a, b, torch.tensor([0.25])), torch.lerp(a, b, 0.25), atol=1e-4)


def test_gaussian_samples_keep_their_length_on_the_sphere_and_lose_it_on_the_line():
    torch.manual_seed(0)
    a, b = torch.randn(2, 64, 512)
    half = torch.full((64,), 0.5)
    assert abs(slerp(a, b, half).norm(dim=1).mean() / a.norm(dim=1).mean() - 1) < 0.02
    assert torch.lerp(a, b, 0.5).norm(dim=1).mean() / a.norm(dim=1).mean() < 0.75


@pytest.mark.parametrize("spherical", [False, True])
def test_a_path_meets_its_stops(spherical):
    torch.manual_seed(1)
    stops = torch.randn(4, 6, 8)
    open_way = along(stops, torch.tensor([0, 1 / 3, 2 / 3, 1]), spherical=spherical, easing="smooth")
    assert torch.allclose(open_way, stops, atol=1e-5)
    closed = along(stops, torch.tensor([0, 0.25, 0.5, 0.75, 1]), closed=True, spherical=spherical)
    assert torch.allclose(closed, torch.cat([stops, stops[:1]]), atol=1e-5)
    assert along(stops[:1], moments(3, False)).shape == (3, 6, 8)


def test_the_moments_of_a_loop_leave_out_its_end():
    assert moments(4, True).tolist() == [0, 0.25, 0.5, 0.75]
    assert moments(5, False).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert moments(1, False).tolist() == [0]
    with pytest.raises(ValueError):
        moments(0, True)


def test_smooth_is_slow_at_both_ends_and_linear_in_the_mean():
    t = torch.linspace(0, 1, 101)
    smooth = ease(t, "smooth")
    assert smooth[0] == 0
    assert smooth[-1] == 1
    assert smooth[1] - smooth[0] < (smooth[51] - smooth[50]) / 20
    assert torch.allclose(smooth + smooth.flip(0), torch.ones(101), atol=1e-6)
    assert torch.equal(ease(t, "linear"), t)
    with pytest.raises(ValueError):
        ease(t, "bouncing")
