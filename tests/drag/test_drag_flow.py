"""The learned rival: the network's rules, its weights, and the editor."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from editors.drag import drag
from editors.drag.one_look import drag_flow
from editors.latent import latent
from facet import BadInput, Subject
from facet.app import finish, run
from facet.stylegan import GeneratorRef
from facet.testing import Conformance
from nets.drag_flow import DragFlow, FlowConfig, flowed, from_state, to_state
from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2 import to_state as generator_state
from training.drag_flow.export import FLOW, GOLDEN, golden, read_flow
from training.generator.export import CARD, sha256
from training.generator.student import CONTROL_NET

WEIGHTS = Path(__file__).resolve().parents[2] / "assets" / "weights"
FOLDER = WEIGHTS / "puppets_drag_flow"


class TestDragFlow(Conformance):
    editor = drag_flow


@pytest.fixture(scope="module")
def flow():
    return read_flow(FOLDER)


@pytest.fixture(scope="module")
def untrained():
    torch.manual_seed(2)
    net = DragFlow(FlowConfig(w_dim=8, marks=5, hidden=16))
    torch.nn.init.normal_(net.move.last.weight, std=0.3)
    return net.eval()


def points(count, seed=1):
    return torch.rand(1, count, 2, generator=torch.Generator().manual_seed(seed)) * 1.2 - 0.6


def test_the_order_of_pairs_does_not_matter_nor_do_pairs_that_do_not_count(untrained):
    w, handles, targets = torch.randn(1, 8), points(4), points(4, 2)
    whole = untrained(w, handles, targets)
    turned = untrained(w, handles.flip(1), targets.flip(1))
    torch.testing.assert_close(turned.w, whole.w, atol=1e-5, rtol=1e-4)
    given = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    some, few = untrained(w, handles, targets, given), untrained(w, handles[:, :2], targets[:, :2])
    torch.testing.assert_close(some.w, few.w, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(some.w, whole.w)


def test_a_point_far_from_every_mark_is_ground(untrained):
    marks = torch.tensor([[[0.0, 0.0], [0.1, 0.0]]])
    shares = untrained.carried(torch.tensor([[[0.0, 0.001], [0.9, 0.9], [0.05, 0.0]]]), marks)
    assert shares[0, 0, 0] > 0.99
    assert shares[0, 1].sum() < 1e-3
    assert shares[0, 2].tolist() == pytest.approx([0.5, 0.5], abs=0.01)


def test_what_is_written_is_read_again_and_nothing_else_is(untrained):
    tensors, metadata = to_state(untrained)
    again = from_state(tensors, metadata)
    w, handles, targets = torch.randn(2, 8), points(3).expand(2, -1, -1), points(3, 2).expand(2, -1, -1)
    torch.testing.assert_close(again(w, handles, targets).w, untrained(w, handles, targets).w, atol=0.02, rtol=0.02)
    assert not any(p.requires_grad for p in again.parameters())
    for broken in ({}, {"config": "[]"}, {"config": '{"marks": 3}'}):
        with pytest.raises(ValueError, match="config|latent drag"):
            from_state(tensors, broken)
    with pytest.raises(ValueError, match="missing or unknown"):
        from_state({name: value for name, value in tensors.items() if name != "centre"}, metadata)
    with pytest.raises(ValueError, match="centre is"):
        from_state(tensors | {"centre": torch.zeros(3)}, metadata)
    with pytest.raises(ValueError, match="above 0"):
        FlowConfig(8, 5, rounds=0)


def test_the_card_tells_the_truth_about_its_files():
    card = json.loads((FOLDER / CARD).read_text())
    for name, facts in card["files"].items():
        assert sha256(FOLDER / name) == facts["sha256"], name
        assert (FOLDER / name).stat().st_size == facts["size"] <= 2e6, name
    assert FLOW in card["files"]
    assert card["w_of"]["sha256"] == sha256(WEIGHTS / "puppets_128" / CONTROL_NET), "it was trained on another W"


def test_golden_drags_are_made_again(flow):
    kept, found = load_file(FOLDER / GOLDEN), golden(flow)
    torch.testing.assert_close(found["w"], kept["w"], atol=0.02, rtol=0.01)
    torch.testing.assert_close(found["ends"], kept["ends"], atol=0.05, rtol=0.01)


@pytest.fixture(scope="module")
def face():
    return finish(latent, {"model": "puppets", "seed": 3, "gallery": 1, "truncation_psi": 0.6}).subject


def test_every_row_takes_the_same_step_and_points_are_pixels(flow, face):
    code = torch.from_numpy(face.latent)
    pairs = torch.tensor([[[64.0, 76.0], [72.0, 76.0]]])
    after, ends, grip = flowed(flow, code, pairs, (128, 128))
    steps = after - code
    assert torch.allclose(steps, steps[:1].expand_as(steps), atol=1e-5)
    assert grip[0] > 0.9
    assert (ends - pairs[:, 1]).norm() < 3
    large, far, _ = flowed(flow, code, (pairs + 0.5) * 2 - 0.5, (256, 256))
    torch.testing.assert_close(large, after, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(far, (ends + 0.5) * 2 - 0.5, atol=1e-2, rtol=1e-4)
    with pytest.raises(ValueError, match="w_plus"):
        flowed(flow, code[:, :7], pairs, (128, 128))


def test_the_nose_goes_where_it_is_dragged_as_the_judge_sees_it(face):
    """Turned both ways: the judge, which the network has never met, finds the nose near its target."""
    from benchmarks.drag_accuracy import judged

    detect, _, _ = judged(1)
    see = lambda subject: detect(torch.from_numpy(subject.pixels.copy()).permute(2, 0, 1)[None] / 255)[0][0, 30]  # noqa: E731
    nose = see(face)
    for right in (-12.0, 12.0):
        x, y = nose.tolist()
        result = finish(drag_flow, {"subject": face, "pairs": [[x, y, x + right, y]]})
        away = (see(result.subject) - torch.tensor([x + right, y])).norm()
        assert away < 5, f"{float(away):.1f} px from a target 12 px away"
        assert result.metrics["expected_left_px"] < 3


def test_strength_takes_a_part_of_the_step(face):
    values = {"subject": face, "pairs": [[64, 76, 74, 76]]}
    whole, half, none = (finish(drag_flow, values | {"strength": each}).subject.latent for each in (1.0, 0.5, 0.0))
    assert np.allclose(half - face.latent, (whole - face.latent) / 2, atol=1e-4)
    assert np.allclose(none, face.latent, atol=1e-5)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"pairs": []}, "pairs", "1 to 68 pairs"),
        ({"pairs": [[9, 9, 20, 20]] * 69}, "pairs", "not 69"),
        ({"pairs": [[30, 30, 30, 30]]}, "pairs", "targets on their handles"),
        ({"pairs": [[30, 30, 300, 30]]}, "pairs 1", "outside the picture"),
        ({"strength": 2}, "strength", "0 to 1.5"),
    ],
)
def test_what_it_refuses(face, changed, field, said):
    with pytest.raises(BadInput, match=said) as refusal:
        finish(drag_flow, {"subject": face, "pairs": [[30, 30, 40, 30]]} | changed)
    assert refusal.value.field == field


def test_it_refuses_other_generators_and_pictures_without_a_code(face):
    with pytest.raises(BadInput, match="lions_512, for which no such network was trained.*puppets.*Drag points"):
        finish(
            drag_flow,
            {"subject": Subject(face.pixels, face.latent, GeneratorRef("lions_512")), "pairs": [[1, 1, 9, 9]]},
        )
    with pytest.raises(BadInput, match="no latent code"):
        finish(drag_flow, {"subject": Subject(face.pixels), "pairs": [[1, 1, 9, 9]]})


def test_a_first_guess_saves_steps_and_goes_on_in_slices(face):
    values = {"subject": face, "pairs": [[64, 76, 76, 76]], "steps": 40}
    alone, guessed = finish(drag, values), finish(drag, values | {"first_guess": True})
    assert guessed.metrics["steps"] < alone.metrics["steps"] / 2
    assert guessed.metrics["distance_left_px"] <= 1.5
    three = values | {"first_guess": True, "steps": 3, "pairs": [[64, 76, 76, 60]]}
    sliced = finish(drag, three, longest_slice=1e-9)
    assert np.array_equal(finish(drag, three).subject.latent, sliced.subject.latent)


def test_a_first_guess_needs_a_network_for_the_generator(tmp_path, monkeypatch):
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "home"))
    torch.manual_seed(0)
    net = Generator(GeneratorConfig(32, {4: 8, 8: 8, 16: 8, 32: 8}, z_dim=8, w_dim=8, mapping_layers=2))
    save_file(generator_state(net), tmp_path / "mine.safetensors", {"config": net.config.to_json()})
    mine = finish(latent, {"own_model": str(tmp_path / "mine.safetensors"), "gallery": 1}).subject
    with pytest.raises(BadInput, match="first_guess: needs a network that was trained for file:.*Switch it off"):
        finish(drag, {"subject": mine, "pairs": [[9, 9, 20, 9]], "first_guess": True, "steps": 2})


def test_points_away_from_the_face_are_told(face):
    *_, last, _ = list(run(drag_flow, {"subject": face, "pairs": [[64, 76, 70, 76], [3, 3, 20, 20]]}))
    assert "point 2 lies away from every landmark" in last.note
