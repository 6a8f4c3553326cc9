"""The fast generator against the plain one, and the promises of its API."""

from __future__ import annotations

import pytest
import torch

from nets.stylegan2 import Discriminator, Generator, GeneratorConfig
from nets.stylegan2.modconv import demodulation, energy, on_activations, on_weights
from nets.stylegan2.sampling import pictures
from nets.stylegan2.synthesis import ROUGH
from tests.reference import stylegan2_reference as reference

WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}
SMALL = {"resolution": 32, "channels": WIDTHS, "z_dim": 16, "w_dim": 12, "mapping_layers": 2}
CONFIGS = {
    "skip": SMALL,
    "resnet": {**SMALL, "architecture": "resnet"},
    "orig": {**SMALL, "architecture": "orig"},
    "conditional": {**SMALL, "c_dim": 3, "embed_dim": 5, "mapping_width": 9},
    "tall": {**SMALL, "resolution": (32, 16), "mapping_layers": 8},
    "wide": {**SMALL, "resolution": (32, 64)},
    "clamp": {**SMALL, "conv_clamp": 0.7},
    "clamped resnet": {**SMALL, "conv_clamp": 0.7, "architecture": "resnet"},
    "no noise": {**SMALL, "use_noise": False},
    "three taps": {**SMALL, "resample_filter": (1, 2, 1)},
    "skewed taps": {**SMALL, "resample_filter": (1, 2, 4, 3, 1), "architecture": "resnet"},
    "one block": {**SMALL, "resolution": 4, "channels": {4: 12}},
    "grey": {**SMALL, "img_channels": 1},
}


def build(name: str, dtype: torch.dtype = torch.float64) -> Generator:
    torch.manual_seed(sum(map(ord, name)))
    net = Generator(GeneratorConfig(**CONFIGS[name])).to(dtype)
    with torch.no_grad():
        for key, tensor in net.state_dict().items():
            if tensor.ndim < 2:  # biases, noise strengths and the mean start at a constant, which would hide mistakes
                tensor.add_(torch.randn_like(tensor) * (100 if "mapping.layers" in key else 0.3))
    return net


def codes(net: Generator, n: int) -> torch.Tensor:
    return torch.randn(n, net.synthesis.num_ws, net.config.w_dim, dtype=net.synthesis.const.dtype)


def gap(a: torch.Tensor, b: torch.Tensor) -> float:
    """Greatest difference relative to the reference's greatest value."""
    return float(((a - b).abs().max() / b.abs().max()).detach())


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("n", [1, 3])
def test_image_and_features_equal_the_reference(name, n):
    net = build(name)
    w_plus = codes(net, n)
    for noise in (True, False):
        image, features = reference.synthesis(net.config, net.state_dict(), w_plus, noise)
        for grad in (True, False):
            with torch.set_grad_enabled(grad):
                ours, maps = net.synthesis.image_and_features(w_plus, net.config.heights, "const" if noise else "none")
            assert gap(ours, image) < 1e-9
            assert all(gap(maps[h], features[h]) < 1e-9 for h in net.config.heights)


@pytest.mark.parametrize("name", CONFIGS)
def test_float32_stays_close(name):
    net = build(name)
    w_plus = codes(net, 2)
    image, _ = reference.synthesis(net.config, net.state_dict(), w_plus)
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            assert gap(net.float().synthesis(w_plus.float()), image) < 1e-4


@pytest.mark.parametrize("name", CONFIGS)
def test_gradients_equal_the_reference(name):
    net = build(name)
    w_plus = codes(net, 2).requires_grad_()
    leaves = {key: p.detach().clone().requires_grad_() for key, p in net.named_parameters()}
    weigh = torch.randn(2, net.config.img_channels, *net.config.resolution, dtype=torch.float64)
    theirs = (reference.synthesis(net.config, {**net.state_dict(), **leaves}, w_plus)[0] * weigh).sum()
    used = [key for key in leaves if key.startswith("synthesis")]
    expected = torch.autograd.grad(theirs, [w_plus, *(leaves[key] for key in used)])
    ours = (net.synthesis(w_plus) * weigh).sum()
    found = torch.autograd.grad(ours, [w_plus, *(dict(net.named_parameters())[key] for key in used)])
    for key, a, b in zip(["w_plus", *used], found, expected, strict=True):
        assert gap(a, b) < 1e-9 or float(b.abs().max()) < 1e-9, key


@pytest.mark.parametrize("name", CONFIGS)
def test_gradient_to_codes_with_frozen_weights(name):
    net = build(name).requires_grad_(False)
    w_plus = codes(net, 1).requires_grad_()
    for height in net.config.heights:
        found = torch.autograd.grad(net.synthesis.features(w_plus, height).square().sum(), w_plus)[0]
        theirs = reference.synthesis(net.config, net.state_dict(), w_plus)[1][height]
        assert gap(found, torch.autograd.grad(theirs.square().sum(), w_plus)[0]) < 1e-9


