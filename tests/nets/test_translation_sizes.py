"""Any size: mirrored, by tiles, cropped; never stretched, and without a seam."""

import pytest
import torch

from nets.fast_style.normalisation import Statistics
from nets.translation import AnimeGan, Compact, Resnet, ResnetConfig, Unet, UnetConfig
from nets.translation.anysize import Way, drawn, mirrored, noted, passed


def whole(way, x, seen=None):
    """The pieces put together, and how many they were."""
    height, width = (length * way.scale for length in x.shape[2:])
    made, shares = torch.full((1, 3, height, width), torch.nan), []
    for share, rows, columns, piece in drawn(way, x, seen=seen):
        made[:, :, rows, columns] = piece
        shares.append(share)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert not made.isnan().any()
    return made, len(shares)


def test_mirroring_goes_on_as_long_as_it_takes():
    x = torch.arange(3.0).view(1, 1, 1, 3)
    assert mirrored(x, 2, 8)[0, 0].tolist() == [[0, 1, 2, 1, 0, 1, 2, 1]] * 2
    assert mirrored(x[..., :1], 1, 4).tolist() == [[[[0, 0, 0, 0]]]]
    assert torch.equal(mirrored(x, 1, 2), x)


@pytest.mark.parametrize(
    ("down", "up"), [("strided", "transposed"), ("antialias", "antialias"), ("strided", "nearest")]
)
def test_tiles_of_a_resnet_with_noted_statistics_equal_the_whole(down, up):
    torch.manual_seed(0)
    config = ResnetConfig(width=4, blocks=1, down=down, up=up)
    net = Resnet(config).eval()
    x = torch.rand(1, 3, 264, 388) * 2 - 1
    seen = Statistics()
    with torch.no_grad():
        at_once = net(x, seen)
    made, pieces = whole(Way(net, config.multiple, config.reach, 200 * 200), x, seen)
    assert pieces > 3
    assert (made - at_once).abs().max() < 1e-4


def test_tiles_of_animegan_with_noted_statistics_equal_the_whole_but_for_its_enlarging():
    torch.manual_seed(0)
    net, x, seen = AnimeGan(corners=False).eval(), torch.rand(1, 3, 320, 264) * 2 - 1, Statistics()
    with torch.no_grad():
        at_once = net(x, seen)
    made, pieces = whole(Way(net, 4, 64, 256 * 256), x, seen)
    assert pieces > 1
    assert (made - at_once).abs().max() < 1e-3


def test_tiles_of_an_enlarger_equal_the_whole():
    torch.manual_seed(0)
    net = Compact(2, 4, 3).eval()
    way = Way(lambda x, _: net(x), 1, net.reach, 40 * 40, 2)
    x = torch.rand(1, 3, 61, 75)
    made, pieces = whole(way, x)
    assert pieces > 3
    with torch.no_grad():
        assert (made - net(x)).abs().max() < 1e-5


def test_tiles_of_a_network_without_a_reach_fade_into_each_other():
    """A network that paints each tile in its mean colour: within the overlap the colours go over evenly."""
    way = Way(lambda x, _: x[:, :3].mean((2, 3), keepdim=True).expand(-1, 3, *x.shape[2:]), 32, None, 224 * 224)
    assert not way.exact
    x = torch.linspace(0, 1, 400).expand(1, 3, 300, 400) + torch.linspace(0, 1, 300)[:, None]
    made, pieces = whole(way, x)
    assert pieces > 3
    for axis in (2, 3):
        steps = made.diff(dim=axis).abs()
        assert steps.max() > 0
        assert steps.max() < 1.5 * (made.max() - made.min()) / (2 * way.rim)


def test_a_unet_is_drawn_by_tiles_too():
    net = Unet(UnetConfig(width=4, levels=5)).eval()
    made, pieces = whole(Way(net, net.config.multiple, net.config.reach, 224 * 224), torch.rand(1, 3, 300, 250))
    assert pieces > 1
    assert made.abs().max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (33, 18), (3, 200)])
def test_odd_and_tiny_sizes_keep_theirs(size):
    for net, multiple in ((Resnet(ResnetConfig(width=4, blocks=1)), 4), (Unet(UnetConfig(width=4, levels=5)), 32)):
        with torch.no_grad():
            made = passed(Way(net.eval(), multiple), torch.rand(1, 3, *size))
        assert made.shape == (1, 3, *size)
        assert made.isfinite().all()


def test_pieces_of_a_long_strip_give_statistics():
    net = Resnet(ResnetConfig(width=4, blocks=1)).eval()
    with torch.no_grad():
        found = noted(Way(net, 4), torch.rand(1, 3, 20, 900))
    assert len(found.rows) == 7
    assert all(mean.shape[0] == 1 for mean, _ in found.rows)
