"""Who finds the face, what is shown of it, and what is said when there is none, several, or one too small."""

import hashlib
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from editors.attributes import attributes
from editors.inversion import invert
from editors.inversion.detectors import JUDGES_NAME, YUNET_NAME, Face, Seen, judged
from editors.inversion.face_overlay import drawn
from editors.inversion.networks import AIDS, JUDGES, judges_of
from editors.inversion.place import place
from editors.latent import latent
from facet import BadInput, Context, Net, NoFace, Subject, Weights
from facet.app import Preview, finish, run
from nets import yunet
from nets.align import FFHQ, PUPPETS
from registry.weights import hub, loaded
from registry.weights.memory import NetCache, net_budget_bytes
from tests.inversion.test_editors import own, tiny  # noqa: F401 - fixtures
from tests.inversion.yunet_file import spot_weights, written
from tests.weights.fake_hub import COMMIT, FakeHub, Repo

REPO, FILE = "opencv/face_detection_yunet", "face_detection_yunet_2023mar.onnx"
SMALL = {"steps": 2, "tuning": 0, "start": "mean", "align": "auto"}


@pytest.fixture
def with_yunet():
    """The editor with YuNet as it is published, but for the weights: a file of the same layout that finds spots."""
    body = written(spot_weights())
    source = Weights(REPO, FILE, COMMIT, hashlib.sha256(body).hexdigest(), len(body), "MIT", layout="onnx")
    others = tuple(net for net in invert.nets if net.name != "yunet")
    return replace(invert, nets=(*others, Net("yunet", yunet.from_contents, (source,)))), body


@pytest.fixture
def hub_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "FACET_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FACET_HUB_SECONDS", "60")
    monkeypatch.setattr(loaded, "nets", NetCache(net_budget_bytes))
    hub.forget_outage()
    yield monkeypatch
    hub.forget_outage()


def spot():
    """A picture with one bright spot, as uint8 [160, 200, 3]."""
    picture = np.full((160, 200, 3), 26, np.uint8)
    picture[40:60, 50:70] = 255
    return picture


def test_yunet_comes_from_the_hub_and_is_named_in_the_recipe(with_yunet, hub_home, own):  # noqa: F811
    spec, body = with_yunet
    server = FakeHub({REPO: Repo({FILE: body})})
    hub_home.setenv("HF_ENDPOINT", server.url)
    try:
        result = finish(spec, {"subject": spot(), **SMALL, "own_model": own, "align": "face", "detector": "yunet"})
    finally:
        server.close()
    facts = result.recipe["facts"]
    assert facts["cut out"].startswith("a face found by YuNet, ")
    assert facts["detectors"] == facts["cut out"].replace("a face found by YuNet,", "YuNet: a face,")
    assert "faces found" in result.images
    (row,) = (row for row in result.recipe["weights"] if row["net"] == "yunet")
    assert (row["sha256"], row["licence"]) == (hashlib.sha256(body).hexdigest(), "MIT")
    centre = np.mean(facts["placement"]["corners"], 0)
    assert np.abs(centre - (60, 42)).max() < 16


def test_without_the_hub_the_detector_that_comes_along_looks_and_it_says_so(with_yunet, hub_home, own):  # noqa: F811
    hub_home.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = finish(with_yunet[0], {"subject": "sample:astronaut", **SMALL, "own_model": own, "detector": "yunet"})
    told = result.recipe["facts"]["detectors"]
    assert told.startswith("MTCNN: a face, ")
    assert JUDGES_NAME not in told, "who comes later need not look once somebody is found"
    assert "YuNet: " in told
    assert "can't be reached" in told
    assert all(row["net"] != "yunet" for row in result.recipe["weights"])


def face(x, y, sure, by=YUNET_NAME, reach=20.0):
    points = torch.tensor([[-0.5, -0.5], [0.5, -0.5], [-0.4, 0.5], [0.4, 0.5]]) * reach + torch.tensor([x, y])
    return Face(points, sure, by)


def seen(*faces):
    return Seen(tuple(faces), (YUNET_NAME, JUDGES_NAME))


def test_each_face_counts_once_from_the_left():
    found = seen(
        face(200, 50, 0.9), face(203, 51, 0.99, JUDGES_NAME), face(60, 40, 0.93, JUDGES_NAME), face(120, 40, 0.5)
    ).found()
    assert [(one.by, one.sure) for one in found] == [(JUDGES_NAME, 0.93), (YUNET_NAME, 0.9)]
    words = seen(face(200, 50, 0.9), face(60, 40, 0.93), face(9, 9, 0.44, JUDGES_NAME)).words()
    assert words == "YuNet: 2 faces, 93% and 90% sure; the puppets' judges: no face (its best guess is 44% sure)"


PICTURE = Subject.read(np.full((200, 300, 3), 120, np.uint8))


def test_several_faces_leave_a_choice():
    two = seen(face(220, 90, 0.9), face(60, 90, 0.8))
    with pytest.raises(BadInput, match=r"face: is needed, as there are 2 faces.* 1 at \(60, 90\); 2 at \(220, 90\)"):
        place(PICTURE, "auto", [], FFHQ, lambda: two)
    behind = seen(face(220, 90, 0.9, reach=40.0), face(60, 90, 0.99))
    assert "number 2 of 2 from the left" in place(PICTURE, "auto", [], FFHQ, lambda: behind).how
    assert float(place(PICTURE, "face", [], FFHQ, lambda: two, 1).quad.mean(0)[0]) == pytest.approx(60, abs=1)
    with pytest.raises(BadInput, match="asks for face 3, but 2 found"):
        place(PICTURE, "face", [], FFHQ, lambda: two, 3)


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        ([], "No face was found .*YuNet: no face.*Place four points"),
        ([face(60, 60, 0.5)], "its best guess is 50% sure"),
        ([face(60, 60, 0.9, reach=4.0)], "The face is too small: .* pixels of it"),
    ],
    ids=["none", "a drawing or an animal: unsure", "tiny"],
)
def test_what_cannot_be_cut_out_is_said(faces, words):
    with pytest.raises(NoFace, match=words):
        place(PICTURE, "face", [], FFHQ, lambda: seen(*faces))
    with pytest.raises(NoFace, match=words):  # at once, not after minutes of work on the middle of it
        place(PICTURE, "auto", [], FFHQ, lambda: seen(*faces))
    assert place(PICTURE, "none", [], FFHQ, lambda: seen(*faces)).how == "the middle of the picture"


