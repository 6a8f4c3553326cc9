"""Training of the one-pass networks: steps lower the losses, runs resume, what is exported is what was trained."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from nets.fast_style.paint import FIRM
from nets.features import FeatureNet, FeaturesConfig, to_state
from training.fast_style import export as fast_style_export
from training.fast_style import train as fast_style
from training.trunk import decoders as trunk_decoders
from training.trunk import export as trunk_export
from training.trunk.convert import GOLDEN, TRUNK
from training.trunk.pictures import Pictures

STYLED = {"images": 24, "learning_rate": 0.002, "warm_up": 4, "photographs": 2, "paintings": 1, "puppets": 1}
DECODERS = {
    "seed": 1, "decoder": [6, 8, 8], "size": 32, "ema_images": 8,
    "plain": {**STYLED, "images": 120, "noise": 0.1},
    "styled": {**STYLED, "styles": 4, "style_size": 32, "style": 3.0},
}  # fmt: skip
FAST = {
    "seed": 1, "styles": ["night", "pencil"], "widths": [4, 6, 8, 8], "blocks": [1, 1], "size": 32, "style_size": 64,
    "begin_images": 20, "images": 60, "learning_rate": 0.002, "rows": 4.0, "warm_up": 4, "ema_images": 8, "batch": 2,
    "kinds": {"photographs": 2, "puppets": 1}, "content": 1.0, "style": 6.0, "colour": 4.0, "smooth": 0.05,
    "of": {"pencil": {"content": 1.5}},
}  # fmt: skip


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for kind in ("photographs", "paintings", "puppets"):
        rows = [random.integers(0, 255, (6, 8, 3), np.uint8).repeat(12, 0).repeat(10, 1) for _ in range(3)]
        np.savez(folder / f"{kind}.npz", *rows)
    facts = {"photographs": [{"file": "a"}], "paintings": [], "puppets": {"count": 3}}
    (folder / "listed.json").write_text(json.dumps(facts))
    return Pictures(folder)


@pytest.fixture(scope="module")
def trunk(tmp_path_factory):
    """A small trunk of random weights, with golden pictures."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("trunk")
    torch.manual_seed(0)
    tensors, metadata = to_state(FeatureNet(FeaturesConfig((6, 8, 8, 8), (2, 2, 1, 1))))
    save_file(tensors, folder / TRUNK, metadata)
    strip = np.random.default_rng(1).integers(0, 255, (32, 192, 3), np.uint8)
    Image.fromarray(strip).save(folder / "golden.webp", lossless=True)
    return folder


def test_decoders_learn_resume_and_are_exported(pictures, trunk, tmp_path):
    reports = list(trunk_decoders.Trainer(DECODERS, trunk, pictures, tmp_path).train(20))
    plain = [report["loss"]["relu4"] for report in reports if "relu4" in report["loss"]]
    assert plain[-1] < plain[0]
    assert reports[0]["psnr_db"][0] == 100  # the colours themselves lie beside relu1_1
    assert reports[-1]["stage"] == "styled"
    again = trunk_decoders.Trainer(DECODERS, trunk, pictures, tmp_path)
    assert (again.images, again.stage) == (reports[-1]["images"], "styled")
    assert list(again.train()) == []
    out = tmp_path / "out"
    card = trunk_export.export(tmp_path, pictures.facts, DECODERS, out, trunk)
    read = trunk_export.read_decoders(out)
    for name, value in again.average.state_dict().items():
        assert torch.allclose(read.state_dict()[name], value, atol=2e-3), name
    assert card["trained_on"]["pictures_seen"] == 144
    assert set(load_file(out / GOLDEN)) == {"plain1", "plain2", "plain3", "plain4", "styled"}


def test_fast_style_learns_resumes_and_is_exported(pictures, trunk, tmp_path):
    reports = list(fast_style.train(FAST, trunk, pictures, tmp_path, 20))
    assert [report["style"] for report in reports] == ["begin"] + 3 * ["night"] + 3 * ["pencil"]
    total = [sum(report["loss"].values()) for report in reports]
    assert total[3] < total[0]
    assert total[6] < total[4]
    assert list(fast_style.train(FAST, trunk, pictures, tmp_path)) == []  # all is done already
    net, cost = fast_style_export.trained(tmp_path, FAST)
    fast_style_export.lay_paint(net, {"pencil": {"size": 64, "firm": 0.5, "laying": [96, 2, 0, 0]}}, {})
    fast_style_export.export(net, cost | pictures.facts, FAST, tmp_path / "out", trunk)
    read = fast_style_export.read_fast_style(tmp_path / "out")
    assert read.config.styles == ("night", "pencil")
    start = [read.ground(torch.zeros(1, 3, 8, 8), read.blend({name: 1.0})) for name in read.config.styles]
    assert (start[0] - start[1]).abs().max() > 0.1  # each style has its own colours
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    assert card["trained_on"]["pictures_seen"] == 140
    assert read.firm.flatten().tolist() == pytest.approx([FIRM, 0.5], abs=1e-3)
    blends, plain = ([read.blend({name: 1.0}) for name in read.config.styles], torch.zeros(1, 3, 32, 32))
    night, pencil = (read.painted(plain, read.ground(plain, each), each).std() for each in blends)
    assert (night, read.last.weight[1].abs().max()) == (0, 0)  # strokes, or paint
    assert read.laying[1].tolist() == [96, 2, 0, 0]
    assert pencil > 0.01
