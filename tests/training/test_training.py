"""Data, training steps and mapping on a tiny configuration at 32 pixels."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from training.controls import WIDTH, features
from training.dataset import Dataset, render
from training.generator.losses import part_weights, psnr, psnr_by_part, pyramid
from training.generator.mapping import fit, latents_and_features
from training.generator.mapping_start import begin_at_knees
from training.generator.student import Student
from training.generator.train import Trainer
from training.puppets import INDEX, Renderer, from_latent, mirrored, sample
from training.puppets.paint import PART, PARTS
from training.puppets.parameters import coordinates, rotation
from training.schedule import stage_size
from training.shares import chosen, control_shares
from training.source import KEPT, Source, one_sided

TINY = {
    "seed": 1,
    "generator": {
        "resolution": 32, "z_dim": 96, "w_dim": 32, "channels": {"4": 32, "8": 32, "16": 16, "32": 16},
        "mapping_layers": 2, "mapping_width": 64,
    },
    "held_out": 4, "batch": 8, "learning_rate": 0.005,
    "feature_noise": 0.02, "ema_images": 100, "seconds": 1000.0, "stages": [[32, 1.0]],
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("puppets")
    render(folder, 24, 32, seed=3, shard=(0, 1), device="cpu", compiled=False)
    return Dataset(folder)


def test_shards_share_the_work_and_resume(tmp_path, data):
    render(tmp_path, 24, 32, seed=3, shard=(1, 2), device="cpu", compiled=False)
    half = Dataset(tmp_path)
    assert half.finished().tolist() == list(range(16, 24))
    assert np.array_equal(half.images[16:], data.images[16:])
    assert not half.images[:16].any()
    assert data.finished().tolist() == list(range(24))
    before = data.images[:2].copy()
    render(data.folder, 24, 32, seed=3, shard=(0, 1), device="cpu", compiled=False)
    assert np.array_equal(before, data.images[:2])


def test_features_are_kept_beside_the_set_and_made_anew_where_they_changed(data, monkeypatch):
    first = Source(data, 4, mirror=0.5)
    first.refresh()
    asked = []
    monkeypatch.setattr("training.source.features", lambda params: asked.append(len(params)) or features(params))
    second = Source(data, 4, mirror=0.5)
    second.refresh()
    assert asked == [1], "one picture's features tell whether the kept ones still hold"
    assert torch.equal(second.seen, first.seen)
    assert np.array_equal(second.usable, first.usable)
    monkeypatch.setattr("training.source.features", lambda params: features(params) + 1)
    third = Source(data, 4, mirror=0.5)
    third.refresh()
    torch.testing.assert_close(third.seen, first.seen + 1)
    (data.folder / KEPT).unlink()


def test_the_mirror_tells_the_truth_where_it_is_listened_to(data):
    params = sample(3, 4)
    direct, turned = (Renderer("cpu", False, 1)(p, 64) for p in (params, mirrored(params)))
    off = (direct.rgb.flip(-1) - turned.rgb).abs().mean(1, keepdim=True)
    blind = one_sided(params, direct.parts).flip(-1)
    assert off[~blind].mean() < 0.15 * off[blind].mean()
    source = Source(data, 0, mirror=1.0)
    source.refresh()
    _, _, weight, parts = source.batch(np.random.default_rng(0), 8, 32)
    assert not weight[:, 0][parts == PARTS.index("hair")].any()
    assert weight[:, 0][parts == PARTS.index("background")].all()


def test_a_set_may_be_chosen_and_keeps_its_first_puppets(tmp_path):
    plain, more = chosen(40, 3, {}, 16), chosen(400, 3, {"bun": 60.0}, 16)
    assert torch.equal(more[:16], plain[:16])
    assert len(torch.unique(more, dim=0)) == 400, "no puppet twice"
    bun = [from_latent(z)[:, INDEX["bun"]].mean() for z in (chosen(400, 3, {}, 16), more)]
    assert bun[1] > 4 * bun[0]
    assert torch.equal(chosen(8, 3, {"bun": 60.0}, 16), plain[:8]), "a set of held-out puppets alone"


def test_wished_pictures_come_oftener_and_parts_count_as_told(data):
    often = {"hat": 50.0}
    source = Source(data, 0, mirror=0.0, oftener=often, weights={"hair": 7.0})
    source.refresh()
    hats = control_shares(data.params, often)
    assert np.allclose(hats, 1 + 50 * data.params[:, INDEX["hat"]].numpy())
    random, seen = np.random.default_rng(1), []
    for _ in range(40):
        found, _, weight, parts = source.batch(random, 8, 32)
        assert (weight[:, 0][parts == PARTS.index("hair")] >= 3).all(), "7, or 3 at the rim"
        seen.append((found[:, INDEX["hat"]] + 1) / 2)
    assert abs(torch.cat(seen).mean().item() - (hats / hats.sum() @ data.params[:, INDEX["hat"]].numpy())) < 0.1
    with pytest.raises(ValueError, match="moustaches is no control"):
        control_shares(data.params, {"moustaches": 1.0})
    with pytest.raises(ValueError, match="'whisker'.*are no parts"):
        part_weights(torch.zeros(1, 2, 2, dtype=torch.long), {"whisker": 1.0})


def test_textures_are_trained_where_the_configuration_asks(tmp_path, data):
    wish = {"texture": {"parts": ["hair", "hat"], "bound": 0.0, "strength": 5}}
    trainer = Trainer({**TINY, **wish}, [data], tmp_path, "cpu")
    made, wanted, weight = torch.zeros(2, 3, 32, 32), torch.zeros(2, 3, 32, 32), torch.ones(2, 1, 32, 32)
    parts, freckled = torch.full((2, 32, 32), PARTS.index("hair")), torch.zeros(2, dtype=torch.bool)
    wanted[..., ::2] = 0.5
    bound = Trainer(TINY, [data], tmp_path, "cpu").loss(made, wanted, weight, parts, freckled)
    told = trainer.loss(made, wanted, weight, parts, freckled)
    trainer.config["texture"]["strength"] = 0
    free = trainer.loss(made, wanted, weight, parts, freckled)
    assert free < 0.6 * bound
    assert told > free + 0.5

    parts[:] = PARTS.index("skin")
    trainer.config["texture"] = {**trainer.config["texture"], "strength": 5}
    plain = trainer.loss(made, wanted, weight, parts, freckled)
    trainer.config["texture"]["elsewhere"] = 0.5
    assert trainer.loss(made, wanted, weight, parts, freckled) > plain + 0.2
    trainer.config["focus"] = 6
    assert trainer.loss(made, wanted, weight, parts, freckled) > 1.5 * plain
    assert np.isfinite([trainer.step(32, 0.0) for _ in range(3)]).all()


def test_training_lowers_the_loss_and_resumes(tmp_path, data):
    trainer = Trainer(TINY, [data], tmp_path, "cpu")
    losses = [trainer.step(32, 0.0) for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:3])
    trainer.seconds = 12.0
    trainer.save()
    again = Trainer(TINY, [data], tmp_path, "cpu")
    assert (again.images, again.seconds) == (320, 12.0)
    for kept, loaded in zip(trainer.student.parameters(), again.student.parameters(), strict=True):
        assert torch.equal(kept, loaded)
    figures, pictures = again.measure()
    assert figures["psnr"] > 5
    assert pictures.shape == (8, 3, 32, 32)


def test_synthesis_alone_is_trained_when_the_controls_are_fixed(tmp_path, data):
    trainer = Trainer({**TINY, "fixed_controls": True}, [data], tmp_path, "cpu")
    before = {name: value.clone() for name, value in trainer.student.state_dict().items()}
    for _ in range(3):
        trainer.step(32, 0.0)
    changed = {name for name, value in trainer.student.state_dict().items() if not torch.equal(value, before[name])}
    assert not any(name.startswith(("controls", "generator.mapping")) for name in changed)
    assert "generator.synthesis.blocks.32.conv1.weight" in changed


def test_hair_that_is_not_there_is_no_strand_in_another_place(tmp_path, data):
    """Inside of hair places count little, unless what is drawn there has another colour altogether."""
    wish = {"parts": ["hair"], "bound": 0.03, "strength": 1.0, "held": 1}
    parts = torch.full((1, 64, 64), PART["hair"])
    wanted = torch.full((1, 3, 64, 64), -0.5)
    wanted[..., ::2] = -0.3
    pictures = {"moved": wanted.roll(1, -1), "missing": wanted + 0.8}
    costs = {}
    for tolerance in (None, 0.25):
        texture = wish | ({"missed": tolerance} if tolerance else {})
        trainer = Trainer({**TINY, "texture": texture}, [data], tmp_path / str(tolerance), "cpu")
        for name, made in pictures.items():
            loss = trainer.loss(made, wanted, torch.ones(1, 1, 64, 64), parts, torch.tensor([False]))
            costs[name, tolerance] = loss.item()
    assert costs["moved", 0.25] == pytest.approx(costs["moved", None])
    assert costs["missing", 0.25] > 2 * costs["missing", None]


def test_the_adversary_joins_in_when_its_time_comes(tmp_path, data):
    heard = {"from": 0.5, "learning_rate": 1e-3, "penalty": 0.01, "strengths": {"realness": 0.3, "matching": 0.4}}
    trainer = Trainer({**TINY, "adversary": heard}, [data], tmp_path, "cpu")
    trainer.step(32, 0.4)
    assert trainer.adversary.steps == 0
    trainer.step(32, 0.6)
    trainer.save()
    assert Trainer({**TINY, "adversary": heard}, [data], tmp_path, "cpu").adversary.steps == 1


def test_a_coarser_set_joins_in(tmp_path, data):
    trainer = Trainer({**TINY, "held_out": 16}, [data, data], tmp_path, "cpu")
    sizes = {trainer.batch(32)[1].shape[-1] for _ in range(20)}
    assert sizes == {16, 32}
    assert trainer.batch(16)[1].shape == (8, 3, 16, 16)
    assert len(trainer.sources[0].usable) == 8


def test_smaller_pictures_come_from_the_same_network():
    student = Student(TINY["generator"])
    w = torch.randn(2, 32)
    assert student.paint(w, 16).shape == (2, 3, 16, 16)
    full = student.generator.synthesis(student.generator.mapping.rows(w))
    torch.testing.assert_close(student.paint(w, 32), full)
    with pytest.raises(ValueError, match="size"):
        student.paint(w, 64)


def test_stages_follow_the_budget():
    stages = [[32, 0.25], [64, 0.35], [128, 0.4]]
    assert [stage_size(x, stages) for x in (0.0, 0.24, 0.26, 0.61, 1.0)] == [32, 32, 64, 128, 128]


def test_the_mapping_learns_to_imitate_the_controls():
    torch.manual_seed(0)
    student = Student(TINY["generator"])
    z, seen = latents_and_features(1500, 5)
    student.controls.fit_scale(seen)
    before = fit(student, z, seen, seconds=0.0, held_out=256)
    after = fit(student, z, seen, seconds=3.0, held_out=256)
    assert after > before + 0.15
    torch.testing.assert_close(student.generator.mapping.w_avg, student.controls(seen).mean(0))


def test_the_mapping_begins_where_its_target_bends():
    torch.manual_seed(0)
    z = torch.randn(20_000, 96)
    along = coordinates(z)
    w = torch.zeros(20_000, 192)
    w[:, 0], w[:, 1] = (
        (along[:, 3] - 0.8).clamp(min=0),
        2 * along[:, 70].sigmoid(),
    )  # a knee and a curve; the rest is flat
    mapping = Student(TINY["generator"]).generator.mapping
    begin_at_knees(mapping, z, w)
    layer, turned = mapping.layers[0], rotation()
    rows = layer.weight.detach() * layer.weight_gain
    seen = (rows / rows.norm(dim=1, keepdim=True)) @ turned  # which axis each unit looks along
    assert (seen.abs().amax(1) > 0.999).all()
    assert set(seen.abs().argmax(1).tolist()) == {3, 70}
    first = int(seen[:, 3].abs().argmax())
    assert (-layer.bias[first] * layer.bias_gain / (rows[first] @ turned[:, 3])).item() == pytest.approx(0.8, abs=0.2)


def test_features_are_finite_and_tell_puppets_apart():
    seen = features(sample(4, 12))
    assert seen.shape == (12, WIDTH)
    assert seen.isfinite().all()
    assert torch.cdist(seen, seen).fill_diagonal_(9).min() > 0.5


def test_the_loss_prefers_the_right_picture_and_small_parts():
    wanted = torch.zeros(1, 3, 32, 32)
    parts = torch.zeros(1, 32, 32, dtype=torch.long)
    parts[:, 8:12, 8:12] = PART["iris"]
    weight = part_weights(parts)
    on_eye, on_backdrop = wanted.clone(), wanted.clone()
    on_eye[:, :, 8:12, 8:12] = 0.5
    on_backdrop[:, :, 20:24, 20:24] = 0.5
    assert pyramid(wanted, wanted, weight) == 0
    assert pyramid(on_eye, wanted, weight) > 5 * pyramid(on_backdrop, wanted, weight)
    assert psnr(on_eye, wanted) < psnr(wanted, wanted)
    found = psnr_by_part(on_eye, wanted, parts)
    assert found["iris"] == pytest.approx(12.04, abs=0.01)
    assert found["background"] == 100


def test_the_committed_config_builds_a_generator_that_fits():
    names = "puppets_128", "puppets_128_polish"
    config, polish = (json.loads(Path(f"training/configs/{name}.json").read_text()) for name in names)
    assert polish["generator"] == config["generator"]
    assert polish["fixed_controls"]
    student = Student(config["generator"])
    assert sum(p.numel() for p in student.generator.parameters()) * 2 < 9.5e6
    assert student.generator.config.w_dim <= 256
    assert max(student.generator.config.channels.values()) <= 192
    assert sum(share for _, share in config["stages"]) == pytest.approx(1)
