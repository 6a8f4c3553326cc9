"""Restyling by tiles is restyling in one go."""

from dataclasses import replace

import pytest
import torch

from nets.features import Coloured, Decoders, FeatureNet, FeaturesConfig, adain, whiten_colour
from nets.features.moments import Affine, Moments, exchange_map, mixed, whiten_colour_map
from nets.features.tiles import Pieces, moments_by_tap, tiles, to_net

CONFIG = FeaturesConfig((6, 8, 10, 12), (2, 2, 3, 1), (5, 6, 7))


@pytest.fixture(scope="module", params=[False, True], ids=["features", "with colours"])
def nets(request):
    torch.manual_seed(0)
    net = FeatureNet(CONFIG).eval().requires_grad_(False)
    decoders = Decoders(replace(CONFIG, coloured=request.param)).eval().requires_grad_(False)
    return Coloured(net) if request.param else net, decoders


def whole(net, decoder, picture, affine):
    with torch.no_grad():
        return decoder(affine(net(to_net(picture), decoder.tap)[-1]), *picture.shape[2:])


@pytest.mark.parametrize("tap", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(301, 187), (16, 160), (97, 40)])
def test_tiles_give_what_the_whole_picture_gives(nets, tap, size):
    net, decoders = nets
    decoder, picture = decoders.plain[tap - 1], torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(tap))
    pieces = Pieces(net, picture, tap, side=64)
    (content,), (style,) = pieces.moments(), Pieces(net, picture.flip(2)[:, :, :30], tap).moments()
    one = whiten_colour_map(content, style)
    made = torch.full((1, 3, *size), torch.nan)
    for tile, piece in pieces.mapped(decoder, [(one, None)]):
        made[:, :, tile.rows, tile.columns] = piece
    wanted = whole(net, decoder, picture, one)
    assert (made - wanted).abs().max() < 1e-4 * wanted.abs().max().clamp(min=1)


@pytest.mark.parametrize("height", [8, 63, 64, 65, 500])
def test_tiles_cover_each_pixel_once_and_begin_on_the_grid(height):
    count = torch.zeros(height, 200)
    for tile in tiles(height, 200, 16, 64):
        count[tile.rows, tile.columns] += 1
        starts = (tile.rows.start, tile.columns.start, tile.outer_rows.start, tile.outer_columns.start)
        assert all(start % 8 == 0 for start in starts)
        assert tile.rows.stop - tile.rows.start <= 64
    assert (count == 1).all()


def test_gathered_moments_are_those_of_all_places():
    features = torch.rand(1, 5, 12, 9) * 3 + 100
    moments = Moments()
    for rows in features.split((5, 4, 3), dim=2):
        moments.add(rows)
    flat = features.flatten(2)[0].double()
    assert torch.allclose(moments.mean, flat.mean(1))
    assert torch.allclose(moments.covariance, torch.cov(flat, correction=0), atol=1e-5)


def test_weights_choose_the_places_that_count():
    features = torch.rand(1, 4, 8, 8)
    half, moments = torch.zeros(1, 1, 8, 8), Moments()
    half[..., :4] = 1
    moments.add(features, half)
    assert torch.allclose(moments.mean, features[..., :4].mean((0, 2, 3)).double())
    with pytest.raises(ValueError, match="no place"):
        _ = Moments().mean


def test_the_maps_are_the_formulas():
    torch.manual_seed(1)
    content, style = torch.rand(1, 6, 20, 20) * 2, torch.rand(1, 6, 15, 11) + 1
    one, two = Moments(), Moments()
    one.add(content)
    two.add(style)
    assert torch.allclose(exchange_map(one, two)(content), adain(content, style), atol=1e-5)
    assert torch.allclose(exchange_map(one, two).at(0.3)(content), adain(content, style, 0.3), atol=1e-5)
    assert torch.allclose(whiten_colour_map(one, two)(content), whiten_colour(content, style), atol=1e-4)
    assert torch.allclose(whiten_colour_map(one, two).at(0.3)(content), whiten_colour(content, style, 0.3), atol=1e-4)
    faint = style * torch.tensor([1e-3, *[1.0] * (style.shape[1] - 1)]).view(1, -1, 1, 1)
    three = Moments()
    three.add(faint)
    assert torch.allclose(whiten_colour_map(one, three)(content), whiten_colour(content, faint), atol=1e-4)
    half = mixed([(0.5, exchange_map(one, two)), (0.5, exchange_map(one, one))])
    assert torch.allclose(half(content), (adain(content, style) + content) / 2, atol=1e-5)


def test_each_map_holds_in_its_region_and_the_rest_stays(nets):
    net, decoders = nets
    picture = torch.rand(1, 3, 64, 96)
    left = torch.zeros(1, 1, 64, 96)
    left[..., :32] = 1
    channels = net(picture, 4)[-1].shape[1]
    double = Affine(torch.full((channels,), 2.0), torch.zeros(channels))
    [(_, made)] = Pieces(net, picture, 4).mapped(decoders.plain[3], [(double, left)])
    same = Affine(torch.ones(channels), torch.zeros(channels))
    assert torch.allclose(made[..., 80:], whole(net, decoders.plain[3], picture, same)[..., 80:], atol=1e-4)
    assert not torch.allclose(made[..., :16], whole(net, decoders.plain[3], picture, same)[..., :16], atol=1e-2)


@pytest.mark.parametrize("size", [(530, 24), (40, 37)])
def test_moments_of_all_taps_in_one_pass_are_those_of_each(nets, size):
    net, _ = nets
    picture, seen = torch.rand(1, 3, *size), (torch.rand(1, 1, *size) > 0.3).float()
    for tap, found in enumerate(moments_by_tap(net, picture, 3, seen), 1):
        (wanted,) = Pieces(net, picture, tap).moments([seen])
        assert torch.allclose(found.mean, wanted.mean, atol=1e-5)
        assert torch.allclose(found.covariance, wanted.covariance, atol=1e-4)
