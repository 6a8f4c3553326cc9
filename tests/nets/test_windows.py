"""Windows of the features against the same pixels of whole maps."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.upfirdn import upsample2d, upsample_conv2d
from nets.windows import Windows, WindowSynthesis, fields, read, resample, spread, whole
from nets.windows.borders import Read, cut
from nets.windows.plan import plan
from nets.windows.products import BAND, FEW, LARGE, SOME, Correlation, Enlargement, Weights, along

WIDTHS = {4: 10, 8: 9, 16: 8, 32: 7, 64: 6}
SMALL = {"resolution": 64, "channels": WIDTHS, "z_dim": 16, "w_dim": 12, "mapping_layers": 2}
CONFIGS = {
    "skip": SMALL,
    "resnet": {**SMALL, "architecture": "resnet"},
    "orig": {**SMALL, "architecture": "orig"},
    "conditional": {**SMALL, "c_dim": 3},
    "tall": {**SMALL, "resolution": (64, 32)},
    "wide": {**SMALL, "resolution": (64, 128)},
    "clamp": {**SMALL, "conv_clamp": 0.9},
    "clamped resnet": {**SMALL, "conv_clamp": 0.7, "architecture": "resnet"},
    "no noise": {**SMALL, "use_noise": False},
    "three taps": {**SMALL, "resample_filter": (1, 2, 1), "architecture": "resnet"},
    "skewed taps": {**SMALL, "resample_filter": (1, 2, 4, 3, 1), "architecture": "resnet"},
}
KIND = (torch.device("cpu"), torch.float64)
# one inside; at all borders; overlapping, and far apart; nearly everything
PLACES = {
    "inside": Windows(((9, 11),), 5, 4),
    "corner": Windows(((0, 0),), 5, 5),
    "far corner": Windows(((27, 10),), 5, 6),
    "borders": Windows(((0, 3), (26, 9), (13, 0), (12, 8)), 6, 6),
    "overlapping": Windows(((10, 4), (11, 6), (12, 5)), 6, 6),
    "whole": Windows(((0, 0),), 32, 16),
}


def build(name: str, dtype: torch.dtype = torch.float64) -> Generator:
    torch.manual_seed(sum(map(ord, name)))
    net = Generator(GeneratorConfig(**CONFIGS[name])).to(dtype).requires_grad_(False)
    for tensor in net.synthesis.state_dict().values():
        if tensor.ndim < 2:
            tensor.add_(torch.randn_like(tensor) * 0.3)
    return net


def code(net: Generator) -> torch.Tensor:
    return torch.randn(net.config.num_ws, net.config.w_dim, dtype=net.synthesis.const.dtype)


def gap(a: torch.Tensor, b: torch.Tensor) -> float:
    return float(((a - b).abs().max() / b.abs().max().clamp(min=1e-12)).detach())


def pixels(features: torch.Tensor, windows: Windows) -> torch.Tensor:
    """The same windows, cut out of a whole map [1, C, H, W]."""
    return torch.stack(
        [features[0, :, y : y + windows.height, x : x + windows.width].permute(1, 2, 0) for y, x in windows.places]
    )


def weigh(shape: torch.Size) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("rows", [4, 99])
def test_features_and_gradient_equal_whole_maps(name, where, rows):
    net, windows = build(name), PLACES[where]
    w = code(net).requires_grad_()
    expected = pixels(net.synthesis.features(w[None], 32), windows)
    slope = torch.autograd.grad((expected * weigh(expected.shape)).sum(), w)[0]
    ours = WindowSynthesis(net.synthesis, w.detach(), rows, 32)
    styles = ours.styles(w)
    found = ours.evaluate(styles, windows)
    assert gap(found.features, expected) < 1e-10
    features, _ = ours.recall(found, styles, windows)
    pulled = torch.autograd.grad((features * weigh(expected.shape)).sum(), w)[0]
    assert gap(pulled[:rows], slope[:rows]) < 1e-9
    assert not pulled[rows:].any()


@pytest.mark.parametrize("name", ["skip", "clamped resnet", "three taps", "wide"])
def test_recall_of_smaller_windows(name):
    net, windows = build(name), Windows(((0, 3), (25, 9), (13, 0), (12, 8)), 7, 7)
    inner = Windows(((0, 3), (29, 11), (15, 2), (16, 8)), 3, 4)
    for where, part in ((windows, inner), (Windows(((5, 6),), 8, 8), Windows(((9, 7),), 3, 3))):
        w = code(net).requires_grad_()
        expected = pixels(net.synthesis.features(w[None], 32), part)
        slope = torch.autograd.grad((expected * weigh(expected.shape)).sum(), w)[0]
        ours = WindowSynthesis(net.synthesis, w.detach(), 5, 32)
        styles = ours.styles(w)
        features, _ = ours.recall(ours.evaluate(styles, where), styles, part)
        assert gap(features, expected) < 1e-10
        pulled = torch.autograd.grad((features * weigh(expected.shape)).sum(), w)[0]
        assert gap(pulled[:5], slope[:5]) < 1e-9


@pytest.mark.parametrize("where", ["inside", "borders"])
@pytest.mark.parametrize(("name", "tap"), [("skip", 4), ("skip", 3), ("resnet", 4)])
def test_a_tapped_layer_is_whole_and_differentiable(name, where, tap):
    net, windows = build(name), PLACES[where]
    w = code(net).requires_grad_()
    ours = WindowSynthesis(net.synthesis, w.detach(), 99, 32, tap)
    styles = ours.styles(w)
    found = ours.evaluate(styles, windows)
    features, tapped = ours.recall(found, styles, windows)
    assert tapped.shape[1:3] == ours.layers[tap].size
    far = net.synthesis.features(w[None], 32)
    expected = (pixels(far, windows) * weigh(features.shape)).sum()
    near = (features * weigh(features.shape)).sum()
    if tap == 4:  # the end of a block, which the whole pass gives too
        coarse = net.synthesis.features(w[None], 16).permute(0, 2, 3, 1)
        assert gap(tapped, coarse) < 1e-10
        expected, near = expected + (coarse * weigh(coarse.shape)).sum(), near + (tapped * weigh(coarse.shape)).sum()
    assert gap(torch.autograd.grad(near, w)[0], torch.autograd.grad(expected, w)[0]) < 1e-9


def test_float32_stays_close():
    net = build("skip", torch.float32)
    w = code(net)
    expected = net.synthesis.features(w[None], 64)
    ours = WindowSynthesis(net.synthesis, w, 6, 64)
    windows = Windows(((0, 0), (50, 50), (20, 31)), 9, 9)
    assert gap(ours.evaluate(ours.styles(w), windows).features, pixels(expected, windows)) < 1e-4


def test_the_network_is_copied():
    net = build("skip")
    w, windows = code(net), PLACES["inside"]
    ours = WindowSynthesis(net.synthesis, w, 2, 32)
    before = ours.evaluate(ours.styles(w), windows).features
    for block in net.synthesis.blocks.values():
        block.conv1.weight.zero_()
    assert torch.equal(ours.evaluate(ours.styles(w), windows).features, before)


def test_plan_joins_windows_where_that_is_less_work():
    net = build("skip")
    layers = WindowSynthesis(net.synthesis, code(net), 6, 64).layers
    alone = plan(layers, Windows(((30, 30),), 4, 4))
    assert [each.gives.height for each in alone[-2:]] == [6, 4]
    assert max(each.gives.area for each in alone) <= 64
    assert all(
        below.gives == above.reads.hull(*layer.size)
        for below, above, layer in zip(alone, alone[1:], layers, strict=False)
    )
    apart = plan(layers, Windows(((0, 0), (56, 56)), 5, 5))
    assert len(apart[-1].gives.places) == 2
    assert apart[0].gives == whole(4, 4)
    close = plan(layers, Windows(((20, 20), (21, 22), (22, 21)), 8, 8))
    assert close[-1].gives == Windows(((20, 20),), 10, 10)
    crowd = plan(layers, Windows(tuple((y, x) for y in range(0, 56, 8) for x in range(0, 56, 8)), 9, 9))
    assert crowd[-1].gives == Windows(((0, 0),), 57, 57)


@pytest.mark.parametrize("taps", [(1.0, 3.0, 3.0, 1.0), (1.0, 2.0, 1.0), (1.0, 2.0, 4.0, 3.0, 1.0), (1.0, 1.0)])
@pytest.mark.parametrize("first", [2, 3, 5])
def test_enlarging_reads_just_what_it_needs(taps, first):
    """Pixels outside the field make no difference, those at its ends do."""
    weight = torch.randn(3, 2, 3, 3, dtype=torch.float64)
    image = torch.randn(1, 2, 12, 12, dtype=torch.float64)

    def row(image):
        return upsample_conv2d(image, weight.transpose(0, 1), taps)[:, :, first : first + 4]

    start, count = fields.enlarging_span((first, 4), len(taps))
    for index in range(12):
        changed = image.clone()
        changed[:, :, index] += 1
        assert torch.equal(row(changed), row(image)) == (not start <= index < start + count)


@pytest.mark.parametrize("taps", [(1.0, 3.0, 3.0, 1.0), (1.0, 2.0, 4.0, 3.0, 1.0)])
def test_filter_matrices_equal_the_filters(taps):
    weight, image = torch.randn(3, 2, 3, 3, dtype=torch.float64), torch.randn(1, 2, 6, 6, dtype=torch.float64)
    matrix = resample.filter_axis(0, 12, 6, taps, KIND)[None]
    ours = Enlargement(weight)(image.permute(0, 2, 3, 1), matrix, matrix)
    assert gap(ours.permute(0, 3, 1, 2), upsample_conv2d(image, weight.transpose(0, 1), taps)) < 1e-12
    double = resample.doubling_axis(0, 12, 6, taps, KIND)[None]
    ours = along(image.permute(0, 2, 3, 1), double, double)
    assert gap(ours.permute(0, 3, 1, 2), upsample2d(image, taps)) < 1e-12


@pytest.mark.parametrize(("size", "native"), [(64, 16), (64, 64), (96, 32), (16, 16)])
def test_resize_matrices_equal_interpolation(size, native):
    line = torch.randn(1, 1, native, dtype=torch.float64)
    expected = F.interpolate(line[..., None], (size, 1), mode="bilinear")[0, 0, :, 0]
    for pixels_ in ((0, size), (-3, 7), (size - 4, 8), (5, 6)):
        reads = resample.resized_span(pixels_, size, native)
        part = resample.resize_axis(pixels_, reads, size, native, KIND) @ line[0, 0, reads[0] : reads[0] + reads[1]]
        for n, value in enumerate(part):
            inside = 0 <= pixels_[0] + n < size
            assert float(value) == pytest.approx(float(expected[pixels_[0] + n]) if inside else 0, abs=1e-12)


@pytest.mark.parametrize("side", [6, 60])
def test_products_equal_convolutions_and_their_adjoints(side):
    weight = torch.randn(5, 4, 3, 3, dtype=torch.float64)
    x = torch.randn(2, side, side + 1, 4, dtype=torch.float64, requires_grad=True)
    assert (2 * side * side > BAND) == (side == 60)  # both ways of the adjoint
    y = F.conv2d(x.permute(0, 3, 1, 2), weight).permute(0, 2, 3, 1)
    g = torch.randn_like(y)
    product = Correlation(weight)
    assert gap(product(x.detach()), y) < 1e-12
    assert gap(product.adjoint(g), torch.autograd.grad(y, x, g)[0]) < 1e-12
    down, across = torch.randn(2, 7, 3 * side).double(), torch.randn(2, 9, 3 * side + 3).double()
    product = Enlargement(weight)
    left, right = torch.randn_like(x), torch.randn(2, 7, 9, 5, dtype=torch.float64)
    assert float((product(left, down, across) * right).sum()) == pytest.approx(
        float((product.adjoint(right, down, across) * left).sum()), rel=1e-9
    )


@pytest.mark.parametrize("shape", [(1030, 1024), (30, 40)])
@pytest.mark.parametrize("pixels_", [FEW - 1, FEW, SOME - 1, SOME])
def test_products_with_few_pixels_equal_the_plain_product(shape, pixels_):
    assert (shape[0] * shape[1] > LARGE) == (shape[0] > 100)  # both kinds
    matrix = torch.randn(*shape)
    weights = Weights(matrix.t().contiguous().t())
    x, g = torch.randn(pixels_, shape[0]), torch.randn(pixels_, shape[1])
    assert gap(weights(x), x @ matrix) < 1e-5
    assert gap(weights.adjoint(g), g @ matrix.t()) < 1e-5


def test_reading_pads_and_spreading_is_its_adjoint():
    image, at = torch.arange(20.0).view(1, 4, 5, 1), Windows(((2, 3),), 4, 5)
    for wanted in (Windows(((1, 2),), 3, 4), Windows(((1, 6), (5, 3)), 3, 3), Windows(((3, 4),), 2, 2)):
        found = read(image, at, wanted)
        for part, (top, left) in zip(found, wanted.places, strict=True):
            for y in range(wanted.height):
                for x in range(wanted.width):
                    row, column = top + y - 2, left + x - 3
                    inside = 0 <= row < 4 and 0 <= column < 5
                    assert part[y, x] == (image[0, row, column] if inside else 0)
        g = torch.randn_like(found)
        assert torch.allclose((found * g).sum(), (spread(g, wanted, at) * image).sum())
        leaf = image.clone().requires_grad_()
        (Read.apply(leaf, at, wanted) * g).sum().backward()
        assert torch.equal(leaf.grad, spread(g, wanted, at))
    assert torch.equal(cut(image, at, Windows(((3, 4),), 2, 2))[0, ..., 0], image[0, 1:3, 1:3, 0])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("name", CONFIGS)
def test_cuda_equals_the_processor(name, where):
    net, windows = build(name), PLACES[where]
    w = code(net).requires_grad_()
    found = []
    for device in ("cpu", "cuda"):
        near = w.detach().to(device).requires_grad_()
        ours = WindowSynthesis(net.to(device).synthesis, near.detach(), 4, 32)
        styles = ours.styles(near)
        features, _ = ours.recall(ours.evaluate(styles, windows), styles, windows)
        slope = torch.autograd.grad((features * weigh(features.shape).to(device)).sum(), near)[0]
        found.append((features.detach().cpu(), slope.cpu()))
    assert gap(found[1][0], found[0][0]) < 1e-9
    assert gap(found[1][1], found[0][1]) < 1e-9
