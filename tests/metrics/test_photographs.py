"""Distances in features that know photographs."""

import numpy as np
import pytest

from facet import Subject
from facet.weights import VGG16_EDGES
from metrics import METRICS, NETS
from registry.weights.declare import Net
from registry.weights.loaded import load_net
from surfaces.compare.measures import network


@pytest.fixture(scope="module")
def trunk():
    return load_net(Net("vgg16_edges", NETS["vgg16_edges"], (VGG16_EDGES,))).module


@pytest.fixture(scope="module")
def picture():
    return Subject.read("sample:chelsea").pixels[::2, ::2]


def test_a_comparison_has_the_trunk_without_a_download():
    assert network("vgg16_edges") is not None


def test_equal_pictures_are_at_no_distance(trunk, picture):
    assert METRICS["perceptual"](result=picture, subject=picture, network=trunk) < 1e-6
    assert METRICS["style_trunk"](result=picture, style=picture, network=trunk) < 1e-4


def test_more_of_a_change_is_farther(trunk, picture):
    random = np.random.default_rng(0)
    noise = random.normal(size=picture.shape)
    noisy = [np.clip(picture + s * noise, 0, 255).astype(np.uint8) for s in (5, 20, 60)]
    found = [METRICS["perceptual"](result=each, subject=picture, network=trunk) for each in noisy]
    assert 0 < found[0] < found[1] < found[2]


def test_a_shift_is_nearer_than_noise_of_the_same_error(trunk, picture):
    moved = np.roll(picture, 1, 1)
    error = (moved.astype(float) - picture).std()
    noisy = np.clip(picture + np.random.default_rng(1).normal(size=picture.shape) * error, 0, 255).astype(np.uint8)
    near, far = (METRICS["perceptual"](result=each, subject=picture, network=trunk) for each in (moved, noisy))
    assert near < 0.5 * far


def test_a_piece_of_a_style_is_nearer_to_it_than_another_style(trunk):
    style, other = (Subject.read(f"sample:{name}").pixels for name in ("night", "pencil"))
    piece = style[: style.shape[0] * 3 // 4, : style.shape[1] * 3 // 4]
    near, far = (METRICS["style_trunk"](result=each, style=style, network=trunk) for each in (piece, other))
    assert near < 0.5 * far
    assert METRICS["style_trunk"].home_of == ("neural_style", "adain", "wct", "fast_style", "adapt")
