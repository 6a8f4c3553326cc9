"""The judges' network untrained: shapes, units, any picture, errors that name what is wrong."""

import copy
import dataclasses
from types import SimpleNamespace

import pytest
import torch

from nets.judges import FeatureDistance, Judges, JudgesConfig, from_contents, from_state, landmarks, read, to_state
from nets.judges.layers import REACH
from nets.judges.mirror import mirror_order
from nets.judges.reading import to_square

CONFIG = JudgesConfig(
    parts=("background", "skin", "hair"), controls=("yaw", "chin", "jaw"), low=(-0.5, -1, 0), high=(0.5, 1, 4),
    identity=("chin", "jaw"), size=64, widths=(8, 12, 12, 16), hidden=16, landmarks=5, closer=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def judges():
    torch.manual_seed(1)
    return Judges(CONFIG).eval().requires_grad_(False)


def picture(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(4)) * 2 - 1


def test_a_reading_has_the_documented_shapes_and_ranges(judges):
    found = judges(picture(3, 3, 64, 64))
    assert found.landmarks.shape == (3, 5, 2)
    assert found.visibility.shape == found.error.shape == (3, 5)
    assert found.parts.shape == (3, 3, 32, 32)
    torch.testing.assert_close(found.parts.sum(1), torch.ones(3, 32, 32))
    low, high = torch.tensor(CONFIG.low), torch.tensor(CONFIG.high)
    assert ((found.controls >= low) & (found.controls <= high)).all()
    torch.testing.assert_close(found.identity.norm(dim=1), torch.ones(3))
    assert ((found.present > 0) & (found.present < 1)).all()
    assert (found.error > 0).all()


def test_a_picture_is_judged_alike_alone_and_in_a_batch(judges):
    pictures = picture(4, 3, 64, 64)
    for whole, alone in zip(judges(pictures), judges(pictures[2:3]), strict=True):
        torch.testing.assert_close(whole[2:3], alone, atol=1e-5, rtol=1e-4)


def test_a_closer_look_never_leads_far(judges):
    raised, pictures = copy.deepcopy(judges), picture(2, 3, 64, 64)
    before = judges(pictures).landmarks
    raised.closer.step.add_(50.0)
    off = (raised(pictures).landmarks - before).abs().max()
    assert 2 < off < 2 * 2 * REACH + 0.1, "cells of half the picture's size are two pixels wide"
    without = dataclasses.replace(CONFIG, closer=0)
    assert Judges(without).eval()(pictures).landmarks.shape == before.shape


def test_any_size_is_read_in_its_own_pixels(judges):
    small = picture(1, 3, 64, 64)
    large = torch.nn.functional.interpolate(small, scale_factor=3.0, mode="nearest")
    a, b = read(judges, small), read(judges, large)
    torch.testing.assert_close(3 * a.landmarks, b.landmarks, atol=1e-3, rtol=0)
    torch.testing.assert_close(3 * a.error, b.error)
    wide = torch.nn.functional.pad(large, (32, 32, 0, 0), mode="replicate")
    square, shift = to_square(wide)
    assert square.shape[2:] == (256, 256)
    assert shift == (0, 32)
    assert torch.equal(square[:, :, 32:224], wide)
    for shape in ((1, 1), (5, 90), (128, 70)):
        found = read(judges, picture(2, 3, *shape))
        assert all(value.isfinite().all() for value in found)
    with pytest.raises(ValueError, match="pictures"):
        read(judges, picture(1, 1, 64, 64))
    with pytest.raises(ValueError, match="pictures"):
        read(judges, picture(1, 3, 0, 64))


def test_a_careful_look_sees_the_same_in_a_mirror():
    """Four looks, of which two are in the mirror: mirrored pictures give the mirrored landmarks, to a rounding."""
    torch.manual_seed(2)
    judges = Judges(dataclasses.replace(CONFIG, landmarks=72)).eval().requires_grad_(False)
    pictures, order = picture(2, 3, 90, 90), mirror_order(72)
    once, careful, mirrored = (
        read(judges, pictures),
        read(judges, pictures, True),
        read(judges, pictures.flip(-1), True),
    )
    back = torch.stack([90 - mirrored.landmarks[..., 0], mirrored.landmarks[..., 1]], -1)[:, order]
    torch.testing.assert_close(back, careful.landmarks, atol=1e-3, rtol=0)
    torch.testing.assert_close(mirrored.visibility[:, order], careful.visibility)
    assert (careful.landmarks - once.landmarks).abs().max() > 0.1
    assert torch.equal(careful.controls, once.controls)
    assert torch.equal(careful.parts, once.parts)


def test_without_a_known_order_a_careful_look_leaves_the_mirror_out(judges):
    pictures = picture(1, 3, 64, 64)
    near = read(judges, pictures[..., 5:59, 5:59]).landmarks + 5
    torch.testing.assert_close(
        read(judges, pictures, careful=True).landmarks, (read(judges, pictures).landmarks + near) / 2, atol=1e-4, rtol=0
    )


def test_landmarks_of_one_picture_come_with_a_confidence(judges):
    points, seen, confidence = landmarks(judges, picture(3, 40, 60))
    assert points.shape == (5, 2)
    assert seen.shape == (5,)
    assert 0 <= confidence <= 1


def test_identity_looks_at_shape_alone_and_is_centred():
    told = dataclasses.replace(CONFIG, centre=(0.5, 0.0), deviation=(0.1, 0.2))
    judges = Judges(told)
    controls = torch.tensor([[0.9, 0.6, 0.0], [-0.9, 0.6, 0.0], [0.0, 0.4, 0.0]])
    torch.testing.assert_close(judges.embed(controls), torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]))


