"""Generators in every published layout arrive with each number in its place; anything else is named and refused."""

from __future__ import annotations

from random import Random

import pytest
import torch

from nets.stylegan2 import Discriminator, Generator, GeneratorConfig, KeyMapError, Layout, detect, from_state, to_state
from nets.stylegan2.cost import affordable
from tests.nets import stylegan2_files as files

CASES = {
    "ada": (Layout.NVLABS, lambda: files.nvlabs()),
    "ada, 8 mapping layers": (Layout.NVLABS, lambda: files.nvlabs(depth=8)),
    "ada, labels": (Layout.NVLABS, lambda: files.nvlabs(c_dim=3)),
    "ada, resnet": (Layout.NVLABS, lambda: files.nvlabs("resnet")),
    "ada, orig": (Layout.NVLABS, lambda: files.nvlabs("orig", noise=False)),
    "stylegan-human": (Layout.NVLABS, lambda: files.nvlabs(tall=True)),
    "rosinality": (Layout.ROSINALITY, lambda: files.rosinality()),
    "psp": (Layout.PSP, lambda: files.psp()),
    "tensorflow": (Layout.TENSORFLOW, lambda: files.tensorflow()),
    "tensorflow, labels, resnet": (Layout.TENSORFLOW, lambda: files.tensorflow("resnet", 3)),
}


def same(found, expected):
    return found.keys() == expected.keys() and all(torch.equal(found[k], v) for k, v in expected.items())


@pytest.mark.parametrize("name", CASES)
def test_every_number_arrives_in_its_place(name):
    layout, build = CASES[name]
    theirs, ours = build()
    if layout is Layout.ROSINALITY:
        theirs = {"g_ema": theirs, "latent_avg": ours["mapping.w_avg"]}
    assert detect(theirs) is layout
    net = from_state(theirs)
    # a style bias that was stored less one is rounded once on its way
    for key, tensor in net.state_dict().items():
        torch.testing.assert_close(tensor, ours[key], rtol=0, atol=1e-6 if layout is Layout.TENSORFLOW else 0, msg=key)
    assert net.state_dict().keys() == ours.keys()
    assert net.config.resample_filter == (1, 3, 3, 1)
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())


@pytest.mark.parametrize("name", CASES)
def test_written_back_it_is_the_same_file(name):
    layout, build = CASES[name]
    theirs, ours = build()
    if layout is Layout.PSP:
        theirs = {k: v for k, v in theirs["state_dict"].items() if k.startswith("decoder.")} | {
            "latent_avg": theirs["latent_avg"]
        }
    elif layout is Layout.ROSINALITY:
        theirs["latent_avg"] = ours["mapping.w_avg"][None]
    net = from_state(theirs)
    back = to_state(net, layout)
    theirs.pop("synthesis/lod", None)
    assert back.keys() == theirs.keys()
    for key, tensor in theirs.items():
        torch.testing.assert_close(back[key], tensor, rtol=0, atol=1e-6, msg=key)
        assert back[key].is_contiguous()
    assert same(from_state(to_state(net), {"config": net.config.to_json()}).state_dict(), net.state_dict())


@pytest.mark.parametrize("layout", Layout)
def test_a_layout_never_changes_the_picture(layout):
    net = from_state(files.nvlabs(z=files.W)[0])
    again = from_state(to_state(net, layout))
    z = net.z([1, 2])
    torch.testing.assert_close(again(z, None, 0.6), net(z, None, 0.6), rtol=1e-5, atol=1e-5)
    assert again.config == net.config


@pytest.mark.parametrize(
    "wrap",
    [
        lambda s: {"G_ema": s, "G": {}, "D": {"b4.fc.weight": torch.zeros(1)}},
        lambda s: {"G_ema": s, "G": {k: v + 1 for k, v in s.items()}, "D": {"b4.fc.weight": torch.zeros(1)}},
        lambda s: {"module": s},
        lambda s: {"": s},
        lambda s: {f"G_ema.{k}": v for k, v in s.items()},
        lambda s: {"G": s},
    ],
)
def test_the_generator_is_found_inside_a_checkpoint(wrap):
    theirs, ours = files.nvlabs()
    assert same(from_state(wrap(theirs)).state_dict(), ours)


