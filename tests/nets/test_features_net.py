"""The feature network's shapes, statistics, decoders, distance and files."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from nets.features import (
    Decoders,
    FeatureNet,
    FeaturesConfig,
    PerceptualDistance,
    adain,
    decoders_from_contents,
    frechet,
    from_contents,
    from_state,
    gram,
    mean_std,
    to_state,
    whiten_colour,
)

CONFIG = FeaturesConfig((6, 8, 10, 12, 12), (2, 2, 3, 1, 1))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(1)
    return FeatureNet(CONFIG).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def decoders():
    torch.manual_seed(2)
    return Decoders(CONFIG).eval().requires_grad_(False)


def picture(*shape, seed=3):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize("size", [(64, 64), (37, 50), (16, 129), (1, 1), (2, 300)])
def test_taps_and_decoders_take_pictures_of_any_size(net, decoders, size):
    taps = net(picture(2, 3, *size))
    assert [tuple(tap.shape[2:]) for tap in taps] == net.sizes(*size)
    assert [tap.shape[1] for tap in taps] == list(CONFIG.widths)
    assert all(tap.min() >= 0 and tap.isfinite().all() for tap in taps)
    for decoder in (*decoders.plain, decoders.styled):
        assert decoder(taps[decoder.tap - 1], *size).shape == (2, 3, *size)


def test_fewer_taps_are_the_same_taps(net):
    x = picture(1, 3, 40, 40)
    for count in (1, 3, 4):
        found = net(x, count)
        assert len(found) == count
        for a, b in zip(found, net(x), strict=False):
            assert torch.equal(a, b)
    with pytest.raises(ValueError, match="pictures"):
        net(picture(1, 1, 40, 40))
    with pytest.raises(ValueError, match="pictures"):
        net(picture(1, 3, 0, 40))


def test_the_rim_is_mirrored_so_plain_colour_stays_plain(net):
    for tap in net(torch.full((1, 3, 48, 48), 0.3)):
        torch.testing.assert_close(tap, tap[:, :, :1, :1].expand_as(tap), atol=1e-5, rtol=1e-4)


def test_a_picture_has_the_same_features_alone_and_in_a_batch(net):
    x = picture(3, 3, 32, 32)
    for whole, alone in zip(net(x), net(x[1:2]), strict=True):
        torch.testing.assert_close(whole[1:2], alone, atol=1e-5, rtol=1e-4)


def test_statistics_agree_with_their_definitions():
    x = picture(2, 5, 7, 9).double()
    mean, deviation = mean_std(x, eps=0.0)
    torch.testing.assert_close(mean, x.mean((2, 3), keepdim=True))
    torch.testing.assert_close(deviation, x.std((2, 3), correction=0, keepdim=True))
    torch.testing.assert_close(gram(x)[1, 2, 4], (x[1, 2] * x[1, 4]).mean())


def test_the_frechet_distance_is_that_of_normal_distributions():
    rows = torch.randn(4000, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert frechet(rows, rows) == pytest.approx(0, abs=1e-9)
    assert frechet(rows + torch.tensor([3.0, 0, 0]), rows) == pytest.approx(9, rel=1e-9)
    # independent columns: the sum of the squared differences of their deviations
    scaled = frechet(rows * torch.tensor([1.0, 2.0, 4.0]), rows)
    assert scaled == pytest.approx(0 + 1 + 9, rel=0.05)
    few = frechet(rows[:3], rows[3:6])
    assert few > 0
    assert frechet(rows[3:6], rows[:3]) == pytest.approx(few)
    with pytest.raises(ValueError, match="rows"):
        frechet(rows[:1], rows)
    with pytest.raises(ValueError, match="rows"):
        frechet(rows[:, :2], rows)


def test_adain_gives_the_style_its_statistics_and_nothing_at_strength_zero():
    content, style = picture(2, 5, 8, 8).double(), 3 * picture(2, 5, 20, 6, seed=4).double() + 1
    for ours, theirs in zip(mean_std(adain(content, style, eps=0.0)), mean_std(style), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    still = adain(content * 1e-4, style)  # what hardly varies is not blown up
    assert (mean_std(still)[1] < 0.1 * mean_std(style)[1]).all()
    assert torch.equal(adain(content, style, 0.0), content)
    torch.testing.assert_close(adain(content, content), content)
    half = mean_std(adain(content, style, 0.5))[0]
    torch.testing.assert_close(half, (mean_std(content)[0] + mean_std(style)[0]) / 2)


def test_whitening_and_colouring_gives_the_style_its_covariance():
    content, style = picture(2, 4, 9, 9).double(), picture(1, 4, 12, 7, seed=4).double()
    style = torch.einsum("ij,njhw->nihw", torch.randn(4, 4, generator=torch.Generator().manual_seed(1)).double(), style)
    for moved in whiten_colour(content, style, eps=0.0):
        torch.testing.assert_close(moved.flatten(1).mean(1), style[0].flatten(1).mean(1))
        torch.testing.assert_close(torch.cov(moved.flatten(1)) * 80 / 81, torch.cov(style[0].flatten(1)) * 83 / 84)
    assert torch.equal(whiten_colour(content, style, 0.0), content)
    torch.testing.assert_close(whiten_colour(content[:1], content[:1], eps=0.0), content[:1])


def test_the_distance_is_zero_for_equal_pictures_grows_and_can_be_followed(net):
    wanted, distance = picture(2, 3, 32, 32), PerceptualDistance(net)
    assert distance(wanted, wanted).tolist() == [0, 0]
    near, far = (distance(wanted + s * torch.randn_like(wanted), wanted) for s in (0.05, 0.5))
    assert (near < far).all()
    made = (0.5 * wanted).requires_grad_()
    distance(made, wanted).sum().backward()
    assert made.grad.abs().sum() > 0
    before = distance(0.5 * wanted, wanted)
    wanted.mul_(0.5)  # changed in place: what was kept of it is stale
    assert before.min() > 0
    assert distance(wanted.clone(), wanted).tolist() == [0, 0]


def test_channel_weights_count_unless_plain_is_asked_for():
    torch.manual_seed(1)
    net = FeatureNet(CONFIG).eval().requires_grad_(False)
    a, b = picture(1, 3, 32, 32), picture(1, 3, 32, 32, seed=9)
    before = PerceptualDistance(net)(a, b)
    for weight in net.perceptual:
        weight.mul_(2)
    torch.testing.assert_close(PerceptualDistance(net)(a, b), 4 * before)
    torch.testing.assert_close(PerceptualDistance(net, plain=True)(a, b), before)


def test_networks_survive_their_files(net, decoders):
    x = picture(1, 3, 33, 40)
    for whole, read in ((net, from_contents), (decoders, decoders_from_contents)):
        tensors, metadata = to_state(whole)
        again = read(SimpleNamespace(tensors={"": tensors}, plain=metadata))
        assert again.config == CONFIG
        assert not any(p.requires_grad for p in again.parameters())
        if whole is net:
            torch.testing.assert_close(again(x)[2], net(x)[2], atol=0.02, rtol=0.02)
        with pytest.raises(ValueError, match="config"):
            from_state(type(whole), tensors, {})
        with pytest.raises(ValueError, match="missing or unknown"):
            from_state(type(whole), {"x": torch.zeros(1)}, metadata)
        name = next(iter(tensors))
        with pytest.raises(ValueError, match=r"is \[1\]"):
            from_state(type(whole), {**tensors, name: torch.zeros(1)}, metadata)


@pytest.mark.parametrize("change", [{"widths": (1, 2)}, {"depths": (1, 1, 1, 1, 0)}, {"widths": (8, 8, 8, 8, 0.5)}])
def test_configs_that_do_not_fit_are_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        FeaturesConfig(**change)


@pytest.mark.parametrize("text", ['{"widths": [1, 2, 3, 4, 5]}', '{"unknown": 1}', "[]"])
def test_other_facts_are_no_config(text):
    with pytest.raises(ValueError, match="config"):
        FeaturesConfig.from_json(text)
    assert FeaturesConfig.from_json(CONFIG.to_json()) == CONFIG


def test_a_decoder_can_learn_to_invert_the_trunk(net):
    """The decoders' layers fit together: from relu2_1 a few steps bring the picture back."""
    torch.manual_seed(0)
    decoder, x = Decoders(CONFIG).plain[1], F.interpolate(picture(4, 3, 5, 5), (16, 16), mode="bilinear")
    optimiser = torch.optim.Adam(decoder.parameters(), 0.01)
    tap, losses = net(x, 2)[-1], []
    for _ in range(80):
        loss = (decoder(tap, 16, 16) - x).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * x.var()
