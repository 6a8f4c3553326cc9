"""The feature network's pictures, losses, training and committed weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from nets.features import Decoders, FeatureNet, FeaturesConfig, PerceptualDistance
from training.dataset import Dataset, render
from training.features.data import FAMILIES, UNLABELLED, Pictures, crop, dead_leaves, recolour
from training.features.export import GOLDEN, golden, read_decoders, read_features
from training.features.figures import by_gram, by_moments, nearest_centroid, rank_correlation, reconstruction
from training.features.heads import normalise
from training.features.losses import roughened
from training.features.perception import FITTED, UNKNOWN, fit_weights, lookalikes
from training.features.train import Trainer
from training.generator.export import CARD, sha256

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_features"
LEAST = (28.0, 23.0, 20.5, 16.5)
"""dB that pictures of two kinds must keep from relu1_1 … relu4_1."""
COUNTS = {"renders": 2, "puppets": 1, "paintings": 2, "leaves": 1, "learning_rate": 0.004, "warm_up": 12}
TINY = {
    "seed": 1, "features": {"widths": [8, 8, 12, 16, 16], "depths": [1, 1, 1, 1, 1]}, "size": 32, "held_out": 4,
    "joint": {"images": 300, "noise": 0.1, **COUNTS},
    "styled": {"images": 60, "style_paintings": 2, "style": 3.0, **COUNTS},
    "ema_images": 40,
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Twelve renders, and stand-ins of the right kind for everything else."""
    folder = tmp_path_factory.mktemp("features")
    render(folder, 12, 32, seed=3, shard=(0, 1), device="cpu", compiled=False)
    leaves = [dead_leaves(np.random.default_rng(n), 64, 20) for n in range(4)]
    pictures = (torch.stack(leaves) * 255).to(torch.uint8).numpy()
    for name in ("leaves", "paintings"):
        np.save(folder / f"{name}.npy", pictures)
    np.save(folder / "puppets.npy", np.load(folder / "images.npy")[:3])
    np.save(folder / "families.npy", np.arange(4))
    return folder


def trainer(data, run):
    return Trainer(TINY, Dataset(data), Pictures(data), run)


def test_dead_leaves_differ_and_have_edges_at_every_scale():
    one, two = (dead_leaves(np.random.default_rng(n), 64, 60) for n in (1, 2))
    assert one.shape == (3, 64, 64)
    assert one.min() >= 0
    assert one.max() <= 1
    assert torch.equal(one, dead_leaves(np.random.default_rng(1), 64, 60))
    assert (one - two).abs().mean() > 0.05
    small = one
    for _ in range(3):
        assert (small[..., 1:] - small[..., :-1]).abs().amax() > 0.1
        small = torch.nn.functional.avg_pool2d(small, 2)


def test_crops_come_from_the_picture_and_keep_their_range(data):
    random = np.random.default_rng(1)
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None] * 4, (3, 64, 64))
    for _ in range(8):
        piece = crop(ramp, random, 32)
        assert piece.shape == (3, 32, 32)
        assert (piece[:, 1:] >= piece[:, :-1]).all()  # rows stay in order, whatever the scale and the mirror
        assert recolour(piece, random).abs().max() <= 1


def test_hidden_families_stay_hidden(data):
    pictures = Pictures(data)
    pictures.families = np.arange(len(FAMILIES))
    labels = pictures.labels(torch.arange(len(FAMILIES))).tolist()
    assert [name for name, label in zip(FAMILIES, labels, strict=True) if label == -100] == list(UNLABELLED)
    assert all(label in (-100, n) for n, label in enumerate(labels))


def test_roughening_is_in_proportion_to_each_channel():
    tap = torch.randn(4, 3, 40, 40) * torch.tensor([1.0, 10.0, 0.0])[:, None, None]
    noise = (roughened(tap, 0.2) - tap).std((0, 2, 3))
    torch.testing.assert_close(noise, torch.tensor([0.2, 2.0, 0.0]), rtol=0.05, atol=0)


def test_normalising_gives_unit_means_and_changes_no_picture():
    torch.manual_seed(0)
    config = FeaturesConfig((8, 8, 8, 8, 8), (2, 1, 3, 2, 1))
    net, decoders, x = FeatureNet(config), Decoders(config), torch.rand(4, 3, 32, 32) * 2 - 1
    every = (*decoders.plain, decoders.styled)
    before = [d(net(x)[d.tap - 1], 32, 32) for d in every]
    normalise(net, decoders, x)
    for d, was in zip(every, before, strict=True):
        torch.testing.assert_close(d(net(x)[d.tap - 1], 32, 32), was, atol=1e-4, rtol=1e-3)
    for tap in net(x)[:4]:
        means, peaks = tap.mean((0, 2, 3)), tap.square().mean((0, 2, 3)).sqrt()
        alive = means > 1e-6
        assert alive.any()
        assert ((means - 1).abs().minimum((peaks - 4).abs())[alive] < 1e-2).all()