def test_facts_that_no_tensor_shows_come_from_the_metadata():
    theirs, _ = files.nvlabs()
    kwargs = {"mapping_kwargs": {"lr_multiplier": 0.02}, "synthesis_kwargs": {"conv_clamp": 256, "num_fp16_res": 4}}
    for metadata in ({"G_ema": {"init_kwargs": kwargs}}, {"init_kwargs": kwargs}, {"module": {"init_kwargs": kwargs}}):
        config = from_state({"G_ema": theirs}, metadata).config
        assert (config.conv_clamp, config.mapping_lr) == (256, 0.02)
    for nothing in (None, {}, {"init_kwargs": None}, {"G_ema": {"init_kwargs": "none"}, "opts": {"a": 1}}):
        assert from_state({"G_ema": theirs}, nothing).config.conv_clamp is None
    with pytest.raises(KeyMapError, match="fit together"):
        from_state(theirs, {"conv_clamp": "much"})


def test_other_filters_are_read_from_the_file():
    theirs, _ = files.nvlabs()
    line = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0])
    for name in theirs:
        if name.endswith("resample_filter"):
            theirs[name] = torch.outer(line, line) / 256
    assert from_state(theirs).config.resample_filter == (1, 4, 6, 4, 1)
    theirs["synthesis.b4.resample_filter"] = torch.eye(4) / 4
    with pytest.raises(KeyMapError, match="separable"):
        from_state(theirs)


def test_what_a_file_leaves_out_is_measured_or_drawn_the_same_every_time():
    theirs, ours = files.rosinality()
    bare = {k: v for k, v in theirs.items() if not k.startswith("noises.")}
    first, second = from_state({"g_ema": bare}), from_state({"g_ema": bare})
    assert same(first.state_dict(), second.state_dict())
    assert float(first.mapping.w_avg.abs().max()) > 0
    assert first.synthesis.blocks["8"].conv0.noise.std() > 0.5
    del bare["convs.1.activate.bias"]
    with pytest.raises(KeyMapError, match="1 tensors are missing"):
        from_state(bare)
    del theirs["noises.noise_2"]  # one of several is no old file but a broken one
    with pytest.raises(KeyMapError, match="noise_2"):
        from_state(theirs)


def test_loaded_weights_are_copies():
    theirs, _ = files.nvlabs()
    before = {k: v.clone() for k, v in theirs.items()}
    net = from_state(theirs)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(1)
    assert same(theirs, before)


def test_loading_during_inference_gives_a_network_that_can_be_edited():
    with torch.inference_mode():
        net = from_state(files.nvlabs()[0])
        net(net.z([1]))
    w_plus = net.mapping(net.z([1])).requires_grad_()
    net.synthesis(w_plus).sum().backward()
    assert float(w_plus.grad.abs().max()) > 0


def test_half_precision_files_are_widened():
    theirs, _ = files.nvlabs()
    net = from_state({k: v.half() for k, v in theirs.items()})
    assert {t.dtype for t in net.state_dict().values()} == {torch.float32}