def test_four_points_make_do_without_a_detector_and_show_what_one_saw():
    profile = [((60, 60), (75, 61)), ((66, 90), (78, 90))]  # eyes nearer to each other than to the mouth
    square = place(PICTURE, "points", profile, PUPPETS, lambda: seen(face(70, 75, 0.4)))
    assert square.face
    assert square.how == "four points"
    page = drawn(PICTURE.tensor()[0], square)
    plain = torch.full_like(page, 120 / 255)
    assert page.shape == (3, 320, 480)
    assert (page - plain).abs().amax(0).gt(0.1).double().mean() > 0.01
    with pytest.raises(BadInput, match="too small to see anything"):
        place(PICTURE, "points", [((60, 60), (63, 60)), ((60, 63), (63, 63))], PUPPETS, lambda: seen())
    assert drawn(PICTURE.tensor()[0], place(PICTURE, "none", [], PUPPETS, lambda: seen())) is None


needs_judges = pytest.mark.skipif(JUDGES not in AIDS, reason="the judges are not part of this checkout")


def drawing():
    """A face as a child paints it, 300 × 360."""
    page = Image.new("RGB", (300, 360), (176, 160, 120))
    pen = ImageDraw.Draw(page)
    pen.ellipse((68, 45, 232, 300), fill=(92, 58, 34))
    pen.ellipse((90, 82, 210, 262), fill=(222, 178, 140))
    for x in (124, 176):
        pen.ellipse((x - 14, 157, x + 14, 171), fill=(245, 240, 230))
        pen.ellipse((x - 6, 158, x + 6, 170), fill=(60, 80, 60))
    pen.ellipse((129, 223, 171, 239), fill=(176, 70, 66))
    return np.array(page)


@needs_judges
def test_a_drawing_and_an_animal_give_no_nonsense():
    judges = judges_of(Context(nets=invert.nets))
    certain = [one for one in judged(Subject.read(drawing()).tensor()[0] * 2 - 1, judges) if one.certain]
    assert all(abs(float(one.middle[0]) - 150) < 25 and 150 < float(one.middle[1]) < 240 for one in certain)
    for name in ("chelsea", "coffee", "lake"):
        seen_there = judged(Subject.read(f"sample:{name}").tensor()[0] * 2 - 1, judges)
        assert not any(one.certain for one in seen_there), name
    with pytest.raises(NoFace, match="No face was found .*Place four points"):
        finish(invert, {"subject": "sample:chelsea", "align": "face", "steps": 1, "start": "mean"})


@needs_judges
def test_a_turned_puppet_is_taken_as_it_is_framed():
    made = finish(latent, {"model": "puppets", "seed": 31, "gallery": 1}).subject
    turned = finish(attributes, {"subject": made, "strengths": {"yaw": 38}}).subject
    result = finish(invert, {"subject": Subject(turned.pixels), "steps": 4, "tuning": 0})
    facts = result.recipe["facts"]
    assert facts["cut out"] == "all of it: a puppet, framed as they are"
    assert facts["started from"] == "an encoder"
    assert result.metrics["psnr"] > 25
    assert result.metrics["puppet_identity"] > 0.4


def test_a_file_that_is_cut_off_is_named(tmp_path):
    path = tmp_path / "half.png"
    Image.fromarray(drawing()).save(path)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(BadInput, match="subject: "):
        finish(invert, {"subject": str(path)})


def test_a_profile_is_refused_and_a_turned_head_is_not():
    points = face(100, 100, 0.99).points

    def turned(far):
        return Face(points, 0.99, YUNET_NAME, torch.tensor([100 + far, 102.0]))

    assert turned(7.0).aside == pytest.approx(0.35)
    assert place(PICTURE, "auto", [], FFHQ, lambda: seen(turned(-7.0))).face
    for far in (-11.0, 13.0):
        with pytest.raises(NoFace, match=r"its nose hides an eye: both must be seen. Place four points"):
            place(PICTURE, "auto", [], FFHQ, lambda far=far: seen(turned(far)))
    assert Face(points, 0.99, YUNET_NAME).aside == 0, "a detector without a nose says nothing"


def test_a_head_that_is_turned_far_aside_is_told(monkeypatch):
    points = face(128, 110, 0.99, reach=60.0).points
    for far, told in ((5.0, False), (22.0, True)):
        looked = Seen((Face(points, 0.99, YUNET_NAME, torch.tensor([128 + far, 118.0])),), (YUNET_NAME,))
        monkeypatch.setattr(sys.modules["editors.inversion.bring"], "see", lambda *_, looked=looked, **__: looked)
        *previews, made = run(invert, {"subject": Subject.read("sample:astronaut"), "model": "puppets", **SMALL})
        assert ("head" in made.recipe["facts"]) == told
        notes = [each.note for each in previews if isinstance(each, Preview)]
        assert ("; the head is turned far aside" in notes[-1]) == told
        assert all("turned" not in note for note in notes[:-1])
