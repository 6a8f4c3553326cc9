"""The fast style networks: blends, tiles, and published files."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nets.fast_style import (
    REACH,
    FastStyle,
    FastStyleConfig,
    Statistics,
    from_state,
    grain,
    published_from_contents,
    to_state,
)
from nets.fast_style.colours import COUNT, Colours, shares_of
from nets.fast_style.forms import directions
from nets.fast_style.laying import LEVELS, NOTHING, SIDE, Laying
from nets.fast_style.laying import laid as laid_paint
from nets.fast_style.network import SHARP
from nets.fast_style.packed import COLOURS, MOST, PLACES, in_few_colours, packed, unpacked
from nets.fast_style.paint import laid_of, paint_of
from nets.fast_style.pieces import box_means
from nets.fast_style.published import SHAPES
from nets.features.tiles import tiles


def net(styles=("a", "b", "c")):
    torch.manual_seed(0)
    made = FastStyle(FastStyleConfig(styles, (4, 6, 8, 8), (2, 1))).eval().requires_grad_(False)
    for name, value in made.named_parameters():
        if "norm" in name or name.endswith("weight"):
            value.copy_(torch.randn_like(value) * (1 if "norm" in name else 0.1))
    return made


def painted(row=0, how=Laying()):
    """A network one of whose styles has paint."""
    made, random = net(), torch.Generator().manual_seed(3)
    made.paint[row] = torch.randint(0, 255, made.paint[row].shape, generator=random, dtype=torch.uint8)
    made.centres[row] = torch.rand(made.centres[row].shape, generator=random) * 2 - 1
    made.laying[row] = torch.tensor(how)
    return made


def stripes(angle, size=(96, 120), wide=6):
    """Dark and light strokes [1, 3, *size] that run at an angle, clockwise from level."""
    rows, columns = torch.meshgrid(*(torch.arange(n).float() for n in size), indexing="ij")
    across = columns * math.sin(angle) - rows * math.cos(angle)
    return (torch.sin(across * math.pi / wide) > 0)[None, None].float().expand(1, 3, -1, -1) * 1.2 - 0.4


def levelness(pictures):
    """How level what is in pictures lies: 1 level, -1 upright."""
    grey = pictures.mean(1)
    across, down = ((grey.roll(-1, axis) - grey.roll(1, axis)).square().mean() for axis in (2, 1))
    return ((down - across) / (down + across)).item()


class Contents:
    def __init__(self, tensors):
        self.tensors = {"": tensors}


def test_a_blend_is_a_blend_of_weights():
    made = net()
    picture = torch.rand(1, 3, 21, 30) * 2 - 1
    assert made.blend({"b": 0.25, "c": 0.75}).tolist() == [[0, 0.25, 0.75]]
    assert made.blend({"b": 0.25}).sum() == 0.25
    one, two = made(picture, made.blend({"a": 1})), made(picture, made.blend({"b": 1}))
    half = made(picture, made.blend({"a": 0.5, "b": 0.5}))
    assert half.shape == picture.shape
    assert not torch.allclose(one, two, atol=1e-2)
    assert not torch.allclose(half, one, atol=1e-2)
    with pytest.raises(KeyError):
        made.blend({"z": 1})


@pytest.mark.parametrize("how", [Laying(), Laying(96, 2, 0.7, 0.4), Laying(352)], ids=["square", "along", "patches"])
@pytest.mark.parametrize("size", [(150, 311), (16, 300)])
def test_noted_statistics_make_tiles_equal_to_the_whole(size, how):
    smooth = F.interpolate(torch.rand(1, 3, size[0] // 8, size[1] // 8) * 2 - 1, size, mode="bicubic")
    made, picture = painted(0, how), smooth.clamp(-1, 1)
    blend, noted = made.blend({"a": 1}), Statistics()
    whole = made(picture, blend, noted)
    pieces = torch.full_like(whole, torch.nan)
    for tile in tiles(*size, REACH, 64):
        rows, columns = tile.inner()
        place = tile.outer_rows.start, tile.outer_columns.start
        pieces[:, :, tile.rows, tile.columns] = made(tile.seen(picture), blend, noted.rewind(), [place])[
            :, :, rows, columns
        ]
    assert torch.allclose(pieces, whole, atol=1e-3)


def test_the_grain_is_fixed_of_unit_spread_and_repeats_itself():
    whole = grain.field()
    assert torch.equal(whole, grain.field())
    assert abs(whole.mean()) < 1e-5
    assert abs(whole.std() - 1) < 1e-5
    assert torch.equal(grain.piece(whole, 40, 30, 500, 500)[0, 0, 12:, 12:], whole[:28, :18])
    step = (whole - whole.roll(1, 0)).abs().mean(1)
    assert step[0] < 2 * step.median()  # no seam where it begins anew
    made, plain = net(), torch.zeros(1, 3, 32, 32)
    assert made(plain, made.blend({"a": 1})).std() > 0.01  # plain ground is not left plain


def test_paint_fits_to_itself_and_takes_no_colour_along():
    drawn = stripes(2.7)
    colours = Colours(drawn)
    paint = paint_of(drawn, colours)
    assert torch.equal(paint, paint_of(drawn, colours))
    planes = (paint.view(-1, 3, SIDE, SIDE).float() - NOTHING) / LEVELS
    assert planes.mean((2, 3)).abs().max() < 0.05
    assert planes.std((2, 3)).min() > 0.3  # the stripes are there
    for axis in (2, 3):
        step = (planes - planes.roll(1, axis)).abs().mean((0, 1, 5 - axis))
        assert step[0] < 1.6 * step.median()  # no seam where it begins anew


def test_paint_lies_on_plain_ground_and_leaves_fine_forms():
    made, plain = painted(), torch.zeros(1, 3, 64, 64)
    made.last.weight.zero_()
    busy = ((torch.arange(64) // 2) % 2).float().expand(1, 3, 64, 64) * 2 - 1
    blend = made.blend({"a": 1})
    for picture, thick in ((plain, 1.0), (busy, 0.2)):
        ground = made.ground(picture, blend)
        laid = laid_paint(made.paint[0], shares_of(ground, made.centres[0], made.spread[0] / SHARP), ((0, 0),))
        rest = made.painted(picture, ground, blend) - thick * laid
        fine = picture - ground if picture is busy else torch.zeros_like(picture)
        assert torch.allclose(rest, fine, atol=1e-4)
    moved = made(plain, blend, at=[(8, 16)])
    assert torch.allclose(made(torch.zeros(1, 3, 128, 128), blend)[..., 8:72, 16:80], moved, atol=1e-5)
    other = made.blend({"b": 1})
    assert torch.equal(made.painted(busy, busy, other), torch.zeros_like(busy))  # which has none


def test_strokes_are_quilted_level_and_laid_along_the_forms():
    style = laid_of(stripes(1.1, (160, 160)))
    assert style["laying"].tolist() == [96, 2, 0, 0]  # they have a direction, which is found
    planes = style["paint"].view(COUNT, 3, SIDE, SIDE).float()
    assert levelness(planes) > 0.7
    assert levelness(paint_of(stripes(1.1, (160, 160)), Colours(stripes(1.1))).view(COUNT, 3, SIDE, SIDE).float()) < 0
    shares, how = torch.full((1, COUNT, 192, 192), 1 / COUNT), Laying(96, 2)
    for angle in (0.0, 0.6, math.pi / 2, 2.2):
        lay = laid_paint(style["paint"], shares, ((0, 0),), how, directions(stripes(angle, (192, 192))))
        found = directions(lay)[0, :, 4:-4, 4:-4].mean((1, 2))
        wanted = torch.tensor([math.cos(2 * angle), math.sin(2 * angle)])
        assert found @ wanted > 0.8 * found.norm(), angle
    level, leant = (laid_paint(style["paint"], shares, ((0, 0),), Laying(96, 2, 0, lean)) for lean in (0, math.pi / 2))
    assert levelness(level) > 0.5
    assert levelness(leant) < -0.5
    assert laid_of(torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)))["laying"].tolist()[1] == 0


def test_patches_do_not_repeat_themselves():
    paint, shares = painted().paint[0], torch.full((1, COUNT, 64, 3 * SIDE), 1 / COUNT)
    for how, alike in ((Laying(), True), (Laying(96), False), (Laying(352), False)):
        lay = laid_paint(paint, shares, ((40, 1000),), how)[0].flatten(0, 1)
        one, other = lay[:, :SIDE], lay[:, SIDE : 2 * SIDE]
        agree = (one * other).mean() / (one.std() * other.std())
        assert (agree > 0.9) if alike else (abs(agree) < 0.25)


def test_a_mean_over_squares_is_the_one_of_torch():
    x = torch.randn(2, 3, 101, 77)
    for side, pace in ((36, 4), (57, 1), (77, 3)):
        assert torch.allclose(box_means(x, side, pace), F.avg_pool2d(x, side, pace), atol=1e-6)


def test_packed_paint_comes_back_to_the_bit():
    planes = torch.randint(
        0, 255, (COUNT, 3, SIDE, SIDE), dtype=torch.uint8, generator=torch.Generator().manual_seed(1)
    )
    assert packed(planes.flatten()) is None  # too many colours
    few = in_few_colours(planes)
    assert len(few.permute(0, 2, 3, 1).reshape(-1, 3).unique(dim=0)) <= MOST
    assert (few.float() - planes).abs().mean() < 16
    parts = packed(few.flatten())
    assert sum(part.numel() for part in parts.values()) < 0.34 * few.numel()
    assert torch.equal(unpacked(parts), few.flatten())
    for wrong in ({PLACES: parts[PLACES][1:]}, {COLOURS: parts[COLOURS][:9]}, {PLACES: parts[PLACES].long() + 900}):
        with pytest.raises(ValueError, match="no paint"):
            unpacked(parts | wrong)


def test_joint_statistics_are_those_of_all_pieces():
    x, noted = torch.rand(4, 5, 6, 6), Statistics(joint=True)
    mean, inverse = noted.of(x, 0.0)
    assert torch.allclose(mean, x.mean((0, 2, 3), keepdim=True))
    assert torch.allclose(inverse, 1 / x.std((0, 2, 3), keepdim=True, correction=0))


def test_statistics_are_those_of_what_is_seen():
    x, seen = torch.rand(2, 5, 6, 6), torch.zeros(2, 1, 12, 12)
    seen[..., :6] = 1
    mean, inverse = Statistics(seen=seen).of(x, 0.0)
    assert torch.allclose(mean, x[..., :3].mean((2, 3), keepdim=True), atol=1e-5)
    assert torch.allclose(inverse, 1 / x[..., :3].std((2, 3), keepdim=True, correction=0), rtol=1e-4)


def test_it_comes_back_from_its_own_file():
    made = painted(1)
    state, metadata = to_state(made)
    assert len(state["paint"]) == 1  # what has none takes no place
    again = from_state(state, metadata)
    assert again.config == made.config
    assert torch.equal(again.paint, made.paint)
    for wrong in ("[]", '["z"]'):
        with pytest.raises(ValueError, match="paint is not that of"):
            from_state(state, metadata | {"painted": wrong})
    unlaid = {name: value for name, value in state.items() if name != "laying"}
    assert torch.equal(from_state(unlaid, metadata).laying, torch.zeros(3, len(Laying._fields)))  # one square, as then
    before = {name: value for name, value in unlaid.items() if name not in ("paint", "centres", "spread", "firm")}
    old, x = from_state(before, {"config": metadata["config"]}), torch.rand(1, 3, 24, 32)
    assert torch.equal(old(x, old.blend({"a": 1})), again(x, again.blend({"a": 1})))
    with pytest.raises(ValueError, match="fast style"):
        from_state(state, {})
    with pytest.raises(ValueError, match="different names"):
        FastStyleConfig(("a", "a"))


def test_styles_without_strokes_share_kernels_in_the_file_and_paint_as_before():
    made, x = painted(0, Laying(96, 2)), torch.rand(1, 3, 24, 32) * 2 - 1
    made.paint[0] = in_few_colours(made.paint[0].view(COUNT, 3, SIDE, SIDE)).flatten()
    for name in ("last.weight", "offset"):
        made.get_parameter(name)[0] = made.get_parameter(name)[2] = 0
    state, metadata = to_state(made)
    assert len(state["last.weight"]) == len(state["down.0.norm.scale"]) == 1
    assert len(state["palette"]) == 3
    assert "paint" not in state
    again = from_state(state, metadata)
    assert torch.equal(again.paint, made.paint)
    for style in ("a", "c"):
        assert torch.allclose(again(x, again.blend({style: 1})), made(x, made.blend({style: 1})), atol=5e-3), style
    with pytest.raises(ValueError, match="no fast style network"):
        from_state(state, metadata | {"drawing": '["a", "b"]'})
    with pytest.raises(ValueError, match="drawing names no styles"):
        from_state(state, metadata | {"drawing": "7"})


def transformer_net(state, x):
    """The published network, written down plainly."""

    def conv(x, name, stride=1):
        weight = state[f"{name}.conv2d.weight"]
        x = nn.ReflectionPad2d(weight.shape[-1] // 2)(x)
        return F.conv2d(x, weight, state[f"{name}.conv2d.bias"], stride)

    def norm(x, name):
        return F.instance_norm(x, weight=state[f"{name}.weight"], bias=state[f"{name}.bias"], eps=1e-5)

    for n, stride in ((1, 1), (2, 2), (3, 2)):
        x = F.relu(norm(conv(x, f"conv{n}", stride), f"in{n}"))
    for n in range(1, 6):
        y = F.relu(norm(conv(x, f"res{n}.conv1"), f"res{n}.in1"))
        x = x + norm(conv(y, f"res{n}.conv2"), f"res{n}.in2")
    for n, m in ((1, 4), (2, 5)):
        x = F.relu(norm(conv(F.interpolate(x, scale_factor=2), f"deconv{n}"), f"in{m}"))
    return conv(x, "deconv3")


def random_state():
    generator = torch.Generator().manual_seed(1)
    return {name: torch.randn(*size, generator=generator) / max(1, size[-1] * 20) for name, size in SHAPES.items()}


@pytest.mark.parametrize("numbered", [False, True])
def test_a_published_layout_gives_the_published_function(numbered):
    state = random_state()
    assert sum(value.numel() for value in state.values()) == 1_679_235
    file = dict(state)
    if numbered:  # as an exporter that forgets names, with the constants of the enlargements among them
        file = {str(10 + n): value for n, value in enumerate(state.values())}
        file |= {"170": torch.tensor([1.0, 1, 2, 2]), "9": torch.tensor(0.5)}
    picture = torch.rand(1, 3, 32, 40) * 2 - 1
    made = published_from_contents(Contents(file))(picture)
    wanted = transformer_net(state, (picture + 1) * 127.5) / 127.5 - 1
    assert (made - wanted).abs().max() < 1e-5 * wanted.abs().max().clamp(min=1)


def test_another_file_is_refused():
    state = random_state()
    with pytest.raises(ValueError, match="no fast style network"):
        published_from_contents(Contents({name: value for name, value in state.items() if "res3" not in name}))
    with pytest.raises(ValueError, match="no fast style network"):
        published_from_contents(Contents({"1": torch.zeros(7, 7)}))