STYLEGAN3 = {"synthesis.input.freqs": torch.zeros(8, 2), "synthesis.L0_36_512.weight": torch.zeros(8, 8, 3, 3)}
REFUSED = {
    "discriminator": (Discriminator(8, {4: 4, 8: 4}).state_dict(), "discriminator"),
    "nvlabs discriminator": (
        {"D.b8.fromrgb.weight": torch.zeros(1), "D.b4.fc.weight": torch.zeros(1)},
        "discriminator",
    ),
    "rosinality discriminator": ({"d": {"final_linear.0.weight": torch.zeros(1)}}, "discriminator"),
    "tensorflow discriminator": ({"D": {"8x8/FromRGB/weight": torch.zeros(1)}}, "discriminator"),
    "stylegan3": ({"G_ema": STYLEGAN3}, "StyleGAN3"),
    "stylegan1 before pytorch": (
        {"Gs": {"synthesis/4x4/Const/const": torch.zeros(1), "synthesis/4x4/Const/StyleMod/bias": torch.zeros(1)}},
        "StyleGAN1",
    ),
    "stylegan1": ({"g_synthesis.blocks.4x4.const": torch.zeros(1)}, "StyleGAN1"),
    "genforce": ({"synthesis.early_layer.const": torch.zeros(1)}, "genforce"),
    "encoder": ({"encoder.input_layer.0.weight": torch.zeros(1)}, "encoder"),
    "diffusion": ({"unet.down_blocks.0.weight": torch.zeros(1)}, "diffusion"),
    "classifier": ({"fc.weight": torch.zeros(1), "fc.bias": torch.zeros(1)}, "fc.weight"),
    "nothing": ({}, "no tensors"),
    "no tensor": ({"step": 3, "args": {"lr": 0.1}}, "no tensors"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_named(name):
    state, word = REFUSED[name]
    with pytest.raises(KeyMapError, match=word):
        from_state(state)


def test_a_checkpoint_without_the_average_is_refused():
    theirs, _ = files.rosinality()
    for state in ({"g": theirs, "d": {"convs.0.0.weight": torch.zeros(1)}}, {"G": theirs, "D": {"x": torch.zeros(1)}}):
        with pytest.raises(KeyMapError, match="without G_ema"):
            from_state(state)
    assert detect({"g": theirs}) is Layout.ROSINALITY  # an adapted generator is published alone


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda s: s.pop("synthesis.b8.conv0.affine.bias"), "missing.*b8.conv0.affine.bias"),
        (lambda s: s.update({"synthesis.b8.conv2.weight": torch.zeros(1)}), "unknown.*conv2"),
        (lambda s: s.update({"mapping.fc1.weight": torch.zeros(6, 9)}), "misfit.*mapping.layers.1.weight"),
        (lambda s: s.update({"synthesis.b4.const": torch.zeros(5)}), "3 axes"),
        (lambda s: s.update({"synthesis.b4.const": torch.zeros(5, 9, 9)}), "9 high"),
        (lambda s: s.update({"synthesis.b8.conv1.weight": torch.zeros(())}), "axes"),
        (lambda s: s.update({"synthesis.b48.const": torch.zeros(1)}), "missing"),
        (lambda s: s.update({"mapping.fc0.weight": torch.zeros(6, 0)}), "do not fit"),
        (lambda s: [s.pop(k) for k in list(s) if k.startswith("mapping.fc")], "incomplete"),
    ],
)
def test_damage_is_described(damage, word):
    theirs, _ = files.nvlabs()
    damage(theirs)
    with pytest.raises(KeyMapError, match=word):
        from_state(theirs)


def test_a_config_that_contradicts_the_tensors_is_refused():
    net = Generator(GeneratorConfig(resolution=8, channels={4: 4, 8: 4}, w_dim=6, z_dim=6, mapping_layers=1))
    other = GeneratorConfig(resolution=16, channels={4: 4, 8: 4, 16: 4}, w_dim=6, z_dim=6, mapping_layers=1)
    wider = GeneratorConfig(resolution=8, channels={4: 4, 8: 5}, w_dim=6, z_dim=6, mapping_layers=1)
    for text, word in (
        (other.to_json(), "another"),
        (wider.to_json(), "misfit"),
        ("{]", "config"),
        ('{"widths": 3}', "config"),
    ):
        with pytest.raises(KeyMapError, match=word):
            from_state(to_state(net), {"config": text})


def test_layouts_without_names_for_an_architecture_say_so():
    net = from_state(files.nvlabs("resnet", z=files.W)[0])
    with pytest.raises(KeyMapError, match="skip architecture"):
        to_state(net, Layout.ROSINALITY)
    with pytest.raises(KeyMapError, match="one width for z and w"):
        to_state(from_state(files.nvlabs()[0]), Layout.ROSINALITY)


