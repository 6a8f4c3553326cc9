"""The committed puppet weights: whole, small, equal to their golden outputs, and drawing what their labels say."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from training.controls import features
from training.generator.directions import reproduced
from training.generator.directions_file import DIRECTIONS
from training.generator.export import CARD, GOLDEN, golden, sha256
from training.generator.losses import psnr
from training.generator.student import GENERATOR, Student, load_student, read_controls, read_generator
from training.puppets import Renderer, from_latent, sample

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_128"


@pytest.fixture(scope="module")
def card():
    return json.loads((FOLDER / CARD).read_text())


@pytest.fixture(scope="module")
def net():
    return read_generator(FOLDER)


def test_the_card_tells_the_truth_about_its_files(card):
    assert GENERATOR in card["files"]
    for name, facts in card["files"].items():
        assert sha256(FOLDER / name) == facts["sha256"], name
        assert (FOLDER / name).stat().st_size == facts["size"] <= 9.5e6, name
    assert card["licence"] == "Apache-2.0"
    assert {"learning_rate", "rows", "feature_block", "radius"} <= card["editing"]["drag"].keys()


def test_the_editing_facts_fit_the_generator(card, net):
    drag = card["editing"]["drag"]
    assert 1 <= drag["rows"] <= net.config.num_ws
    assert drag["feature_block"] in net.config.heights
    assert net.config.w_dim <= 256
    assert max(net.config.channels.values()) <= 192


def test_golden_pictures_are_made_again(card, net):
    pictures = np.concatenate(list(golden(net).numpy()), axis=1).astype(int)
    kept = np.asarray(Image.open(FOLDER / GOLDEN).convert("RGB")).astype(int)
    assert np.abs(pictures - kept).max() <= 2
    assert len(card["golden"]["seeds"]) * net.config.resolution[1] == kept.shape[1]


def test_known_controls_give_their_puppet(net):
    params = sample(424_242, 2)
    wanted = Renderer()(params, 128).rgb * 2 - 1
    made = net.synthesis(net.mapping.rows(read_controls(FOLDER)(features(params))))
    own = psnr(made, wanted)
    assert own > 17
    assert own > psnr(made.flip(0), wanted) + 4


def test_the_mapping_keeps_close_to_the_controls(net):
    z = net.z(range(64))
    wanted, found = read_controls(FOLDER)(features(from_latent(z))), net.mapping.w(z)
    assert (found - wanted).square().sum() < 0.5 * (wanted - wanted.mean(0)).square().sum()


def test_directions_turn_their_knobs(card, net):
    directions = load_file(FOLDER / DIRECTIONS)
    rows = {row["name"]: row for row in card["directions"]}
    assert set(directions) == set(rows)
    assert len(rows) >= 16
    controls = read_controls(FOLDER)
    for name in ("yaw", "hair_length", "skin_tone"):
        whole = directions[name].float() * (rows[name]["high"] - rows[name]["low"])
        share = reproduced(net, controls, sample(77, 3), name, whole)
        assert share > 0.25, name
        assert reproduced(net, controls, sample(77, 3), name, -whole) < share - 0.3, name


def test_training_can_start_from_the_committed_files_alone(card):
    student = Student(card["config"]["generator"])
    load_student(student, FOLDER)
    w = torch.zeros(1, student.generator.config.w_dim)
    torch.testing.assert_close(student.paint(w, 128), read_generator(FOLDER).synthesis(w[:, None].repeat(1, 12, 1)))