def test_the_feature_distance_is_zero_for_equal_pictures_and_can_be_followed(judges):
    wanted, distance = picture(2, 3, 64, 64), FeatureDistance(judges)
    assert distance(wanted, wanted).tolist() == [0, 0]
    near, far = (distance(wanted + s * torch.randn_like(wanted), wanted) for s in (0.05, 0.5))
    assert (near < far).all()
    made = (0.5 * wanted).requires_grad_()
    distance(made, wanted).sum().backward()
    assert made.grad.abs().sum() > 0
    before = distance(0.5 * wanted, wanted)
    wanted.mul_(0.5)
    assert before.min() > 0
    assert distance(wanted.clone(), wanted).tolist() == [0, 0]


def test_judges_survive_their_file(judges):
    tensors, metadata = to_state(judges)
    again = from_state(tensors, metadata)
    assert again.config == CONFIG
    torch.testing.assert_close(
        again(picture(1, 3, 64, 64)).landmarks, judges(picture(1, 3, 64, 64)).landmarks, atol=0.05, rtol=0
    )
    read_file = SimpleNamespace(tensors={"": tensors}, plain=metadata)
    assert from_contents(read_file).config == CONFIG
    with pytest.raises(ValueError, match="config"):
        from_state(tensors, {})
    with pytest.raises(ValueError, match="missing or unknown"):
        from_state({"heat.weight": tensors["heat.weight"]}, metadata)
    with pytest.raises(ValueError, match=r"heat.weight is \[1\]"):
        from_state({**tensors, "heat.weight": torch.zeros(1)}, metadata)


@pytest.mark.parametrize(
    "change",
    [
        {"low": (0.0,)},
        {"identity": ("nose",)},
        {"centre": (0.0,)},
        {"widths": (1, 2)},
        {"size": 40},
        {"landmarks": 0},
        {"closer": -1},
    ],
)
def test_configs_that_do_not_fit_are_refused(change):
    with pytest.raises(ValueError):
        dataclasses.replace(CONFIG, **change)
    with pytest.raises(ValueError, match="config"):
        JudgesConfig.from_json('{"size": 128}')
    with pytest.raises(ValueError, match="config"):
        JudgesConfig.from_json('{"unknown": 1}')