def test_mangled_files_end_in_a_sentence():
    """Tensors dropped, renamed, reshaped or retyped at random: a working generator, or KeyMapError."""
    random = Random(5)
    refused = 0
    for turn in range(120):
        state, _ = [files.nvlabs, files.rosinality, files.tensorflow][turn % 3]()
        for name in random.sample(sorted(state), 2):
            change = random.randrange(5)
            tensor = state.pop(name) if change else state[name]
            if change == 1:
                state[name.replace("4", str(random.choice([0, 3, 48, 99999])), 1)] = tensor
            elif change == 2:
                state[name] = torch.zeros([random.randrange(9) for _ in range(random.randrange(6))])
            elif change == 3:
                state[name] = tensor.to(random.choice([torch.int8, torch.bool, torch.float64, torch.float16]))
        try:
            net = from_state(state)
        except KeyMapError:
            refused += 1
        else:
            assert net(net.z([turn])).shape == (1, 3, 16, 16)
    assert 0 < refused < 120


def _networks(**shifts):
    """Generators by prefix whose numbers differ by so much."""
    theirs, _ = files.rosinality()
    return {prefix: {name: tensor + by for name, tensor in theirs.items()} for prefix, by in shifts.items()}


AVERAGED = {
    "lightning": lambda n: {"state_dict": {f"{k}.{name}": t for k in n for name, t in n[k].items()}},
    "groups": lambda n: {"models": n},
    "flat": lambda n: {f"{k}.{name}": t for k in n for name, t in n[k].items()},
}


@pytest.mark.parametrize("wrap", AVERAGED)
@pytest.mark.parametrize(
    ("raw", "averaged"),
    [("G", "G_ema"), ("params", "params_ema"), ("generator", "generator_smooth"), ("netG", "ema_netG"), ("g", "gs"),
     ("online_model", "ema_model"), ("generator", "generator_ema"), ("model", "swa_model"), ("G", "GEMA")],
)  # fmt: skip
def test_of_several_generators_the_averaged_one_is_taken_at_any_depth(wrap, raw, averaged):
    networks = _networks(**{raw: 1.0, averaged: 0.0})
    _, ours = files.rosinality()
    net = from_state(AVERAGED[wrap](networks))
    assert torch.equal(net.synthesis.const, ours["synthesis.const"])


def test_the_mean_of_w_is_found_at_the_level_of_its_network_first():
    theirs, ours = files.rosinality()
    mean = ours["mapping.w_avg"]
    for nested in (
        {"state_dict": {"G_ema": theirs, "latent_avg": mean}},
        {"state_dict": {"G_ema": {**theirs, "latent_avg": mean}, "latent_avg": mean + 1}, "latent_avg": mean + 2},
        {"state_dict": {"G_ema": theirs}, "latent_avg": mean},
    ):
        assert torch.equal(from_state(nested).mapping.w_avg, mean)


@pytest.mark.parametrize(
    ("shifts", "said"),
    [
        ({"a": 0.0, "b": 1.0}, "2 generators, none of them called averaged .*: a, b"),
        ({"G1_ema": 0.0, "G2_ema": 1.0, "G1": 2.0}, "2 averaged generators: G1_ema, G2_ema"),
        ({"generator": 0.0, "encoder_decoder": 1.0}, "2 generators"),
    ],
)
def test_several_that_could_be_meant_are_refused(shifts, said):
    for wrap in AVERAGED.values():
        with pytest.raises(KeyMapError, match=r"(?s)This file holds " + said.split(":")[0]):
            from_state(wrap(_networks(**shifts)))
    with pytest.raises(KeyMapError, match=said):
        from_state(_networks(**shifts))


def test_the_same_generator_twice_is_no_riddle():
    assert from_state(_networks(one=0.0, two=0.0)).config.w_dim == files.W


@pytest.mark.parametrize("names", [("G", "D"), ("g", "d"), ("generator", "discriminator"), ("netG", "netD")])
@pytest.mark.parametrize("above", ["", "state_dict"])
def test_a_training_checkpoint_without_the_average_is_named(names, above):
    state = {names[0]: _networks(x=0.0)["x"], names[1]: {"final_linear.0.weight": torch.zeros(1)}}
    with pytest.raises(KeyMapError, match="without G_ema"):
        from_state({above: state} if above else state)


