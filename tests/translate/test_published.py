"""Translate with a model: files in their authors' layouts through the registry, and what it refuses."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from editors.published.classes import outlines, packed, unpacked
from editors.published.models import Model, prepared
from editors.published.streets import STREETS
from editors.published.translate import translate_model
from facet import BadInput, LabelMap
from facet.app import Stop, finish, run
from facet.testing import Conformance
from facet.weights import WeightsCorrupt, WeightsMissing
from nets.translation import from_contents
from registry.readers import read_tensors
from tests.nets.translation_files import (
    PlainAnime,
    PlainCompact,
    PlainEncoder,
    PlainEnhanced,
    PlainResnet,
    PlainSpadeGenerator,
    PlainUnet,
    scrambled,
)

FOLDER = Path(tempfile.mkdtemp())


def saved(name, net):
    """A file of a network with random numbers, as its authors save it."""
    path = FOLDER / f"{name}.pth"
    if not path.exists():
        torch.save(scrambled(net()).state_dict(), path)
    return str(path)


def resnet():
    return saved("resnet", lambda: PlainResnet(ngf=4, blocks=2))


def unet(levels=5):
    return saved(f"unet{levels}", lambda: PlainUnet(levels))


def spade():
    return saved("spade", lambda: PlainSpadeGenerator(7))


class TestTranslateModel(Conformance):
    """The house rules, with a small ResNet of CycleGAN."""

    editor = translate_model
    trial = {"model": "own", "own_model": resnet(), "size": 64, "subject": np.full((48, 40, 3), 90, np.uint8)}


def picture(height=60, width=90, seed=0):
    small = np.random.default_rng(seed).integers(0, 255, (6, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def label_map(height=64, width=96, classes=7, seed=0):
    small = np.random.default_rng(seed).integers(0, classes, (height // 16, width // 16), dtype=np.uint8)
    return np.repeat(np.repeat(small, 16, 0), 16, 1)[..., None].repeat(3, 2)


def made(file, **values):
    given = {"subject": picture(), "model": "own", "own_model": file, **values}
    return finish(translate_model, given, threads=1).subject.pixels


@torch.no_grad()
def test_a_picture_becomes_what_the_network_makes_of_it():
    subject = picture(64, 96)
    plain = PlainResnet(ngf=4, blocks=2).eval()
    plain.load_state_dict(torch.load(resnet(), weights_only=True))
    wanted = plain(torch.from_numpy(subject.copy()).permute(2, 0, 1)[None] / 127.5 - 1)[0].permute(1, 2, 0)
    found = made(resnet(), subject=subject)
    assert np.abs(found.astype(int) - ((wanted + 1) * 127.5).round().numpy()).max() <= 1
    half = made(resnet(), subject=subject, strength=0.5)
    assert np.abs(half.astype(int) - (found.astype(int) + subject) / 2).max() <= 1
    mask = np.zeros((64, 96), bool)
    mask[:, 48:] = True
    part = made(resnet(), subject=subject, mask=mask)
    assert np.array_equal(part[:, :48], subject[:, :48])
    assert np.array_equal(part[:, 60:], found[:, 60:])


@pytest.mark.parametrize("size", [(16, 16), (37, 51), (17, 300)])
def test_any_size_keeps_its_size(size):
    for file in (resnet(), unet()):
        assert made(file, subject=picture(*size)).shape == (*size, 3)


def test_a_large_picture_is_drawn_by_tiles_and_may_be_stopped(monkeypatch):
    monkeypatch.setattr("editors.published.models.WORK", 4 * 5 * 4 * 200 * 200)
    given = {"subject": picture(300, 420), "model": "own", "own_model": resnet(), "size": 0}
    stop = Stop()
    events = run(translate_model, given, threads=1, stop=stop)
    first = next(events)
    assert 0 < first.done < 1
    stop.set()
    result = list(events)[-1]
    assert result.subject.pixels.shape == (300, 420, 3)
    assert made(resnet(), subject=picture(300, 420), size=0).shape == (300, 420, 3)
    assert made(resnet(), subject=picture(300, 420), size=128).shape == (91, 128, 3)


def test_the_same_weights_with_each_pictures_own_statistics_or_those_of_training():
    picture_, training = (made(unet(), statistics=which) for which in ("picture", "training"))
    assert not np.array_equal(picture_, training)
    net = from_contents(read_tensors(Path(unet())))
    other = prepared(net, "picture", True)
    assert other is not net
    assert other.noise
    assert not net.noise
    assert all(a is b for a, b in zip(net.parameters(), other.parameters(), strict=True))
    assert prepared(net, "training", False) is net


def test_noise_is_that_of_the_seed():
    one, again, other = (made(unet(7), noise=True, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_label_maps_become_pictures_of_their_size():
    found = made(spade(), labels=label_map())
    assert found.shape == (64, 96, 3)
    assert not np.array_equal(found, made(spade(), labels=label_map(seed=1)))
    assert made(spade(), labels=label_map(), size=64).shape == (43, 64, 3)
    assert made(spade(), labels=label_map(50, 70)).shape == (48, 64, 3)
    alone = made(spade(), labels=label_map(), subject=None)  # nobody has to choose a picture that is not looked at
    assert np.array_equal(alone, found)
    assert np.array_equal(made(spade(), subject=label_map()), found)  # the picture itself is the label map
    with pytest.raises(BadInput, match="labels: are missing"):
        made(spade(), subject=None)
    local = saved("local", lambda: PlainEnhanced(6))
    assert made(local, labels=label_map(classes=5), edges="yes").shape == (64, 96, 3)


def test_a_street_is_painted():
    street = saved("street", lambda: PlainSpadeGenerator(36, ups=6))
    numbers = np.full((64, 128), STREETS.index("road"), np.uint8)
    numbers[:30] = STREETS.index("sky")
    found = made(street, painted=LabelMap(numbers, STREETS))
    assert found.shape == (64, 128, 3)
    assert np.array_equal(found, made(street, labels=numbers[..., None].repeat(3, 2)))
    assert np.array_equal(found, made(street, painted=LabelMap(numbers, STREETS), numbering="minus_one"))
    with pytest.raises(BadInput, match="painted: have class 23"):
        made(spade(), painted=LabelMap(numbers, STREETS))
    with pytest.raises(BadInput, match="painted: and labels are both there"):
        made(street, painted=LabelMap(numbers, STREETS), labels=label_map())
    with pytest.raises(BadInput, match="painted: is not used"):
        made(resnet(), painted=LabelMap(numbers, STREETS))


def test_a_style_picture_gives_the_code():
    vae = saved("vae", lambda: PlainSpadeGenerator(7, latent=5, base=(2, 4)))
    encoder = saved("encoder", PlainEncoder)
    both = {"labels": label_map(), "own_encoder": encoder}
    one, other = (made(vae, style=picture(seed=seed), **both) for seed in (1, 2))
    assert not np.array_equal(one, other)
    assert not np.array_equal(made(vae, labels=label_map()), one)
    drawn = [made(vae, labels=label_map(), noise=True, seed=seed) for seed in (1, 2)]
    assert not np.array_equal(*drawn)


def test_pix2pixhd_takes_features_of_the_photograph():
    net = saved("featured", lambda: PlainResnet(inputs=7 + 3, downs=2, ngf=4, blocks=1))
    encoder = saved("features", lambda: PlainResnet(blocks=0, downs=3, ngf=4))
    given = {"labels": label_map(), "own_encoder": encoder}
    one, other = (made(net, style=picture(64, 96, seed), **given) for seed in (1, 2))
    assert not np.array_equal(one, other)
    with pytest.raises(BadInput, match="style: has another size than the labels"):
        made(net, style=picture(50, 96), **given)


def test_class_numbers_become_channels():
    model = Model(torch.nn.Identity(), 5, "")
    numbers = np.array([[0, 3], [3, 255]])
    found = unpacked(packed(numbers, model, "no", "as_is", "labels"), 5)
    assert found.argmax(1)[0].tolist() == [[0, 3], [3, 0]]
    assert found.sum(1).eq(1).all()
    edged = unpacked(packed(np.array([[1, 1, 2, 2]]), model, "yes", "minus_one", "labels"), 5)
    assert edged[0, :, 0].tolist() == [[1, 1, 0, 0], [0, 0, 1, 1], [0] * 4, [0] * 4, [0, 1, 1, 0]]
    assert outlines(np.array([[1, 1], [2, 1]])).tolist() == [[1, 0], [1, 1]]


WRONG = {
    "discriminator": ({f"model.{n}.weight": torch.zeros(4, 3, 4, 4) for n in (0, 2)}, "a discriminator of pix2pix"),
    "enlarger": (PlainCompact().state_dict(), "Real-ESRGAN's compact network"),
    "encoder": (PlainResnet(blocks=0, downs=3, ngf=4).state_dict(), "pix2pixHD's encoder of instances"),
    "strange": ({"a.weight": torch.zeros(3)}, "no network that is known here"),
    "left over": (PlainResnet(ngf=4, blocks=1).state_dict() | {"model.99.bias": torch.zeros(3)}, "1 tensors are left"),
    "missing": (
        {k: v for k, v in PlainUnet(5).state_dict().items() if k != "model.model.0.weight"}, "no network that is known"
    ),
    "a level gone": (
        {k: v for k, v in PlainUnet(5).state_dict().items() if not k.startswith("model.model.1.model.3.model.1.")},
        "level 2 has 1 convolutions, not 2",
    ),
    "without u": (
        {k: v for k, v in PlainSpadeGenerator(7).state_dict().items() if not k.endswith("weight_u")}, "lost its vector"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_another_file_is_refused_by_what_it_is(name, tmp_path):
    state, words = WRONG[name]
    torch.save(state, tmp_path / "wrong.pth")
    with pytest.raises(WeightsCorrupt, match=words):
        made(str(tmp_path / "wrong.pth"))


def test_a_resnet_where_a_unet_is_wanted_is_said_to_be_one():
    with pytest.raises(ValueError, match="this is a ResNet generator of CycleGAN.*; a U-Net of pix2pix is wanted"):
        from_contents(read_tensors(Path(resnet())), ("unet",))
    with pytest.raises(ValueError, match="this is a U-Net of pix2pix; a ResNet generator of CycleGAN"):
        from_contents(read_tensors(Path(unet())), ("resnet",))


def test_what_does_not_go_together_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="own_model: is missing"):
        made(None)
    with pytest.raises(BadInput, match="own_model: is not used"):
        made(resnet(), model="animegan_face_paint")
    with pytest.raises(BadInput, match="labels: is not used: this model"):
        made(resnet(), labels=label_map())
    with pytest.raises(BadInput, match="labels: are missing: this model .SPADE of 7 channels.*for it has colours"):
        made(spade())
    with pytest.raises(BadInput, match="subject: is missing: this model .ResNet of 2 blocks"):
        made(resnet(), subject=None)
    with pytest.raises(BadInput, match="labels: are a colour picture"):
        made(spade(), labels=picture())
    with pytest.raises(BadInput, match="labels: have class 7, which this network of 7 classes lacks"):
        made(spade(), labels=np.full((32, 32, 3), 7, np.uint8))
    with pytest.raises(BadInput, match="mask: is for networks that translate pictures"):
        made(spade(), labels=label_map(), mask=np.ones((60, 90), bool))
    with pytest.raises(BadInput, match="own_encoder: is missing beside style"):
        made(spade(), labels=label_map(), style=picture())
    with pytest.raises(BadInput, match="takes no style code"):
        made(spade(), labels=label_map(), style=picture(), own_encoder=saved("encoder", PlainEncoder))
    two = saved("two", lambda: PlainResnet(ngf=4, blocks=1, inputs=1, outputs=2))
    with pytest.raises(BadInput, match="own_model: draws 2 channels"):
        made(two)


def test_a_subject_of_too_few_pixels_is_refused():
    with pytest.raises(BadInput, match="at least 16 pixels"):
        made(resnet(), subject=picture(1, 9))


def test_animegan_comes_from_its_own_names_and_not_without_the_hub(monkeypatch):
    assert made(saved("anime", PlainAnime), subject=picture(30, 41)).shape == (30, 41, 3)
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="face paint"):
        finish(translate_model, {"subject": picture()})
