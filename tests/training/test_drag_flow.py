"""The latent drag's training on a handful of puppets."""

import json

import pytest
import torch
from safetensors.torch import save_file

from training.drag_flow.data import KINDS, asked, moved, puppets
from training.drag_flow.export import FLOW, GOLDEN, export, golden, read_flow
from training.drag_flow.train import Trainer
from training.generator.export import CARD
from training.generator.student import CONTROL_NET, Student
from training.puppets import INDEX, sample
from training.puppets.landmarks import COUNT, landmarks

TINY = {
    "seed": 3, "flow": {"hidden": 64, "rounds": 2}, "puppets": 96, "held_out": 16,
    "moved": {"pose": 3, "expression": 1, "identity": 1, "some": 1, "all": 1},
    "place": {"steps": 150, "batch": 64, "learning_rate": 0.003}, "steps": 120, "batch": 48, "learning_rate": 0.003,
    "pairs": [1, 4, 68], "weights": {"asked": 1.0, "marks": 0.3, "w": 0.03},
}  # fmt: skip
SIZES = {
    "resolution": 32,
    "z_dim": 96,
    "w_dim": 16,
    "channels": {"4": 8, "8": 8, "16": 8, "32": 8},
    "mapping_layers": 2,
}


@pytest.fixture(scope="module")
def controls():
    torch.manual_seed(2)
    return Student(SIZES).controls.eval()


@pytest.fixture(scope="module")
def run(tmp_path_factory, controls):
    """A finished run, its folder and its reports."""
    folder = tmp_path_factory.mktemp("flow")
    trainer = Trainer(TINY, folder, controls)
    return trainer, folder, list(trainer.train(report_every=60))


def test_only_what_moves_a_face_differs_between_two_puppets():
    first, other = sample(5, 60).chunk(2)
    random = torch.Generator().manual_seed(1)
    face = [INDEX[name] for names in KINDS.values() for name in names]
    for kind, names in KINDS.items():
        changed = moved(first, other, {kind: 1}, random) != first
        assert changed.any(0)[[INDEX[name] for name in names]].any()
        assert not changed[:, [i for i in range(first.shape[1]) if i not in {INDEX[n] for n in names}]].any()
    some, whole = (moved(first, other, {kind: 1}, random) != first for kind in ("some", "all"))
    assert 0 < some[:, face].float().mean() < 0.5 * whole[:, face].float().mean()
    assert not whole[:, INDEX["hair_length"]].any()


def test_examples_carry_the_renderers_own_landmarks(controls):
    found = puppets(6, 5, controls, {"pose": 1})
    exact = landmarks(sample(5, 12).chunk(2)[0], 2) - 1
    torch.testing.assert_close(found.marks.float(), exact, atol=2e-3, rtol=0)
    assert (found.moved_marks - found.marks).abs().max() > 0.05
    assert not torch.equal(found.w, found.moved_w)


def test_what_is_asked_is_where_landmarks_went(run):
    trainer, _, _ = run
    chosen = trainer.held
    handles, targets = asked(chosen, trainer.net, COUNT, torch.Generator().manual_seed(0))
    nearest = (handles[:, :, None] - chosen.marks[:, None]).norm(dim=3).argmin(2)
    went = (chosen.moved_marks - chosen.marks).gather(1, nearest[..., None].expand(-1, -1, 2))
    assert ((targets - handles) - went).norm(dim=2).median() < 0.03


def test_training_learns_where_landmarks_are_and_how_to_move_them_and_resumes(run, controls):
    trainer, folder, reports = run
    assert reports[-1]["steps"] == 270
    assert reports[-1]["place_px"] < reports[0]["place_px"]
    assert reports[-1]["asked_1_px"] < 0.7 * reports[0]["asked_1_px"]
    again = Trainer(TINY, folder, controls)
    assert (again.placed, again.steps) == (150, 120)
    for kept, loaded in zip(trainer.net.parameters(), again.net.parameters(), strict=True):
        assert torch.equal(kept, loaded)
    assert list(again.train()) == []


def test_it_is_written_with_its_card_and_golden_outputs(run, tmp_path, controls):
    trainer, _, _ = run
    save_file(controls.state_dict(), tmp_path / CONTROL_NET)
    export(trainer.net, tmp_path / "out", tmp_path, TINY, {"held_out": trainer.measure()})
    card = json.loads((tmp_path / "out" / CARD).read_text())
    assert card["files"].keys() == {FLOW, GOLDEN}
    assert card["config"] == TINY
    found = golden(read_flow(tmp_path / "out"))
    assert found["w"].shape == (4, 16)
    assert found["ends"].isfinite().all()