def test_labels_that_a_conversion_lost_are_told_by_the_widths_and_by_the_facts():
    theirs, _ = files.rosinality()
    theirs["style.1.weight"] = torch.zeros(files.W, 2 * files.W)
    with pytest.raises(KeyMapError, match="had labels and lost them"):
        from_state({"g_ema": theirs})
    state, _ = files.nvlabs(z=12)
    for kwargs in ({"c_dim": 3, "z_dim": 12}, {"z_dim": 6, "c_dim": 0}):
        with pytest.raises(KeyMapError, match="had labels and lost them"):
            from_state({"G_ema": state}, {"G_ema": {"init_kwargs": kwargs}})
    assert from_state({"G_ema": state}, {"G_ema": {"init_kwargs": {"z_dim": 12}}}).config.z_dim == 12


def test_the_clamp_is_the_layers_own():
    """What the constructor's arguments do not say: the stylegan3 repository's blocks clamp at 256 by default."""
    theirs, _ = files.nvlabs()
    layers = {f"synthesis.b{height}.{part}": {"conv_clamp": 256} for height in (8, 16) for part in ("conv0", "torgb")}
    skips = {"synthesis.b8.skip": {"conv_clamp": None}}
    assert from_state({"G_ema": theirs}, {"G_ema": {"parts": layers | skips}}).config.conv_clamp == 256
    none = {name: {"conv_clamp": None} for name in layers}
    kwargs = {"synthesis_kwargs": {"conv_clamp": 8}}
    assert from_state({"G_ema": theirs}, {"G_ema": {"parts": none, "init_kwargs": kwargs}}).config.conv_clamp is None
    marked = {"init_kwargs": {"fused_modconv_default": "inference_only"}}
    assert from_state({"G_ema": theirs}, {"G_ema": marked}).config.conv_clamp == 256
    with pytest.raises(KeyMapError, match="clamp what others do not"):
        from_state({"G_ema": theirs}, {"G_ema": {"parts": layers | {"synthesis.b4.conv1": {"conv_clamp": None}}}})


def _narrow(resolution, **more):
    heights = [4 * 2**n for n in range(20) if 4 * 2**n <= resolution]
    return GeneratorConfig(resolution, dict.fromkeys(heights, 1), z_dim=4, w_dim=4, mapping_layers=1, **more)


@pytest.mark.parametrize(
    ("size", "free", "said"),
    [(8192, None, "most is 25 megapixels"), (4096, None, "weights explain"), (1024, 2**27, "than half")],
)
def test_a_generator_is_judged_by_its_cost_before_it_is_built(monkeypatch, size, free, said):
    with torch.device("meta"):
        net = Generator(_narrow(size))
    state = {name: torch.zeros(t.shape) for name, t in net.state_dict().items() if not name.endswith(".noise")}
    monkeypatch.setattr("nets.stylegan2.states.Generator", lambda config: pytest.fail("it was built"))
    with pytest.raises(KeyMapError, match=said):
        from_state(state, {"config": net.config.to_json()}, free)


def test_published_sizes_are_affordable_and_impossible_widths_are_not():
    for size in (256, 512, 1024):
        affordable(GeneratorConfig(size), 4 << 30)
    for wrong in ({"z_dim": 10**6}, {"w_dim": 10**6}, {"c_dim": 10**6}, {"mapping_width": 10**6}):
        with pytest.raises(ValueError, match="at most 8192"):
            GeneratorConfig(8, {4: 1, 8: 1}, **wrong)
    with pytest.raises(ValueError, match="mapping_layers"):
        GeneratorConfig(8, {4: 1, 8: 1}, mapping_layers=1000)
    with pytest.raises(ValueError, match="taps"):
        GeneratorConfig(8, {4: 1, 8: 1}, resample_filter=(1.0,) * 1000)
    theirs, _ = files.nvlabs()
    for shape in ((10**5,), (1, 10**5), (1, 4), ()):
        for name in theirs:
            if name.endswith("resample_filter"):
                theirs[name] = torch.ones(shape)
        with pytest.raises(KeyMapError, match="resampling filter"):
            from_state(theirs)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(value):
    theirs, _ = files.nvlabs()
    theirs["synthesis.b8.conv0.weight"][0, 0, 0, 0] = value
    with pytest.raises(KeyMapError, match="is broken: 1 tensors hold what is no finite number"):
        from_state(theirs)
