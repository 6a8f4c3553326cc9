"""The encoder's training on a tiny world, and its committed weights."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nets.encoder import encode
from nets.encoder import to_state as encoder_to_state
from nets.judges import to_state as judges_to_state
from nets.stylegan2.states import to_state as generator_to_state
from training.dataset import Dataset, render
from training.encoder.export import ENCODER, GOLDEN, golden, inverted, read_encoder
from training.encoder.net import follow, new_encoder
from training.encoder.train import Trainer
from training.generator.export import CARD, sha256
from training.generator.losses import psnr
from training.generator.student import CONTROL_NET, GENERATOR, Student, read_generator
from training.judges.export import JUDGES
from training.judges.new import new_judges
from training.puppets import Renderer, sample, with_control

WEIGHTS = Path(__file__).resolve().parents[2] / "assets" / "weights"
FOLDER = WEIGHTS / "puppets_encoder"
TINY = {
    "seed": 1, "encoder": {"hidden": 32, "placed": 4}, "held_out": 4,
    "head": {"renders": 64, "generated": 64, "steps": 60, "batch": 32, "learning_rate": 0.003},
    "batch": 4, "learning_rate": 0.001, "images": 48, "generated_share": 0.5,
    "weights": {"picture": 1.0, "features": 1.0, "w": 0.02, "deltas": 0.01},
}  # fmt: skip
GENERATOR_SIZES = {
    "resolution": 32, "z_dim": 96, "w_dim": 16, "channels": {"4": 16, "8": 16, "16": 8, "32": 8},
    "mapping_layers": 2, "mapping_width": 32,
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Twenty tiny renders, and an untrained generator and judges that fit them."""
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("world")
    render(folder / "data", 20, 32, seed=3, shard=(0, 1), device="cpu", compiled=False)
    torch.manual_seed(2)
    student = Student(GENERATOR_SIZES)
    save_file(generator_to_state(student.generator), folder / GENERATOR, {"config": student.generator.config.to_json()})
    save_file(student.controls.state_dict(), folder / CONTROL_NET)
    tensors, metadata = judges_to_state(new_judges({"size": 32, "widths": [8, 16, 16, 16], "hidden": 32}))
    save_file(tensors, folder / JUDGES, metadata)
    return folder


def test_training_finds_w_then_pictures_and_resumes(tmp_path, world):
    trainer = Trainer(TINY, Dataset(world / "data"), tmp_path, world, world)
    reports = list(trainer.train(report_every=24))
    assert reports[0]["head_r2"] > 0.1
    assert reports[-1]["images"] == 48
    assert reports[-1]["from_labels"] > 0
    again = Trainer(TINY, Dataset(world / "data"), tmp_path, world, world)
    assert (again.images, again.head) == (48, True)
    for kept, loaded in zip(trainer.net.parameters(), again.net.parameters(), strict=True):
        assert torch.equal(kept, loaded)
    assert list(again.train()) == []


def test_training_goes_on_from_an_exported_encoder(tmp_path, world):
    from safetensors.torch import save_file

    first = Trainer({**TINY, "images": 8}, Dataset(world / "data"), tmp_path / "first", world, world)
    list(first.train())
    tensors, metadata = encoder_to_state(first.net)
    save_file(tensors, tmp_path / ENCODER, metadata)
    second = Trainer({**TINY, "images": 4}, Dataset(world / "data"), tmp_path / "second", world, world)
    second.start(tmp_path)
    for kept, loaded in zip(first.net.parameters(), second.net.parameters(), strict=True):
        torch.testing.assert_close(loaded, kept, rtol=2e-3, atol=1e-4)  # the file holds half precision
    assert "head_r2" not in next(second.train())


def test_an_encoder_has_the_eyes_of_the_judges_without_their_closer_look(world):
    judges = new_judges({"size": 32, "widths": [8, 16, 16, 16], "hidden": 32, "closer": 4})
    net = new_encoder(TINY["encoder"], judges, read_generator(world))
    assert net.judges.closer is None
    assert torch.equal(net.judges.trunk.stem.weight, judges.trunk.stem.weight)
    assert net.config.judges.closer == 0


def test_an_encoder_follows_a_w_that_moved(tmp_path, world):
    first = Trainer(TINY, Dataset(world / "data"), tmp_path / "first", world, world)
    list(first.train(report_every=24))
    before = first.net
    old = torch.randn(400, 16)
    turn, shift = torch.randn(16, 16) / 4, torch.randn(16)
    net = Trainer(TINY, Dataset(world / "data"), tmp_path / "second", world, world).net
    assert follow(net, before, old, old @ turn.T + shift) > 0.99
    pictures = torch.rand(3, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(net(pictures), before(pictures) @ turn.T + shift, rtol=0.02, atol=0.02)
    assert follow(net, before, old, torch.randn(400, 16)) < 0.3, "no straight map leads from one noise to another"


def test_examples_of_both_kinds_agree_with_their_w(tmp_path, world):
    examples = Trainer(TINY, Dataset(world / "data"), tmp_path, world, world).examples
    pictures, w, weight = examples.generated(np.random.default_rng(1), 3)
    again = examples.generator.synthesis(examples.generator.mapping.rows(w)).clamp(-1, 1)
    torch.testing.assert_close(pictures, again, atol=0.1, rtol=0)
    assert weight.shape == (3, 1, 32, 32)
    plain, mirrored = examples.rendered(np.arange(5, 8)), examples.rendered(np.arange(5, 8), flip=True)
    assert torch.equal(plain[0].flip(-1), mirrored[0])
    assert torch.equal(plain[2].flip(-1), mirrored[2])
    assert not torch.allclose(plain[1], mirrored[1])


def test_the_card_tells_the_truth_about_its_files():
    card = json.loads((FOLDER / CARD).read_text())
    for name, facts in card["files"].items():
        assert sha256(FOLDER / name) == facts["sha256"], name
        assert (FOLDER / name).stat().st_size == facts["size"] <= 9.5e6, name
    assert ENCODER in card["files"]
    assert card["w_of"]["sha256"] == sha256(WEIGHTS / "puppets_128" / CONTROL_NET), "it was trained on another W"


def test_golden_codes_are_made_again():
    kept, found = load_file(FOLDER / GOLDEN)["w_plus"], golden(read_encoder(FOLDER), FOLDER)["w_plus"]
    torch.testing.assert_close(found, kept, atol=0.02, rtol=0.01)


def test_turned_heads_are_inverted_to_themselves():
    """Heads turned by 35 degrees come back nearer to their own picture than to their mirror image or to each other."""
    encoder, generator = read_encoder(FOLDER), read_generator(WEIGHTS / "puppets_128")
    params = with_control(sample(777_101, 3), "yaw", torch.tensor([-1.0, 1.0, 1.0]) * math.radians(35))
    pictures = Renderer()(params, 128).rgb * 2 - 1
    w_plus, made = inverted(encoder, generator, pictures)
    own = psnr(made, pictures)
    assert own > 16
    assert own > psnr(made.flip(-1), pictures) + 2
    assert own > psnr(made.roll(1, 0), pictures) + 2
    assert w_plus.shape == (3, generator.config.num_ws, generator.config.w_dim)
    large = torch.nn.functional.interpolate(pictures, (200, 200), mode="bicubic")
    assert psnr(generator.synthesis(encode(encoder, large)), pictures) > own - 1.5