def test_second_derivatives_equal_the_reference():
    net = build("skip")
    w_plus = codes(net, 2).requires_grad_()
    weight = net.synthesis.blocks["8"].conv0.weight
    state = {**net.state_dict(), "synthesis.blocks.8.conv0.weight": weight}

    def curvature(image):
        (slope,) = torch.autograd.grad(image.square().sum(), w_plus, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), [w_plus, weight])

    expected = curvature(reference.synthesis(net.config, state, w_plus)[0])
    for a, b in zip(curvature(net.synthesis(w_plus)), expected, strict=True):
        assert gap(a, b) < 1e-9


@pytest.mark.parametrize("name", CONFIGS)
def test_mapping_equals_the_reference(name):
    net = build(name)
    z = torch.randn(3, net.config.z_dim, dtype=torch.float64)
    c = torch.eye(3, dtype=torch.float64) if net.config.c_dim else None
    for psi, cutoff in ((1.0, None), (0.6, None), (0.3, 1), (0.3, 0)):
        expected = reference.mapping(net.config, net.state_dict(), z, c, psi, cutoff)
        assert gap(net.mapping(z, c, psi, cutoff), expected) < 1e-9


@pytest.mark.parametrize("taps", [None, (1.0, 3.0, 3.0, 1.0), (1.0, 5.0, 2.0)])
@pytest.mark.parametrize("n", [1, 3])
def test_both_formulations_agree(taps, n):
    x, weight = torch.randn(n, 5, 7, 6, dtype=torch.float64), torch.randn(4, 5, 3, 3, dtype=torch.float64)
    style = torch.randn(n, 5, dtype=torch.float64)
    demod, kernel = demodulation(energy(weight), style), weight if taps is None else weight.transpose(0, 1)
    a, b = (form(x, kernel, style, demod, taps) for form in (on_activations, on_weights))
    assert gap(a, b) < 1e-12
    assert gap(a, reference.modulated(x, weight, style, True, taps)) < 1e-12


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_close_and_finite(dtype):
    net = build("clamp", torch.float32)
    w_plus = codes(net, 2)
    with torch.no_grad():
        exact = net.synthesis(w_plus)
        net.to(dtype)
        half = net.synthesis(w_plus)
        net.synthesis.blocks["16"].conv1.weight.mul_(3000)  # demodulation removes it, if float16 survives the way there
        loud = net.synthesis(w_plus)
    assert half.dtype == torch.float32
    assert gap(half, exact) < 0.1
    assert gap(loud, exact) < 0.1


def test_trains_under_autocast():
    torch.manual_seed(0)
    net, judge = build("skip", torch.float32), Discriminator(32, WIDTHS)
    for value in (net, judge):
        value.to(memory_format=torch.channels_last)
    exact = net(net.z([1, 2, 3]))
    with torch.autocast("cpu", torch.bfloat16):
        image = net(net.z([1, 2, 3]))
        loss = torch.nn.functional.softplus(-judge(image)).mean()
    assert image.dtype == torch.float32
    assert gap(image, exact) < 0.1
    loss.backward()
    for key, parameter in net.named_parameters():
        assert parameter.grad is not None, key
        assert bool(parameter.grad.isfinite().all()), key


def test_path_length_penalty_can_be_taken():
    net = build("skip", torch.float32)
    w_plus = codes(net, 2).requires_grad_()
    slope = torch.autograd.grad(net.synthesis(w_plus).sum(), w_plus, create_graph=True)[0]
    slope.square().sum().backward()
    assert net.synthesis.blocks["32"].conv1.weight.grad is not None


def test_random_noise_follows_its_generator():
    net = build("skip")
    w_plus = codes(net, 2)

    def draw(seed):
        return net.synthesis(w_plus, "random", generator=torch.Generator().manual_seed(seed))

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))
    assert not torch.equal(draw(1)[0], net.synthesis(w_plus)[0])


def test_a_rough_picture_is_the_one_so_far():
    widths = dict.fromkeys((4, 8, 16, 32, 64, 128, 256), 4)
    net = Generator(GeneratorConfig(resolution=256, z_dim=8, w_dim=8, mapping_layers=1, channels=widths))
    net.requires_grad_(False)
    code = codes(net, 1)
    rough = net.synthesis.rough(code)
    assert rough.shape == (1, 3, ROUGH, ROUGH)
    assert torch.equal(rough, next(stage.image for stage in net.synthesis.walk(code) if stage.height == ROUGH))
    assert pictures(net, code, rough=True).shape == rough.shape
    small = build("skip")
    code = codes(small, 1)
    assert torch.equal(small.synthesis.rough(code), small.synthesis(code)), "no block has as many pixels"


