"""The face detector that comes along: its weights are what the card says, and it finds people, not cats."""

import hashlib
import json
import math

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from editors.inversion import invert
from editors.inversion.detectors import MTCNN_SURE
from editors.inversion.networks import DETECTOR, mtcnn_of
from facet import Context, Subject
from facet.weights import MTCNN, card
from nets.mtcnn import detect, from_contents, from_state
from nets.mtcnn.cascade import suppressed
from registry.weights.locations import embedded_path

EYES = {"astronaut": ((202.0, 100.0), (246.0, 103.0)), "hopper": ((224.0, 189.0), (306.0, 186.0))}
FOLDER = embedded_path(MTCNN).parent


@pytest.fixture(scope="module")
def net():
    return mtcnn_of(Context(nets=(DETECTOR,)))


def picture(pixels):
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float() / 127.5 - 1


def sample(name):
    return Subject.read(f"sample:{name}").image


def certain(net, image):
    return [face for face in detect(net, picture(image)) if face.score >= MTCNN_SURE]


def test_the_card_names_origin_and_licence_and_the_files_are_those():
    facts = card(MTCNN)
    assert facts["licence"] == "MIT"
    assert "facenet-pytorch" in facts["origin"]
    assert set(facts["converted_from"]) == {"pnet.pt", "rnet.pt", "onet.pt"}
    for name, row in facts["files"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == row["sha256"]
    assert "Permission is hereby granted" in (FOLDER / "LICENSE.md").read_text()
    assert DETECTOR in invert.nets


def test_golden_outputs(net):
    golden, random = load_file(FOLDER / "golden.safetensors"), torch.Generator().manual_seed(7)
    face, box = net.proposal(torch.rand(1, 3, 30, 40, generator=random) * 2 - 1)
    assert torch.allclose(face, golden["proposal.face"], atol=1e-4)
    assert torch.allclose(box, golden["proposal.box"], atol=1e-4)
    for name, side in (("closer", 24), ("closest", 48)):
        face, _, points = getattr(net, name)(torch.rand(4, 3, side, side, generator=random) * 2 - 1)
        assert torch.allclose(face, golden[f"{name}.face"], atol=1e-4)
    assert torch.allclose(points, golden["closest.points"], atol=1e-4)


@pytest.mark.parametrize("name", EYES)
@pytest.mark.parametrize("degrees", [0, -30, 30])
def test_a_face_is_found_upright_and_tilted(net, name, degrees):
    image = sample(name)
    width, height = image.size
    turned = image.rotate(degrees, Image.BICUBIC)
    (face,) = certain(net, turned)
    turn = math.radians(degrees)
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    wanted = (np.array(EYES[name]) - [width / 2, height / 2]) @ spin.T + [width / 2, height / 2]
    apart = np.linalg.norm(wanted[1] - wanted[0])
    assert np.linalg.norm(face.points[:2].numpy() - wanted, axis=1).max() < 0.15 * apart


@pytest.mark.parametrize("side", [100, 2600])
def test_a_face_of_any_size_is_found(net, side):
    image = sample("hopper")
    scale = side / image.width
    (face,) = certain(net, image.resize((side, round(image.height * scale)), Image.BICUBIC))
    assert np.abs(face.points[:2].numpy() / scale - EYES["hopper"]).max() < 10


def test_two_people_and_nobody(net):
    both = np.zeros((512, 1024, 3), np.uint8)
    both[:, :512] = np.asarray(sample("astronaut"))
    both[:, 512:] = np.asarray(sample("hopper").resize((512, 512)))
    assert len(certain(net, both)) == 2
    for name in ("chelsea", "coffee", "lake", "spices"):
        assert certain(net, sample(name)) == [], name
    with pytest.raises(ValueError, match="expected"):
        detect(net, torch.zeros(1, 8, 8))
    assert detect(net, torch.zeros(3, 4, 9)) == []


def test_of_boxes_that_mean_one_face_the_surest_is_kept():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [2, 2, 6, 6]])
    scores = torch.tensor([0.6, 0.9, 0.7, 0.5])
    assert suppressed(boxes, scores, 0.5).tolist() == [1, 2, 3]
    assert suppressed(boxes, scores, 0.5, of_smaller=True).tolist() == [1, 2]
    assert suppressed(boxes[:0], scores[:0], 0.5).tolist() == []


def test_another_file_is_refused():
    class Other:
        tensors, plain = {"": {}}, {"config": json.dumps({"size": 3})}

    with pytest.raises(ValueError, match="not MTCNN"):
        from_contents(Other())
    with pytest.raises(ValueError, match="has no config"):
        from_state({}, {})
