"""The command that trains the embedded ones: it goes on where it was, and refuses what would be too large."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from facet.stylegan import generator_nets
from nets.adapt import Plan
from nets.stylegan2.contents import from_contents
from registry.generators import ADAPTED
from registry.weights import load_net
from training import adapted
from training.features import sheet
from training.paintings import draw
from training.trunk import decoders, pictures


def test_where_training_is_comes_back_as_it_was(tmp_path):
    rows = {"blocks.64.conv0.weight": np.arange(6, dtype=np.float32).reshape(2, 3)}
    counts = {"blocks.64.conv0.weight": np.array(7, np.float32)}
    state = {"step": 7, "weights": rows, "squares": rows, "counts": counts, "objective": {}}
    adapted.keep(tmp_path / "ink.safetensors", state, 12.5)
    again, seconds = adapted.restore(tmp_path / "ink.safetensors")
    assert (again["step"], again["objective"], seconds) == (7, {}, 12.5)
    assert np.array_equal(again["weights"]["blocks.64.conv0.weight"], rows["blocks.64.conv0.weight"])
    assert again["counts"]["blocks.64.conv0.weight"] == 7
    assert [file.name for file in tmp_path.iterdir()] == ["ink.safetensors"]


def test_before_the_first_state_there_is_none(tmp_path):
    assert adapted.restore(tmp_path / "ink.safetensors") == (None, 0.0)


def test_what_is_written_names_its_base_and_its_reference(tmp_path):
    delta = {"synthesis.blocks.256.rgb.bias": torch.tensor([0.1, 0.0, -0.1]).half()}
    card = adapted.export("ink", delta, Plan(steps=2), 3.0, tmp_path)
    assert card == json.loads((tmp_path / "card.json").read_text()) | {"config": card["config"]}
    assert card["base"]["sha256"] == adapted.sha256(adapted.BASE / "generator.safetensors")
    assert card["files"]["delta.safetensors"]["sha256"] == adapted.sha256(tmp_path / "delta.safetensors")
    assert (tmp_path / "golden.webp").stat().st_size > 1000


def test_a_delta_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(adapted, "MOST_BYTES", 100)
    with pytest.raises(SystemExit, match="ink: .* bytes, more than 100"):
        adapted.export("ink", {"synthesis.blocks.256.rgb.bias": torch.ones(3)}, Plan(), 1.0, tmp_path)


def test_where_it_reads_and_writes_is_there():
    assert (adapted.BASE / "generator.safetensors").is_file()
    assert adapted.reference("ink").shape == (1, 3, 512, 512)
    for folder in (pictures.ASSETS, decoders.TRUNK, sheet.ASSETS, draw.FOLDER):
        assert folder.is_dir(), folder


@pytest.mark.parametrize("name", list(ADAPTED))
def test_what_comes_along_draws_its_golden_pictures_and_names_where_it_comes_from(name):
    folder = adapted.ASSETS / "weights" / name
    card = json.loads((folder / "card.json").read_text())
    style = name.removeprefix("puppets_")
    assert card["base"]["sha256"] == adapted.sha256(adapted.BASE / "generator.safetensors")
    assert card["reference"]["sha256"] == adapted.sha256(adapted.ASSETS / "styles" / f"{style}.webp")
    for file, row in card["files"].items():
        assert adapted.sha256(folder / file) == row["sha256"]
    net = next(net for net in generator_nets(from_contents) if net.name == name)
    drawn = np.asarray(adapted.strip(load_net(net).module)).astype(int)
    golden = np.asarray(Image.open(folder / "golden.webp").convert("RGB")).astype(int)
    assert np.abs(drawn - golden).mean() < 0.3


def test_only_the_share_that_is_wanted_is_kept(tmp_path, monkeypatch):
    plan = Plan(steps=1)
    weights = {"blocks.256.rgb.bias": np.ones(3, np.float32)}
    state = {"step": 1, "weights": weights, "squares": {}, "counts": {}, "objective": {}}
    adapted.keep(tmp_path / "ink.safetensors", state, 1.0)
    whole, _ = adapted.train("ink", plan, tmp_path)
    monkeypatch.setitem(adapted.KINDS, "ink", adapted.KINDS["ink"]._replace(strength=0.25))
    part, _ = adapted.train("ink", plan, tmp_path)
    name = "synthesis.blocks.256.rgb.bias"
    assert torch.allclose(part[name].float(), 0.25 * whole[name].float(), atol=1e-3)