def test_walk_computes_no_later_block():
    net = build("skip")
    net.synthesis.blocks["32"] = torch.nn.Identity()  # would fail if it were entered
    assert net.synthesis.features(codes(net, 1), 16).shape == (1, 8, 16, 16)


@pytest.mark.parametrize("n", [1, 2])
def test_maps_keep_their_channels_innermost(n):
    """Convolutions fall back to a much slower layout when a single step loses this."""
    net = build("skip", torch.float32).requires_grad_(False)
    w_plus = codes(net, n).requires_grad_()
    for stage in net.synthesis.walk(w_plus):
        _, channels, height, width = stage.features.shape
        assert stage.features.stride() == (channels * height * width, 1, channels * width, channels)
        assert stage.image.stride() == (3 * height * width, 1, 3 * width, 3)
    assert net.synthesis(w_plus).is_contiguous()  # for whoever looks at the picture


def test_weights_changed_in_place_are_seen():
    net = build("skip").requires_grad_(False)
    w_plus = codes(net, 1)
    net.synthesis(w_plus)
    for change in (lambda t: t.mul_(1.5), lambda t: t.data.mul_(0.7)):  # the second leaves the version counter alone
        for tensor in net.synthesis.parameters():
            change(tensor)
        assert gap(net.synthesis(w_plus), reference.synthesis(net.config, net.state_dict(), w_plus)[0]) < 1e-9


def test_the_mean_of_w_is_seeded_and_tracked():
    net = build("conditional", torch.float32)
    mean = net.mapping.measure(300)
    assert torch.equal(mean, net.mapping.measure(300))
    net.mapping.track(mean[None], decay=0.0)
    assert torch.equal(net.mapping.w_avg, mean)


@pytest.mark.parametrize("name", CONFIGS)
def test_config_survives_json(name):
    config = GeneratorConfig(**CONFIGS[name])
    assert GeneratorConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"channels": {4: 8, 16: 8, 32: 8}}, "double"),
        ({"channels": {4: 8, 8: 8}}, "last block"),
        ({"resolution": (32, 12)}, "halved"),
        ({"architecture": "dense"}, "architecture"),
        ({"resample_filter": (1, -1)}, "resample_filter"),
        ({"w_dim": 0}, "at least 1"),
        ({"resolution": 16384, "channels": {4 << n: 1 for n in range(13)}}, "8192"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(change, word):
    with pytest.raises(ValueError, match=word):
        GeneratorConfig(**{**SMALL, **change})


def test_wrong_inputs_are_named():
    net = build("conditional")
    with pytest.raises(ValueError, match="w_plus"):
        net.synthesis(torch.zeros(1, 3, 12, dtype=torch.float64))
    with pytest.raises(ValueError, match="noise_mode"):
        net.synthesis(codes(net, 1), "loud")
    with pytest.raises(ValueError, match="^z"):
        net.mapping(torch.zeros(1, 3))
    with pytest.raises(ValueError, match="^c"):
        net.mapping(torch.zeros(1, 16))
    with pytest.raises(ValueError, match="blocks"):
        net.synthesis.features(codes(net, 1), 64)


def test_discriminator_shapes_and_training_signal():
    judge = Discriminator(32, WIDTHS, c_dim=3)
    image = torch.randn(6, 3, 32, 32, requires_grad=True)
    score = judge(image, torch.eye(3).repeat(2, 1))
    assert score.shape == (6, 1)
    (slope,) = torch.autograd.grad(score.sum(), image, create_graph=True)  # R1
    slope.square().sum().backward()
    assert judge.from_rgb.weight.grad is not None
    assert [f.shape[-1] for f in judge.features(image)] == [16, 8, 4]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", CONFIGS)
def test_cuda_equals_the_reference(name):
    net = build(name).requires_grad_(False)
    w_plus = codes(net, 2).requires_grad_()
    image, _ = reference.synthesis(net.config, net.state_dict(), w_plus)
    (slope,) = torch.autograd.grad(image.square().sum(), w_plus)
    near = w_plus.detach().cuda().requires_grad_()
    ours = net.cuda().synthesis(near)
    assert gap(ours.cpu(), image) < 1e-9
    assert gap(torch.autograd.grad(ours.square().sum(), near)[0].cpu(), slope) < 1e-9
    with torch.no_grad(), torch.autocast("cuda", torch.float16):
        assert gap(net.float().synthesis(near.float()).cpu(), image) < 0.1
