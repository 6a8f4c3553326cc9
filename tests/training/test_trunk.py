"""The photographs' trunk: its file, how it is read out of another one, and what may be learnt from."""

import hashlib
import json
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file

from nets.features import FeatureNet, FeaturesConfig
from training.trunk.convert import CONFIG, GOLDEN, MEANS, TRUNK, golden, layers_of, read_trunk, scale_channels, trunk_of
from training.trunk.pictures import ASSETS, alike, licence_of, thumbnails, usable

FOLDER = ASSETS / "weights" / "vgg16_edges"


def test_the_file_is_the_cards_and_gives_its_golden_features():
    card = json.loads((FOLDER / "card.json").read_text())
    for name, facts in card["files"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == facts["sha256"]
    assert card["files"][TRUNK]["size"] < 6e6
    assert not any("NC" in row["licence"] or "ND" in row["licence"].split("-") for row in card["scaled_over"])
    wanted = load_file(FOLDER / GOLDEN)
    for name, value in golden(read_trunk(FOLDER), FOLDER).items():
        assert torch.allclose(value, wanted[name], rtol=1e-3, atol=1e-4)


def random_layers():
    random, layers = np.random.default_rng(0), {}
    before = 3
    for block, (width, depth) in enumerate(zip(CONFIG.widths, CONFIG.depths, strict=True), 1):
        for n in range(depth):
            place = f"block{block}/layers/conv2d{f'_{n}' if n else ''}/vars"
            kernel = random.standard_normal((3, 3, before, width)) * (2 / (9 * before)) ** 0.5
            layers[f"{place}/0"] = kernel.astype(np.float32)
            layers[f"{place}/1"] = random.standard_normal(width).astype(np.float32) * 0.1
            before = width
    return layers


def plain(layers, picture):
    """relu3_1 of RGB in -1..1 as VGG-16 computes it: BGR in 0..255 minus means, HWIO kernels; average pooling."""
    x = (picture.flip(1) + 1) * 127.5 - torch.tensor(MEANS)[:, None, None]
    for block, depth in enumerate(CONFIG.depths[:3], 1):
        if block > 1:
            x = F.avg_pool2d(x, 2)
        for n in range(depth if block < 3 else 1):
            place = f"block{block}/layers/conv2d{f'_{n}' if n else ''}/vars"
            kernel, bias = (torch.from_numpy(layers[f"{place}/{part}"]) for part in "01")
            x = F.relu(F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, padding=1))
    return x


def test_the_trunk_is_the_network_of_those_layers():
    layers = random_layers()
    picture = torch.rand(1, 3, 64, 64) * 2 - 1
    made, wanted = trunk_of(layers)(picture, 3)[-1], plain(layers, picture)
    inner = (..., slice(4, -4), slice(4, -4))  # at the rim ours mirrors where VGG pads with zeros
    assert torch.allclose(made[inner], wanted[inner], rtol=1e-3, atol=1e-2)
    with pytest.raises(ValueError, match="block 1, layer 1"):
        trunk_of(layers | {"block1/layers/conv2d/vars/0": np.zeros((3, 3, 3, 7), np.float32)})


def test_scaling_gives_channels_a_mean_of_one_and_changes_nothing_else():
    torch.manual_seed(0)
    net = FeatureNet(FeaturesConfig((6, 8, 8, 10), (2, 2, 1, 1))).requires_grad_(False)
    for level in net.levels:
        for layer in level:
            layer.bias.copy_(torch.rand_like(layer.bias))
    picture = torch.rand(4, 3, 32, 32) * 2 - 1
    before = net(picture)
    scale_channels(net, picture)
    for tap, old in zip(net(picture), before, strict=True):
        factor = tap.amax((0, 2, 3), keepdim=True) / old.amax((0, 2, 3), keepdim=True).clamp(min=1e-9)
        assert torch.allclose(tap, old * factor, atol=1e-4)
        assert (tap.mean((0, 2, 3)) < 1.1).all()  # the mirror at the rim counts as well while scaling
        assert tap.mean((0, 2, 3)).median() > 0.9


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(SystemExit, match="pip install h5py"):
        layers_of(tmp_path / "weights.h5")


def save(path, seed=0, size=(260, 240)):
    path.parent.mkdir(parents=True, exist_ok=True)
    small = np.random.default_rng(seed).integers(0, 255, (9, 8, 3), dtype=np.uint8)
    image = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    image.save(path)
    return image


def test_only_pictures_with_a_free_licence_are_used(tmp_path):
    for n, name in enumerate(["free.png", "shared.png", "bound_nc.png", "unknown.png"]):
        save(tmp_path / "pack" / name, n)
    save(tmp_path / "loose.png", 9)
    rows = {"free*": "CC0-1.0", "shared*": "CC-BY-SA-4.0", "bound*": "CC-BY-NC-SA-4.0", "none*": "CC-BY-ND-4.0"}
    (tmp_path / "pack" / "licence.json").write_text(json.dumps({"source": "pack 1", "licence": rows}))
    assert licence_of(tmp_path / "pack" / "none.png", tmp_path) == ("", "")
    found = [row for row, _ in usable(tmp_path)]
    assert [(row["file"], row["source"]) for row in found] == [("free.png", "pack 1"), ("shared.png", "pack 1")]


def test_what_the_product_shows_is_never_learnt_from(tmp_path):
    (tmp_path / "licence.json").write_text(json.dumps({"source": "x", "licence": {"*": "CC0-1.0"}}))
    shown = Image.open(ASSETS / "samples" / "chelsea.webp").convert("RGB")
    shown.resize((400, round(400 * shown.height / shown.width))).save(tmp_path / "smaller.jpg", quality=60)
    shown.crop((0, 0, shown.width * 4 // 5, shown.height * 4 // 5)).save(tmp_path / "piece.png")
    save(tmp_path / "other.png", 3)
    save(tmp_path / "twin.png", 3, (390, 360))
    assert [row["file"] for row, _ in usable(tmp_path)] == ["other.png"]


def test_commands_look_where_the_product_lies():
    from training.features import sheet
    from training.paintings import draw
    from training.trunk import decoders, pictures

    assert (sheet.ASSETS / "samples").is_dir()
    assert (draw.FOLDER / "styles.json").is_file()
    assert (decoders.TRUNK / TRUNK).is_file()
    assert len(pictures.shown()) > 20  # what may not be learnt from


def test_different_pictures_are_not_alike():
    one, two = (
        np.asarray(Image.open(ASSETS / "samples" / f"{name}.webp").convert("RGB")) for name in ("lake", "coffee")
    )
    assert alike(thumbnails(one), thumbnails(one[10:-10, 20:-30]))
    assert not alike(thumbnails(one), thumbnails(two))
