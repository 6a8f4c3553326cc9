"""The inversion encoder untrained: shapes, any picture, errors that name what is wrong."""

import dataclasses
from types import SimpleNamespace

import pytest
import torch

from nets.encoder import Encoder, EncoderConfig, encode, from_contents, from_state, to_state
from nets.judges import JudgesConfig

JUDGES = JudgesConfig(
    parts=("background", "skin"), controls=("yaw", "chin"), low=(-0.5, -1), high=(0.5, 1), identity=("chin",),
    size=64, widths=(8, 12, 12, 16), hidden=16, landmarks=5,
)  # fmt: skip
CONFIG = EncoderConfig(JUDGES, num_ws=6, w_dim=10, hidden=20, placed=4)


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(1)
    net = Encoder(CONFIG).eval().requires_grad_(False)
    net.centre.copy_(torch.linspace(-1, 1, 10))
    net.deviation.fill_(0.5)
    return net


def picture(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(4)) * 2 - 1


def test_codes_become_w_plus_about_the_mean(encoder):
    pictures = picture(3, 3, 64, 64)
    w, deltas = encoder.codes(pictures)
    assert w.shape == (3, 10)
    assert deltas.shape == (3, 6, 10)
    assert not deltas.any(), "rows are equal until training says otherwise"
    expected = encoder.centre + 0.5 * w[:, None].expand(-1, 6, -1)
    torch.testing.assert_close(encoder(pictures), expected)


@pytest.mark.parametrize("shape", [(1, 1), (3, 90), (64, 64), (200, 130)])
def test_any_picture_is_encoded(encoder, shape):
    w_plus = encode(encoder, picture(2, 3, *shape))
    assert w_plus.shape == (2, 6, 10)
    assert w_plus.isfinite().all()


def test_grey_pictures_and_wrong_ones(encoder):
    assert encode(encoder, torch.zeros(1, 3, 64, 64)).isfinite().all()
    for wrong in (picture(1, 1, 64, 64), picture(3, 64, 64), picture(1, 3, 0, 5)):
        with pytest.raises(ValueError, match="pictures"):
            encode(encoder, wrong)


def test_an_encoder_survives_its_file(encoder):
    tensors, metadata = to_state(encoder)
    again = from_state(tensors, metadata)
    assert again.config == CONFIG
    pictures = picture(1, 3, 64, 64)
    torch.testing.assert_close(again(pictures), encoder(pictures), atol=0.05, rtol=0.05)
    assert from_contents(SimpleNamespace(tensors={"": tensors}, plain=metadata)).config == CONFIG
    with pytest.raises(ValueError, match="config"):
        from_state(tensors, {})
    with pytest.raises(ValueError, match="missing or unknown"):
        from_state({"centre": tensors["centre"]}, metadata)
    with pytest.raises(ValueError, match=r"centre is \[3\]"):
        from_state({**tensors, "centre": torch.zeros(3)}, metadata)
    with pytest.raises(ValueError, match="config"):
        EncoderConfig.from_json('{"num_ws": 3}')
    with pytest.raises(ValueError, match="size"):
        dataclasses.replace(CONFIG, hidden=0)