def test_both_stages_lower_their_losses_and_resume(tmp_path, data):
    run = trainer(data, tmp_path)
    rows = [run.step() for _ in range(40)]
    for name in ("relu4", "parts", "controls"):
        early, late = (np.mean([row[name] for row in part]) for part in (rows[:5], rows[-5:]))
        assert late < 0.95 * early, name
    run.seconds = 3.0
    run.save()
    again = trainer(data, tmp_path)
    assert (again.images, again.seconds, again.stage) == (run.images, 3.0, "joint")
    reports = list(again.train(report_every=1000))
    assert reports[-1]["stage"] == "styled"
    assert {"content", "style", "back"} <= set(reports[-1]["loss"])
    last = trainer(data, tmp_path)
    assert last.stage == "styled"
    assert last.images == reports[-1]["images"] >= 360
    still = [p.clone() for p in last.net.trunk.parameters()]
    last.step()
    assert all(torch.equal(a, b) for a, b in zip(still, last.net.trunk.parameters(), strict=True))


def test_changes_keep_shape_and_range_and_change():
    x = dead_leaves(np.random.default_rng(3), 64, 30)[None].repeat(2, 1, 1, 1) * 2 - 1
    for name, change in {**FITTED, **UNKNOWN}.items():
        found = change(x, np.random.default_rng(1))
        assert found.shape == x.shape, name
        assert found.abs().max() <= 1.001, name
        assert 0.002 < (found - x).abs().mean() < 0.5, name


def test_lookalikes_are_near_and_not_themselves(data):
    renders = Dataset(data)
    rows = renders.finished()
    found = lookalikes(renders, rows, rows)
    assert (found != rows).all()
    assert set(found) <= set(rows)


def test_fitted_weights_rank_at_least_as_well(data):
    torch.manual_seed(0)
    net = FeatureNet(FeaturesConfig((4, 4, 4, 4, 4), (1, 1, 1, 1, 1))).requires_grad_(False)
    right = fit_weights(net, Dataset(data), np.arange(4, 12), steps=60)
    assert right["weighted"] >= right["plain"]
    assert all((w >= 0).all() for w in net.perceptual)
    assert torch.cat(list(net.perceptual)).square().mean().item() == pytest.approx(1, rel=1e-3)


def test_nearest_centroid_tells_stripes_from_checks():
    def picture(family, seed):
        random = torch.Generator().manual_seed(seed)
        line = torch.arange(32)
        base = (line % 4 < 2).float() * 2 - 1
        grid = base[None].expand(32, 32) if family == 0 else base[None] * base[:, None]
        return (grid + 0.3 * torch.randn(32, 32, generator=random)).expand(3, 32, 32)

    torch.manual_seed(0)
    net = FeatureNet(FeaturesConfig((8, 8, 8, 8, 8))).requires_grad_(False)
    rows = torch.tensor([0, 1] * 6)
    known = torch.stack([picture(f, n) for n, f in enumerate(rows.tolist())])
    asked = torch.stack([picture(f, 90 + n) for n, f in enumerate(rows.tolist())])
    for describe in (by_moments(lambda x: net(x, 3)), by_gram(lambda x: net(x, 3))):
        assert nearest_centroid(describe, known, rows, asked, rows) == 1
        assert nearest_centroid(describe, known, rows, asked, 1 - rows) == 0


def test_rank_correlation_is_about_order_alone():
    x = torch.linspace(0.1, 3, 20)
    assert rank_correlation(x, x.exp()) == pytest.approx(1)
    assert rank_correlation(x, -(x**3)) == pytest.approx(-1)


@pytest.fixture(scope="module")
def committed():
    return read_features(FOLDER), read_decoders(FOLDER)


def test_the_card_tells_the_truth_about_its_files():
    card = json.loads((FOLDER / CARD).read_text())
    for name, facts in card["files"].items():
        assert sha256(FOLDER / name) == facts["sha256"], name
        assert (FOLDER / name).stat().st_size == facts["size"], name
    assert sum(facts["size"] for facts in card["files"].values()) <= 9.5e6
    assert card["licence"] == "Apache-2.0"


def test_golden_outputs_are_made_again(committed):
    from safetensors.torch import load_file

    kept, found = load_file(FOLDER / GOLDEN), golden(*committed, FOLDER)
    assert kept.keys() == found.keys()
    for name, value in kept.items():
        torch.testing.assert_close(found[name], value, atol=0.01, rtol=0.01)


def test_fresh_pictures_come_back_from_every_tap(committed):
    """Of a kind that training saw, and of a kind that it did not: smooth colours with a sharp edge."""
    leaves = torch.stack([dead_leaves(np.random.default_rng(n), 96, 60) for n in (990_001, 990_002)]) * 2 - 1
    line = torch.linspace(-0.8, 0.8, 96)
    soft = torch.stack([line.expand(96, 96), line[:, None].expand(96, 96), torch.zeros(96, 96)])
    soft = torch.where((line[:, None] ** 2 + line**2 < 0.2)[None], -soft, soft)[None]
    for pictures, least in ((leaves, LEAST), (soft, LEAST)):
        for found, wanted in zip(reconstruction(*committed, pictures), least, strict=True):
            assert found > wanted


def test_the_distance_tells_a_moved_face_from_another(committed):
    from training.puppets import Renderer, sample

    net = committed[0]
    faces = Renderer()(sample(777_003, 6), 96).rgb * 2 - 1
    distance, random = PerceptualDistance(net), np.random.default_rng(2)
    others = faces.roll(1, 0)
    for name, change in {**FITTED, **UNKNOWN}.items():
        assert (distance(change(faces, random), faces) < distance(others, faces)).all(), name
