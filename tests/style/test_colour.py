"""Colour transfer: what each method promises about the colours of its result."""

import numpy as np
import pytest
import torch

from metrics import METRICS
from nets.colour import LUMA, METHODS, covariance, histogram, mean_std, reinhard, transfer


def cloud(seed: int, size: tuple[int, int] = (48, 64)) -> torch.Tensor:
    """A smooth coloured picture whose channels depend on each other."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 6, 6, generator=generator) * 0.5 + 0.2
    mix = torch.eye(3) + 0.3 * torch.rand(3, 3, generator=generator)
    picture = torch.nn.functional.interpolate(coarse, size, mode="bicubic", align_corners=False)
    return torch.einsum("ij,njhw->nihw", mix / mix.sum(1, keepdim=True), picture).clamp(0, 1)


def moments(picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    flat = picture.flatten(2)[0].double()
    return flat.mean(1), torch.cov(flat)


def test_mean_std_matches_both() -> None:
    result, style = mean_std(cloud(1), cloud(2)), cloud(2)
    assert torch.allclose(result.mean((2, 3)), style.mean((2, 3)), atol=1e-5)
    assert torch.allclose(result.std((2, 3), correction=0), style.std((2, 3), correction=0), atol=1e-5)


def test_covariance_matches_the_whole_matrix() -> None:
    style = cloud(2)
    (mean, spread), (want_mean, want_spread) = moments(covariance(cloud(1), style)), moments(style)
    assert torch.allclose(mean, want_mean, atol=1e-4)
    assert torch.allclose(spread, want_spread, atol=2e-4)


def test_reinhard_of_itself_changes_nothing() -> None:
    picture = cloud(3).clamp(0.1, 0.9)
    assert torch.allclose(reinhard(picture, picture), picture, atol=2e-3)


def test_histogram_brings_colours_nearest() -> None:
    content, style = cloud(1), cloud(2).pow(2)
    pixels = lambda t: (t.clamp(0, 1)[0].permute(1, 2, 0) * 255).numpy().astype(np.uint8)  # noqa: E731
    distance = {
        name: METRICS["colour_distance"](result=pixels(method(content, style)), style=pixels(style))
        for name, method in METHODS.items()
    }
    before = METRICS["colour_distance"](result=pixels(content), style=pixels(style))
    assert min(distance, key=distance.get) == "histogram"
    assert all(value < 0.5 * before for value in distance.values())


@pytest.mark.parametrize("method", METHODS)
def test_strength_goes_from_nothing_to_all(method: str) -> None:
    content, style = cloud(1), cloud(2)
    assert torch.equal(transfer(content, style, method, 0.0), content)
    half, full = transfer(content, style, method, 0.5), transfer(content, style, method, 1.0)
    assert torch.allclose(half, (content + full) / 2, atol=1e-6)
    assert not torch.allclose(full, content, atol=0.05)


@pytest.mark.parametrize("method", METHODS)
def test_colour_and_light_can_be_taken_apart(method: str) -> None:
    content, style = cloud(1) * 0.5 + 0.25, cloud(2) * 0.4 + 0.15
    colour, light = (transfer(content, style, method, part=part) for part in ("colour", "light"))
    for result in (colour, light):  # clamping moves both, so look where nothing was clamped
        assert ((result > 0) & (result < 1)).all(1).float().mean() > 0.9
    luma = lambda t: torch.einsum("c,nchw->nhw", LUMA, t)  # noqa: E731
    inside = ((colour > 0) & (colour < 1)).all(1)
    assert torch.allclose(luma(colour)[inside], luma(content)[inside], atol=1e-4)
    shift = (light - content)[0][:, ((light > 0) & (light < 1)).all(1)[0]]
    assert torch.allclose(shift[0], shift[2], atol=1e-5)  # every channel moves alike: no change of colour
    assert abs(luma(light).mean() - luma(style).mean()) < 0.5 * abs(luma(content).mean() - luma(style).mean())


@pytest.mark.parametrize("method", METHODS)
def test_flat_pictures_do_no_harm(method: str) -> None:
    flat, one = torch.full((1, 3, 20, 20), 0.5), torch.full((1, 3, 1, 1), 0.3)
    for content, style in ((flat, cloud(2)), (cloud(1), flat), (flat, one), (torch.zeros(1, 3, 9, 9), cloud(2))):
        result = transfer(content, style, method)
        assert result.shape == content.shape
        assert torch.isfinite(result).all()


def test_histogram_is_deterministic() -> None:
    assert torch.equal(histogram(cloud(1), cloud(2)), histogram(cloud(1), cloud(2)))
