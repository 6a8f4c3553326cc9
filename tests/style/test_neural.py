"""Neural style: the objective falls, colours come from the style, shape is kept, runs can be repeated and resumed."""

import pytest
import torch

from editors.style.neural import Settings, fit, paint, scales
from editors.style.objective import Objective
from editors.style.patches import PATCH, StylePatches
from facet import Subject
from nets.gabor import GaborPyramid, to_opponent, to_rgb

QUICK = Settings(size=96, effort=6)


def sample(name: str, side: int = 96) -> torch.Tensor:
    return fit(Subject.read(f"sample:{name}").tensor(), side)


def last(content: torch.Tensor, style: torch.Tensor, settings: Settings = QUICK) -> torch.Tensor:
    return list(paint(content, style, settings))[-1].picture


def test_scales_double_up_to_the_size() -> None:
    assert scales(512) == [128, 256, 512]
    assert scales(128) == [128]
    assert scales(384) == [96, 192, 384]


def test_the_style_comes_nearer_and_the_content_stays() -> None:
    content, style = sample("hopper"), sample("knife")
    net = GaborPyramid()
    style_only = Objective(net, to_opponent(content), to_opponent(style), weight=0, smooth=0)
    result = last(content, style)
    assert style_only(to_opponent(result)) < 0.35 * style_only(to_opponent(content))
    firm = last(content, style, Settings(size=96, effort=6, content=10))
    loose = last(content, style, Settings(size=96, effort=6, content=0))
    kept = Objective(net, to_opponent(content), to_opponent(content), weight=1, smooth=0)
    tone = [(kept.net(to_opponent(x))[6][:, -3] - kept.tone).square().mean() for x in (firm, loose)]
    assert tone[0] < tone[1]


@pytest.mark.parametrize("shape", [(40, 120), (97, 61), (16, 16)])
def test_any_shape_is_kept(shape: tuple[int, int]) -> None:
    content = torch.rand(1, 3, *shape, generator=torch.Generator().manual_seed(1))
    height, width = last(content, sample("gold"), Settings(size=64, effort=4)).shape[2:]
    assert max(height, width) == 64
    assert abs(height / width - shape[0] / shape[1]) < 0.03


def test_done_grows_and_pictures_are_sound() -> None:
    frames = list(paint(sample("lake"), sample("dots"), Settings(size=176, effort=12)))
    shares = [frame.done for frame in frames]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(frames) >= 3
    assert all(frame.picture.min() >= 0 and frame.picture.max() <= 1 for frame in frames)


def test_same_seed_same_picture_and_another_seed_another() -> None:
    content, style = sample("coffee", 64), sample("gold", 64)
    one, two, other = (last(content, style, Settings(size=64, effort=6, seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_going_on_from_a_state_gives_the_same_picture() -> None:
    content, style = sample("coffee"), sample("gold")
    settings = Settings(size=176, effort=6)
    whole = list(paint(content, style, settings))
    state = next(frame.state for frame in whole if frame.state)
    resumed = list(paint(content, style, settings, state))
    assert len(resumed) < len(whole)
    assert torch.equal(resumed[-1].picture, whole[-1].picture)


def test_keeping_the_colours() -> None:
    content, style = sample("chelsea"), sample("night")
    chroma = lambda x: to_opponent(x)[:, 1:].mean((2, 3))  # noqa: E731
    error = {
        way: (chroma(last(content, style, Settings(size=96, effort=6, colours=way))) - chroma(content)).norm().item()
        for way in ("style", "content", "light")
    }
    assert error["content"] < 0.5 * error["style"]
    assert error["light"] < 0.5 * error["style"]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_pictures_do_no_harm(value: float) -> None:
    flat, style = torch.full((1, 3, 40, 40), value), sample("ink", 48)
    assert torch.isfinite(last(flat, style, Settings(size=48, effort=4))).all()
    assert torch.isfinite(last(style, flat, Settings(size=48, effort=4))).all()


def test_repainting_uses_only_colours_of_the_style() -> None:
    style = torch.zeros(1, 3, 40, 40)
    style[:, 0, :, ::2] = 1  # red and black stripes
    result = StylePatches(style).repaint(torch.rand(1, 3, 33, 47, generator=torch.Generator().manual_seed(0)))
    assert result.shape == (1, 3, 33, 47)
    assert result[:, 1:].abs().max() < 1e-5


def test_repainting_a_style_with_itself_gives_it_back() -> None:
    style = sample("woodcut", 64)
    result = StylePatches(style, most=10**9).repaint(style, pace=1)
    assert (result - style).abs().mean() < 0.01


def test_nearest_patch_is_the_nearest() -> None:
    style, picture = sample("dots", 40), sample("lake", 40)
    found = StylePatches(style, most=10**9)
    cut = lambda x: torch.nn.functional.unfold(x, PATCH, stride=4)[0].T  # noqa: E731
    chosen = found.pixels[found.nearest(picture, 4)]
    best = torch.cdist(cut(picture), found.pixels).min(1)[0]
    reached = (cut(picture) - chosen).norm(dim=1)
    assert (reached / best.clamp_min(1e-6)).median() < 1.05  # a few components less than the whole patch


def test_opponent_space_goes_there_and_back() -> None:
    picture = torch.rand(1, 3, 5, 7, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(to_rgb(to_opponent(picture)), picture, atol=1e-6)


def test_trained_features_paint_towards_the_style_and_are_steady():
    """The trunk's features in place of the Gabor pyramid, through the same descent."""
    from nets.features import FeatureNet, FeaturesConfig

    torch.manual_seed(0)
    net = FeatureNet(FeaturesConfig((8, 8, 12, 12), (1, 1, 1, 1))).requires_grad_(False).eval()
    content, style = torch.rand(1, 3, 48, 64), torch.rand(1, 3, 40, 40) ** 2
    settings = Settings(size=48, effort=4, repaint=False)
    one, two = ([*paint(content, style, settings, trained=net)][-1].picture for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, [*paint(content, style, settings)][-1].picture)
