"""Restyling by tiles is restyling in one go."""

from dataclasses import replace

import pytest
import torch

from nets.features import Coloured, Decoders, FeatureNet, FeaturesConfig, adain, bases, whiten_colour
from nets.features.moments import Affine, Moments, exchange_map, mixed, whiten_colour_map
from nets.features.pieces import Pieces, moments_by_tap
from nets.features.tiles import tiles, to_net

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


def painted(pieces, decoder):
    """What becomes of a picture by its tiles, in the style of its own lower left corner, and the map."""
    style = pieces.picture.flip(2)[:, :, :30]
    (content,), (style,) = pieces.moments(), Pieces(pieces.net, style, pieces.tap).moments()
    one = whiten_colour_map(content, style)
    made = torch.full((1, 3, *pieces.size), torch.nan)
    for tile, piece in pieces.mapped(decoder, [(one, None)]):
        made[:, :, tile.rows, tile.columns] = piece
    return made, one


def noise(size, seed):
    return torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed))


def counting(net, seen):
    """A trunk of the kind that is taken whole, which notes how many pixels it has seen."""

    def through(pictures, taps):
        seen.append(pictures[0, 0].numel())
        return net(pictures, taps)

    return through


@pytest.mark.parametrize("room", [bases.ROOM, 0], ids=["kept", "encoded again"])
@pytest.mark.parametrize("tap", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(301, 187), (16, 160), (97, 40)])
def test_tiles_give_what_the_whole_picture_gives(nets, tap, size, room, monkeypatch):
    net, decoders = nets
    monkeypatch.setattr(bases, "ROOM", room)
    decoder, picture = decoders.plain[tap - 1], noise(size, tap)
    for trunk in (net, counting(net, [])):
        made, one = painted(Pieces(trunk, picture, tap, side=64), decoder)
        wanted = whole(net, decoder, picture, one)
        assert (made - wanted).abs().max() < 1e-4 * wanted.abs().max().clamp(min=1)


@pytest.mark.parametrize("tap", [2, 4])
def test_half_precision_is_taken_where_only_that_fits_and_hardly_moves_a_picture(nets, tap, monkeypatch):
    net, decoders = nets
    picture = noise((301, 187), tap)
    single, _ = painted(Pieces(net, picture, tap, side=64), decoders.plain[tap - 1])
    channels = net.base(picture[:, :, :16, :16], tap).shape[1]
    monkeypatch.setattr(bases, "ROOM", channels * (-(-301 // 2 ** (tap - 1))) * (-(-187 // 2 ** (tap - 1))) * 2)
    half, _ = painted(Pieces(net, picture, tap, side=64), decoders.plain[tap - 1])
    apart = (half - single).abs()
    assert 0 < apart.max() < 0.02 * single.abs().max()
    assert apart.mean() < 1e-3 * single.abs().max()


def test_what_is_kept_is_not_encoded_again_and_is_let_go_at_the_end(nets, monkeypatch):
    net, decoders = nets
    picture, seen = noise((200, 200), 5), []
    pieces = Pieces(counting(net, seen), picture, 4, side=64)
    pieces.moments()
    once = len(seen)
    same = Affine(torch.ones(1), torch.zeros(1))
    for number, _ in enumerate(pieces.mapped(decoders.plain[3], [(same, None)]), 1):
        assert (pieces._kept is not None) == (number <= len(pieces.tiles))
    assert len(seen) == once == len(pieces.tiles)
    assert pieces._kept is None
    monkeypatch.setattr(bases, "ROOM", 0)
    pieces.moments()
    list(pieces.mapped(decoders.plain[3], [(same, None)]))
    assert len(seen) == 3 * once


def test_a_base_leads_to_the_tap(nets):
    net, _ = nets
    picture = noise((45, 38), 6) * 2 - 1
    for number, tap in enumerate(net(picture, 4), 1):
        assert torch.allclose(net.top(net.base(picture, number), number), tap, atol=1e-6)


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
