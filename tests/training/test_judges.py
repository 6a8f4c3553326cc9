"""The judges' labels, training and committed weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from nets.judges import landmarks as place
from nets.judges import read
from nets.judges.mirror import mirror_order
from training.dataset import Dataset, render
from training.generator.export import CARD, sha256
from training.judges.data import LabelledSet, move, nobody, normalised, relevance, soften
from training.judges.export import GOLDEN, golden, read_judges
from training.judges.figures import figures, readings
from training.judges.train import Trainer, heat_loss
from training.puppets import INDEX, Renderer, mirrored, sample, with_control
from training.puppets.landmarks import landmarks

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_judges"
TINY = {
    "seed": 1, "judges": {"size": 32, "widths": [8, 16, 16, 16], "hidden": 32}, "held_out": 4, "batch": 8,
    "learning_rate": 0.004, "warm_up": 80, "ema_images": 100, "images": 640,
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("puppets")
    render(folder, 20, 32, seed=3, shard=(0, 1), device="cpu", compiled=False)
    return Dataset(folder)


@pytest.fixture(scope="module")
def judges():
    return read_judges(FOLDER)


def test_the_mirror_swaps_sides():
    order, params = torch.tensor(mirror_order(72)), sample(3, 12)
    assert sorted(order.tolist()) == list(range(72))
    assert torch.equal(order[order], torch.arange(72))
    flipped = (landmarks(params, 2) - 1)[:, order] * torch.tensor([-1.0, 1.0])
    torch.testing.assert_close(landmarks(mirrored(params), 2) - 1, flipped, atol=1e-5, rtol=0)


def test_labels_are_kept_beside_the_pictures(data):
    first = LabelledSet(data, 4)
    assert (data.folder / "landmarks.npz").exists()
    again = LabelledSet(data, 4)
    assert torch.equal(first.points, again.points)
    assert again.known.all()
    assert again.usable.tolist() == list(range(4, 20))
    torch.testing.assert_close(first.points[3], landmarks(data.params[3:4], 2)[0] - 1)


def test_points_move_with_their_pictures(data):
    """A bright dot painted at a landmark is found where the label says after the move."""
    b = LabelledSet(data, 4).batch(np.arange(8, 16))
    points = b.points.clone()
    points[:, 0] = torch.linspace(-0.3, 0.3, 8)[:, None]
    pixel = ((points[:, 0] + 1) * 16).long()
    pictures = torch.full_like(b.pictures, -1)
    pictures[torch.arange(8), :, pixel[:, 1], pixel[:, 0]] = 1
    points[:, 0] = (pixel + 0.5) / 16 - 1
    moved = move(b._replace(pictures=pictures, points=points), np.random.default_rng(2), wide=0.5)
    assert moved.posed.any()
    assert not moved.posed.all()
    weight = (moved.pictures[:, 0] + 1) / (moved.pictures[:, 0] + 1).sum((1, 2), keepdim=True)
    line = (torch.arange(32) + 0.5) / 16 - 1
    found = torch.stack([(weight.sum(1) * line).sum(1), (weight.sum(2) * line).sum(1)], 1)
    torch.testing.assert_close(found, moved.points[:, 0], atol=0.03, rtol=0)


def test_softening_keeps_range_and_labels(data):
    b = LabelledSet(data, 4).batch(np.arange(8))
    soft = soften(b, np.random.default_rng(1))
    assert soft.pictures.abs().max() <= 1
    assert not torch.equal(soft.pictures, b.pictures)
    assert torch.equal(soft.points, b.points)
    for seed in range(4):
        empty = nobody(b.pictures[:2], np.random.default_rng(seed))
        assert empty.shape == (2, 3, 32, 32)
        assert empty.abs().max() <= 1


def test_what_cannot_be_seen_does_not_count():
    bare = with_control(with_control(sample(5, 3), "glasses", 0.0), "eyes_closed", 1.0)
    weight = relevance(bare)
    assert weight[:, INDEX["glasses_colour"]].max() == weight[:, INDEX["gaze_x"]].max() == 0
    assert weight[:, INDEX["yaw"]].min() == 1
    assert normalised(bare)[:, INDEX["eyes_closed"]].tolist() == [1, 1, 1]


def test_the_heat_loss_prefers_the_right_cell():
    points = torch.tensor([[[0.0625, -0.4375]]])  # the centre of column 8, row 4 of 16 x 16 cells
    right, wrong = torch.zeros(1, 1, 256), torch.zeros(1, 1, 256)
    right[..., 4 * 16 + 8], wrong[..., 8 * 16 + 4] = 9, 9
    assert heat_loss(right, points, 16) < 0.1 < heat_loss(wrong, points, 16)
    assert heat_loss(right, points + 5, 16) == 0


def test_training_lowers_every_loss_and_resumes(tmp_path, data):
    trainer = Trainer(TINY, data, tmp_path)
    rows = [trainer.step() for _ in range(70)]
    for name in ("points", "parts", "controls"):
        early, late = (np.mean([row[name] for row in part]) for part in (rows[:5], rows[-10:]))
        assert late < 0.9 * early, name
    trainer.seconds = 3.0
    trainer.save()
    again = Trainer(TINY, data, tmp_path)
    assert (again.images, again.seconds) == (560, 3.0)
    reports = list(again.train(report_every=1000))
    assert reports[-1]["images"] == 640
    assert reports[-1]["landmark_px"] > 0


def test_the_card_tells_the_truth_about_its_files():
    card = json.loads((FOLDER / CARD).read_text())
    for name, facts in card["files"].items():
        assert sha256(FOLDER / name) == facts["sha256"], name
        assert (FOLDER / name).stat().st_size == facts["size"] <= 5 * 2**20, name
    assert card["licence"] == "Apache-2.0"


def test_golden_readings_are_made_again(judges):
    from safetensors.torch import load_file

    kept, found = load_file(FOLDER / GOLDEN), golden(judges, FOLDER)
    assert kept.keys() == found.keys()
    for name, value in kept.items():
        torch.testing.assert_close(found[name], value, atol=0.02, rtol=0.01)


def test_fresh_puppets_are_read(judges):
    params = sample(777_001, 6)
    pictures = Renderer()(params, 128).rgb * 2 - 1
    found = read(judges, pictures)
    off = (found.landmarks - landmarks(params, 128)).norm(dim=2)
    assert off.median() < 1.0
    careful = (read(judges, pictures, careful=True).landmarks - landmarks(params, 128)).norm(dim=2)
    assert careful.mean() < 0.95 * off.mean()
    yaw = found.controls[:, INDEX["yaw"]]
    assert (yaw - params[:, INDEX["yaw"]]).abs().max() < 0.2
    assert found.present.min() > 0.5
    large = torch.nn.functional.interpolate(pictures, (300, 300), mode="bicubic")
    assert (read(judges, large).landmarks * 128 / 300 - found.landmarks).norm(dim=2).median() < 0.4


def test_it_says_when_nobody_is_there(judges):
    grey = torch.zeros(3, 128, 128)
    random = torch.Generator().manual_seed(1)
    for empty in (grey, torch.rand(3, 128, 128, generator=random) * 2 - 1, torch.ones(3, 9, 2)):
        points, _, confidence = place(judges, empty)
        assert points.isfinite().all()
        assert confidence < 0.5
    somebody = Renderer()(sample(777_001, 1), 128).rgb[0] * 2 - 1
    assert place(judges, somebody)[2] > 0.7


def test_figures_of_a_perfect_judge_are_perfect(data):
    b = LabelledSet(data, 4).batch(np.arange(8))
    trainer_free = read_judges(FOLDER)
    config = trainer_free.config
    found = readings(trainer_free, torch.zeros(8, 3, 128, 128))
    low, high = torch.tensor(config.low), torch.tensor(config.high)
    parts = torch.nn.functional.one_hot(b.parts, 18).permute(0, 3, 1, 2).float()
    perfect = found._replace(
        landmarks=(b.points + 1) * 64, visibility=b.visible.float(), parts=parts,
        controls=low + (b.controls + 1) / 2 * (high - low),
    )  # fmt: skip
    rows = figures(perfect, b, config)
    assert rows["landmark_px"] == 0
    assert rows["visibility_accuracy"] == rows["part_iou"] == 1
    assert rows["control_r2"] == pytest.approx(1, abs=1e-3)
    shifted = figures(perfect._replace(landmarks=perfect.landmarks + torch.tensor([3.0, 4.0])), b, config)
    assert shifted["landmark_px"] == pytest.approx(10)
