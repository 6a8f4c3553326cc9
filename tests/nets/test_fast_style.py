"""The fast style networks: blends, tiles, and published files."""

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
from nets.fast_style.published import SHAPES
from nets.features.tiles import tiles


def net(styles=("a", "b", "c")):
    torch.manual_seed(0)
    made = FastStyle(FastStyleConfig(styles, (4, 6, 8, 8), (2, 1))).eval().requires_grad_(False)
    for name, value in made.named_parameters():
        if "norm" in name or name.endswith("weight"):
            value.copy_(torch.randn_like(value) * (1 if "norm" in name else 0.1))
    return made


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


@pytest.mark.parametrize("size", [(150, 211), (16, 300)])
def test_noted_statistics_make_tiles_equal_to_the_whole(size):
    made, picture = net(), torch.rand(1, 3, *size) * 2 - 1
    blend, noted = made.blend({"a": 1}), Statistics()
    whole = made(picture, blend, noted)
    pieces = torch.full_like(whole, torch.nan)
    for tile in tiles(*size, REACH, 64):
        rows, columns = tile.inner()
        place = tile.outer_rows.start, tile.outer_columns.start
        pieces[:, :, tile.rows, tile.columns] = made(tile.seen(picture), blend, noted.rewind(), [place])[
            :, :, rows, columns
        ]
    assert torch.allclose(pieces, whole, atol=1e-4)


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


def test_joint_statistics_are_those_of_all_pieces():
    x, noted = torch.rand(4, 5, 6, 6), Statistics(joint=True)
    mean, inverse = noted.of(x, 0.0)
    assert torch.allclose(mean, x.mean((0, 2, 3), keepdim=True))
    assert torch.allclose(inverse, 1 / x.std((0, 2, 3), keepdim=True, correction=0))


def test_it_comes_back_from_its_own_file():
    made = net()
    state, metadata = to_state(made)
    again = from_state(state, metadata)
    assert again.config == made.config
    with pytest.raises(ValueError, match="fast style"):
        from_state(state, {})
    with pytest.raises(ValueError, match="different names"):
        FastStyleConfig(("a", "a"))


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
