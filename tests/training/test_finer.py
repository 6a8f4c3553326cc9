"""A generator that learns to draw another one's puppets larger, and the committed one that did."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facet import Net
from facet.stylegan import generator_nets, w_space
from facet.weights import card
from nets.encoder import encode
from nets.stylegan2.contents import from_contents
from nets.stylegan2.upfirdn import upsample2d
from registry.generators.declared import EMBEDDED, PUPPETS_256
from training.controls import ControlEncoder, features
from training.dataset import Dataset, render
from training.encoder.export import read_encoder
from training.generator.control_readout import STEEPEST, Reading
from training.generator.export import CARD, DIRECTIONS, GOLDEN, golden, sha256, went_on, write_tensors
from training.generator.export_finer import editing
from training.generator.losses import psnr
from training.generator.student import CONTROL_NET, Student, load_student, read_controls, read_generator, smaller
from training.generator.train import Trainer
from training.puppets import Renderer, sample

WEIGHTS = Path(__file__).resolve().parents[2] / "assets" / "weights"
LARGE, SMALL = WEIGHTS / "puppets_256", WEIGHTS / "puppets_128"
TINY = {
    "resolution": 32, "z_dim": 96, "w_dim": 32, "channels": {"4": 32, "8": 32, "16": 16, "32": 16},
    "mapping_layers": 2, "mapping_width": 64,
}  # fmt: skip
FINER = {**TINY, "resolution": 64, "channels": {**TINY["channels"], "64": 8}}


@pytest.fixture(scope="module")
def net():
    return read_generator(LARGE)


@pytest.fixture(scope="module")
def facts():
    return json.loads((LARGE / CARD).read_text())


@pytest.fixture
def narrow(tmp_path):
    torch.manual_seed(4)
    student = Student(TINY)
    write_tensors(student, tmp_path)
    return tmp_path


def test_a_new_block_begins_by_enlarging_the_smaller_picture(narrow):
    finer = Student(FINER)
    load_student(finer, narrow)
    small = read_generator(narrow)
    w = torch.randn(2, 32)
    made = finer.paint(w, 64)
    torch.testing.assert_close(made, upsample2d(small.synthesis(small.mapping.rows(w)), (1, 3, 3, 1)))


def test_only_the_finest_blocks_learn_where_the_others_are_frozen(tmp_path, narrow):
    for size, count in ((64, 16), (32, 24)):
        render(tmp_path / str(size), count, size, seed=size, shard=(0, 1), device="cpu", compiled=False, supersample=1)
    config = {
        "seed": 1, "generator": FINER, "held_out": 4, "batch": 4, "learning_rate": 0.003, "trained_from": 32,
        "fixed_controls": True, "feature_noise": 0.01, "ema_images": 100, "seconds": 1000.0, "stages": [[64, 1.0]],
        "distribution": {"strength": 20, "blocks": [4]},
    }  # fmt: skip
    sets = [Dataset(tmp_path / "64"), Dataset(tmp_path / "32")]
    trainer = Trainer(config, sets, tmp_path / "run", "cpu")
    load_student(trainer.student, narrow)
    before = {name: value.clone() for name, value in trainer.student.state_dict().items()}
    assert {trainer.batch(64)[1].shape[-1] for _ in range(20)} == {32, 64}, "both sets teach, each as it is"
    assert all(source.usable.min() == 4 for source in trainer.sources), "what is held out of one set is of both"
    for _ in range(6):
        trainer.step(64, 0.0)
    changed = {name for name, value in trainer.student.state_dict().items() if not torch.equal(value, before[name])}
    assert changed
    assert all(name.startswith(("generator.synthesis.blocks.32", "generator.synthesis.blocks.64")) for name in changed)
    with pytest.raises(ValueError, match="trained_from"):
        trainer.student.freeze_below(48)


def test_both_sizes_learn_with_the_controls_and_the_smaller_part_can_be_cut_out(tmp_path, narrow):
    for size, count in ((64, 16), (32, 24)):
        render(tmp_path / str(size), count, size, seed=size, shard=(0, 1), device="cpu", compiled=False, supersample=1)
    config = {
        "seed": 1, "generator": FINER, "held_out": 4, "batch": {"64": 2, "32": 4}, "learning_rate": 0.003,
        "trained_from": 4, "controls_learn": True, "each_size_drawn": True, "smaller": 0.6, "reading": 3.0,
        "feature_noise": 0.01, "ema_images": 50, "seconds": 1000.0, "stages": [[64, 1.0]],
        "distribution": {"64": {"strength": 20, "blocks": [4]}, "32": {"strength": 10, "blocks": [2]}},
    }  # fmt: skip
    sets = [Dataset(tmp_path / "64"), Dataset(tmp_path / "32")]
    trainer = Trainer(config, sets, tmp_path / "run", "cpu")
    load_student(trainer.student, narrow)
    trainer.begin_reading()
    rows = trainer.reading.rows.detach().clone()
    assert {tuple(trainer.batch(64)[1].shape) for _ in range(30)} == {(4, 3, 32, 32), (2, 3, 64, 64)}
    before = {name: value.clone() for name, value in trainer.student.state_dict().items()}
    for _ in range(12):
        trainer.step(64, 0.0)
    changed = {name for name, value in trainer.student.state_dict().items() if not torch.equal(value, before[name])}
    assert {"controls.layers.0.weight", "generator.synthesis.blocks.64.conv1.weight"} <= changed
    assert not any(name.startswith("generator.mapping") for name in changed)
    assert not torch.equal(trainer.reading.rows, rows)
    assert trainer.measure(4)[0].keys() >= {"psnr", "sharp", "psnr_smaller", "sharp_smaller", "read"}
    trainer.save()
    again = Trainer(config, sets, tmp_path / "run", "cpu")
    torch.testing.assert_close(again.reading.rows, trainer.reading.rows)
    part, about = smaller(again.student, FINER, 32)
    assert about == TINY
    w = torch.randn(2, 32)
    torch.testing.assert_close(part.paint(w, 32), again.student.paint(w, 32))
    with pytest.raises(ValueError, match="size"):
        smaller(again.student, FINER, 48)


def test_controls_become_legible_in_w():
    torch.manual_seed(2)
    net, reading = ControlEncoder(32), Reading(32)
    seen = features(sample(77, 256))
    net.fit_scale(seen)
    reading.start(net, seen[:128])
    assert reading.bounded().norm(dim=1).max() <= STEEPEST + 1e-5
    before, adam = reading.explained(net, seen[128:]), torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(60):
        reading.loss(net, seen[:128]).backward()
        adam.step()
        adam.zero_grad()
        reading.update()
    assert reading.bounded().norm(dim=1).max() <= STEEPEST + 1e-5
    assert reading.explained(net, seen[128:]) > before + 0.1


def test_the_card_tells_the_truth(facts, net):
    for name, about in facts["files"].items():
        assert sha256(LARGE / name) == about["sha256"], name
        assert (LARGE / name).stat().st_size == about["size"] <= 9.5e6, name
    assert facts["w_of"]["sha256"] == sha256(SMALL / CONTROL_NET), "it draws another W"
    assert facts["editing"] == editing(256)
    assert net.config.resolution == (256, 256)


def test_golden_pictures_are_made_again(net):
    pictures = np.concatenate(list(golden(net).numpy()), axis=1).astype(float)
    kept = np.asarray(Image.open(LARGE / GOLDEN).convert("RGB")).astype(float)
    assert kept.shape == pictures.shape
    assert np.square(pictures - kept).mean() < 6  # the kept ones are slightly compressed


def test_every_w_means_the_same_puppet_in_both(net):
    small = read_generator(SMALL)
    z = small.z(range(4))
    w = small.mapping.w(z)
    torch.testing.assert_close(net.mapping.w(z), w)
    large = torch.nn.functional.avg_pool2d(net.synthesis(net.mapping.rows(w)), 2)
    near = psnr(large, small.synthesis(small.mapping.rows(w)).clamp(-1, 1))
    assert near > 24
    assert near > psnr(large.flip(0), small.synthesis(small.mapping.rows(w)).clamp(-1, 1)) + 8


def test_it_draws_finer_than_the_smaller_one_enlarged(net):
    params = sample(424_243, 2)
    wanted = Renderer()(params, 256).rgb * 2 - 1
    w, small = read_controls(SMALL)(features(params)), read_generator(SMALL)
    made = net.synthesis(net.mapping.rows(w)).clamp(-1, 1)
    enlarged = upsample2d(small.synthesis(small.mapping.rows(w)), (1, 3, 3, 1)).clamp(-1, 1)
    edges = [(picture[..., 1:] - picture[..., :-1]).abs().flatten(1).quantile(0.99, 1) for picture in (made, enlarged)]
    assert psnr(made, wanted) > 17
    assert (edges[0] > edges[1]).all()


def test_what_knows_the_smaller_one_serves_the_larger(net):
    nets = {each.name: each for each in generator_nets(from_contents)}
    assert isinstance(nets["puppets_256"], Net)
    assert {w_space(name) for name in EMBEDDED} == {"puppets"}
    assert card(PUPPETS_256)["name"] == "Puppets 256"
    encoder = read_encoder(WEIGHTS / "puppets_encoder")
    with torch.no_grad():
        picture = net(net.z([5]))
        rows = encode(encoder, picture, net.config.num_ws)
        assert rows.shape == (1, 14, 192)
        assert psnr(net.synthesis(rows), picture) > 22
    with pytest.raises(ValueError, match="num_ws"):
        encode(encoder, picture, 10)


def test_weights_that_learned_on_tell_all_of_their_history(tmp_path) -> None:
    before = {"made_by": ["first", DIRECTIONS], "route": "distillation"}
    config = tmp_path / "more.json"
    config.write_text(json.dumps({"route": "synthesis alone"}))
    once = went_on(before, config, "--weights OUT", "export", DIRECTIONS)
    command = "python -m training.generator.train --config training/configs/more.json --weights OUT"
    assert once == {"made_by": ["first", command, "export", DIRECTIONS], "route": "distillation; then synthesis alone"}
    twice = went_on(once, config, "--weights OUT", "export")
    assert twice["made_by"] == ["first", command, "export", command, "export"]
