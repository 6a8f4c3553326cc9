"""Published translation networks: files in their authors' layouts give the pictures of a plain formulation."""

import pytest
import torch
from torch import nn

from nets.translation import ENLARGERS, GENERATORS, Misread, PatchGan, Scales, from_contents, instance_means
from nets.translation.official import cleaned
from nets.translation.spade import SpadeGenerator
from registry.readers import read_tensors
from tests.nets.translation_files import (
    PlainAnime,
    PlainCompact,
    PlainEncoder,
    PlainEnhanced,
    PlainResnet,
    PlainRrdb,
    PlainSpadeGenerator,
    PlainUnet,
    scrambled,
)


class Contents:
    """A file that has been read."""

    def __init__(self, state, group="", **plain):
        self.tensors, self.plain, self.free_bytes = {group: state}, plain, None


def picture(*size, seed=1, channels=3):
    return torch.rand(1, channels, *size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def labels(count, *size, edges=False):
    """A one-hot label map; with edges as its last channel."""
    made = torch.Generator().manual_seed(2)
    classes = torch.randint(count - edges, (1, size[0] // 8, size[1] // 8), generator=made)
    map_ = nn.functional.one_hot(classes, count - edges).permute(0, 3, 1, 2).float()
    map_ = nn.functional.interpolate(map_, size, mode="nearest")
    edge = (torch.rand(1, 1, *size, generator=made) > 0.8).float()
    return torch.cat([map_, edge], 1) if edges else map_


@torch.no_grad()
def same(plain, given, wanted=GENERATORS, state=None):
    net = from_contents(Contents(plain.state_dict() if state is None else state), wanted)
    ours, theirs = net(given), plain(given)
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() < 1e-4
    assert theirs.std() > 1e-3  # not a flat picture
    return net


RESNETS = {
    "nine blocks": {},
    "six blocks": {"blocks": 6},
    "dropout": {"blocks": 6, "dropout": True},
    "running statistics": {"blocks": 6, "running": True},
    "dropout and running statistics": {"dropout": True, "running": True},
    "zero padding": {"blocks": 6, "padding": "zero"},
    "zero padding and dropout": {"blocks": 6, "padding": "zero", "dropout": True},
    "batch": {"blocks": 6, "kind": "batch"},
    "batch and dropout": {"kind": "batch", "dropout": True},
    "antialias": {"antialias": True},
    "antialias of six blocks with dropout": {"antialias": True, "blocks": 6, "dropout": True},
    "grey to labels": {"inputs": 1, "outputs": 5, "blocks": 6},
    "pix2pixHD global": {"inputs": 12, "downs": 4, "ngf": 4},
    "pix2pixHD global with batch norm, whose convolutions have a bias": {"downs": 4, "kind": "batch", "bias": True},
}


@pytest.mark.parametrize("name", RESNETS)
def test_resnets_equal_the_plain_formulation(name):
    sizes = RESNETS[name]
    plain = scrambled(PlainResnet(**sizes))
    state = plain.state_dict()
    for module in plain.modules():  # nobody used the running statistics of instance norms
        if isinstance(module, nn.InstanceNorm2d):
            module.track_running_stats, module.running_mean, module.running_var = False, None, None
    net = same(plain, picture(48, 64, channels=sizes.get("inputs", 3)), state=state)
    assert net.config.blocks == sizes.get("blocks", 9)
    assert net.config.dropout == sizes.get("dropout", False)


@pytest.mark.parametrize("levels", [7, 8])
@pytest.mark.parametrize("kind", ["batch", "instance"])
@torch.no_grad()
def test_unets_equal_the_plain_formulation(levels, kind):
    plain = scrambled(PlainUnet(levels, kind=kind))
    side = 1 << (levels + (kind == "instance"))  # instance norm refuses a single place
    net = same(plain, picture(side, 2 * side))
    assert net.config.levels == levels
    if kind == "batch":  # as pix2pix's authors ran it: statistics of this picture
        for module in net.modules():
            if hasattr(module, "per_picture"):
                module.per_picture = True
        for module in plain.modules():
            module.train(isinstance(module, nn.BatchNorm2d))
        given = picture(side, 2 * side)
        assert (net(given) - plain(given)).abs().max() < 1e-4


@torch.no_grad()
def test_dropout_of_a_unet_is_off_until_it_is_asked_for():
    net, given = from_contents(Contents(scrambled(PlainUnet(7)).state_dict())), picture(128, 128)
    assert torch.equal(net(given), net(given))
    net.noise = True
    assert not torch.equal(net(given), net(given))


def test_pix2pixhd_with_an_enhancer_and_its_encoder_equal_the_plain_formulation():
    same(scrambled(PlainEnhanced(7)), picture(32, 48, channels=7))
    same(scrambled(PlainEnhanced(5, downs=3, local_blocks=2)), picture(64, 32, channels=5))
    plain = scrambled(PlainResnet(blocks=0, downs=4, ngf=4))
    given, instances = picture(32, 48), (torch.arange(48) // 20).expand(1, 32, 48) * 7 + 1000
    net = same(plain, given, ("features",))
    with torch.no_grad():
        features = plain(given)
        means = instance_means(net(given), instances)
    for number in instances.unique():
        there = (instances == number)[0]
        assert torch.allclose(means[0][:, there], features[0][:, there].mean(1, keepdim=True), atol=1e-4)


SPADES = {
    "coco": {"labels": 184},
    "ade": {"labels": 151},
    "cityscapes": {"labels": 36, "ups": 6},
    "most": {"labels": 9, "ups": 7},
    "five by five without a spectral norm": {"labels": 9, "kernel": 5, "spectral": False},
    "CLADE": {"labels": 9, "clade": True},
    "CLADE with edges": {"labels": 9, "clade": True, "edges": True},
}


@pytest.mark.parametrize("name", SPADES)
def test_spade_and_clade_equal_the_plain_formulation(name):
    sizes = SPADES[name]
    given = labels(sizes["labels"], 128, 256, edges=sizes.get("edges", False))
    plain = scrambled(PlainSpadeGenerator(**sizes))
    last = []
    with plain.conv_img.register_forward_hook(lambda _, __, made: last.append(made.std())), torch.no_grad():
        plain(given)
        for value in plain.conv_img.parameters():
            value.div_(last[0])  # else the last tanh shows nothing but signs, which other processors turn
    net = same(plain, given)
    assert (net.config.labels, net.config.ups) == (sizes["labels"], sizes.get("ups", 5))


@torch.no_grad()
def test_spade_with_a_style_code_and_its_encoder():
    for base in ((4, 4), (4, 8)):
        plain = scrambled(PlainSpadeGenerator(20, latent=6, base=base))
        net = from_contents(Contents(plain.state_dict()))
        assert isinstance(net, SpadeGenerator)
        assert net.config.base == base
        seg, code = labels(20, 32 * base[0], 32 * base[1]), torch.randn(1, 6)
        assert (net(seg, code=code) - plain(seg, code)).abs().max() < 1e-4
        assert net(labels(20, 64, 96)).shape == (1, 3, 64, 96)
    encoder = scrambled(PlainEncoder())
    ours = from_contents(Contents(encoder.state_dict()), ("style_encoder",))
    for size in ((256, 256), (70, 90)):
        for one, other in zip(ours(picture(*size)), encoder(picture(*size)), strict=True):
            assert (one - other).abs().max() < 1e-4


def test_spectral_norm_is_folded_after_training_and_from_old_and_new_names():
    plain = PlainSpadeGenerator(9)
    plain.train()(labels(9, 64, 64))  # one power iteration: sigma is no longer what it began as
    plain.eval()(labels(9, 64, 32))
    folded = cleaned(plain.state_dict())
    for name, module in plain.named_modules():
        if isinstance(module, nn.Conv2d):
            assert torch.allclose(folded[f"{name}.weight"], module.weight, atol=1e-6)
    assert not any(name.endswith(("_u", "_v", "_orig")) for name in folded)
    old = {name: value for name, value in plain.state_dict().items() if not name.endswith("weight_v")}
    for name in [n for n in old if n.endswith("weight_u")]:  # the oldest files have no v: it follows from u
        weight = old[name.replace("_u", "_orig")].flatten(1)
        old[name] = torch.linalg.svd(weight)[0][:, 0]
    net = from_contents(Contents(old))
    assert torch.linalg.matrix_norm(net.blocks[0].first.weight.flatten(1), 2) == pytest.approx(1, abs=1e-4)
    layer = nn.utils.parametrizations.spectral_norm(nn.ConvTranspose2d(4, 6, 3)).eval()
    found = cleaned(layer.state_dict())
    assert set(found) == {"weight", "bias"}
    assert torch.allclose(found["weight"], layer.weight, atol=1e-5)


@pytest.mark.parametrize("suffix", ["zip", "legacy", "safetensors"])
def test_files_come_in_through_the_readers_with_the_prefix_of_dataparallel(suffix, tmp_path):
    plain = scrambled(PlainResnet(blocks=6, running=True))
    state = {f"module.{name}": value for name, value in plain.state_dict().items()}
    path = tmp_path / ("net.safetensors" if suffix == "safetensors" else "latest_net_G.pth")
    if suffix == "safetensors":
        from safetensors.torch import save_file

        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=suffix == "zip")
    net = from_contents(read_tensors(path))
    given = picture(32, 32)
    for module in plain.modules():
        if isinstance(module, nn.InstanceNorm2d):
            module.track_running_stats, module.running_mean, module.running_var = False, None, None
    with torch.no_grad():
        assert (net(given) - plain(given)).abs().max() < 1e-4


def test_a_group_of_a_checkpoint_is_found_and_two_generators_are_refused():
    state = PlainResnet(blocks=6).state_dict()
    patches = {f"model.{n}.weight": torch.zeros(4, 3, 4, 4) for n in (0, 2)}
    contents = Contents(state, "netG")
    contents.tensors["netD"] = patches
    assert from_contents(contents).config.blocks == 6
    contents.tensors["other"] = state
    assert from_contents(contents).config.blocks == 6  # netG is what it is called
    contents.tensors["G_B"] = contents.tensors.pop("netG")
    with pytest.raises(Misread, match="several networks"):
        from_contents(contents)
    wrapped = {f"netG.{name}": value for name, value in state.items()}
    assert from_contents(Contents(wrapped)).config.blocks == 6


def test_animegan_equals_the_plain_formulation():
    same(scrambled(PlainAnime()), picture(32, 48))


def graph(plain, form, corners):
    """An ONNX file of AnimeGANv2 as PyTorch exports it: convolutions by name, the rest numbered where it is used."""
    tensors, nodes = {}, []

    def add(op, *inputs, **attributes):
        nodes.append({"op": op, "inputs": list(inputs), "outputs": [f"out{len(nodes)}"], "attributes": attributes})
        return nodes[-1]["outputs"][0]

    def number(value):
        tensors[f"onnx::{len(tensors) + 900}"] = value.detach()
        return next(reversed(tensors))

    x = "input"
    for name, module in plain.named_modules():
        if isinstance(module, nn.Conv2d):
            given = [(f"{name}.{part}", value) for part, value in module.named_parameters()]
            tensors |= {key: value.detach() for key, value in given}
            x = add("Conv", add("Pad", x, mode="reflect"), *(key for key, _ in given))
        elif isinstance(module, nn.GroupNorm) and form == "one node":
            x = add("GroupNormalization", x, number(module.weight), number(module.bias), num_groups=1)
        elif isinstance(module, nn.GroupNorm):
            x = add("InstanceNormalization", add("Reshape", x, "shape"), number(torch.ones(1)), number(torch.zeros(1)))
            for op, value in (("Mul", module.weight), ("Add", module.bias)):
                if form == "folded":
                    x = add(op, x, number(value[:, None, None]))
                else:
                    x = add(op, x, add("Unsqueeze", number(value), axes=[1, 2]))
        elif isinstance(module, nn.LeakyReLU):
            x = add("LeakyRelu", x)
    for _ in range(2):
        add("Resize", x, coordinate_transformation_mode="align_corners" if corners else "half_pixel")
    return Contents(tensors, nodes=nodes)


@pytest.mark.parametrize("form", ["folded", "unfolded", "one node"])
@torch.no_grad()
def test_animegan_is_read_from_the_graph_of_an_onnx_file(form):
    plain, given = scrambled(PlainAnime()), picture(32, 40)
    assert (from_contents(graph(plain, form, True))(given) - plain(given)).abs().max() < 1e-4
    assert not from_contents(graph(plain, form, False)).corners
    broken = graph(plain, form, True)
    for node in broken.plain["nodes"]:
        if node["op"] in ("Mul", "GroupNormalization"):
            node["op"] = "Sub"
            break
    with pytest.raises(Misread, match="AnimeGANv2, but"):
        from_contents(broken)


@pytest.mark.parametrize("scale", [4, 2, 1])
def test_enlargers_equal_the_plain_formulation(scale):
    same(scrambled(PlainRrdb(scale)), picture(16, 24), ENLARGERS)
    if scale > 1:
        net = same(scrambled(PlainCompact(scale)), picture(9, 7), ENLARGERS)
        assert net.scale == scale
    state = PlainRrdb(scale).state_dict()
    assert from_contents(Contents(state, "params_ema"), ENLARGERS).scale == scale


def test_true_sizes_have_the_documented_parameters():
    from nets.translation import (
        AnimeGan,
        Compact,
        Enhanced,
        EnhancedConfig,
        Resnet,
        ResnetConfig,
        Rrdb,
        SpadeConfig,
        StyleEncoder,
        Unet,
        UnetConfig,
    )

    with torch.device("meta"):
        nets = {
            11_378_179: Resnet(ResnetConfig()),
            7_837_699: Resnet(ResnetConfig(blocks=6)),
            54_413_955: Unet(UnetConfig()),
            182_546_755: Resnet(ResnetConfig(inputs=36, downs=4)),
            182_857_059: Enhanced(EnhancedConfig(ResnetConfig(inputs=36, downs=4))),
            788_803: Resnet(ResnetConfig(width=16, downs=4, blocks=0)),
            97_480_899: SpadeGenerator(SpadeConfig(184)),
            96_492_483: SpadeGenerator(SpadeConfig(151)),
            93_048_003: SpadeGenerator(SpadeConfig(36, ups=6)),
            109_226_179: SpadeGenerator(SpadeConfig(20, latent=256)),
            10_463_424: StyleEncoder(),
            2_143_552: AnimeGan(),
            16_697_987: Rrdb(),
            4_467_779: Rrdb(blocks=6),
            1_213_296: Compact(layers=32),
            2_768_705: PatchGan(6, norm="batch", affine=True),
            5_603_202: Scales(2, inputs=39, padding=2),
        }
        for count, net in nets.items():
            assert sum(value.numel() for value in net.parameters()) == count
        for plain, keys in (
            (PlainResnet(ngf=64), 48),
            (PlainResnet(ngf=64, antialias=True), 52),
            (PlainUnet(ngf=64), 82),
            (PlainSpadeGenerator(184, ngf=64), 234),
        ):
            assert len(plain.state_dict()) == keys
