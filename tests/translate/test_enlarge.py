"""Enlarge: the filter, networks of Real-ESRGAN from files, and what is refused."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from editors.published.enlarge import enlarge
from facet import BadInput
from facet.app import finish
from facet.testing import Conformance
from facet.weights import WeightsCorrupt, WeightsMissing
from tests.nets.translation_files import PlainCompact, PlainResnet, PlainRrdb, scrambled
from training.translation.card import GOLDEN, WEIGHTS
from training.translation.export_enlarger import FILE, doubling_figures, read_doubling
from training.trunk.convert import read_trunk

FOLDER = WEIGHTS / "doubling"


class TestEnlarge(Conformance):
    """The house rules, with the filter."""

    editor = enlarge


def picture(height=30, width=44, seed=0):
    small = np.random.default_rng(seed).integers(40, 200, (6, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def made(**values):
    return finish(enlarge, {"subject": picture(), **values}, threads=1).subject.pixels


@pytest.fixture
def saved(tmp_path):
    def save(net, key="params_ema"):
        path = tmp_path / "net.pth"
        torch.save({key: scrambled(net).state_dict()} if key else scrambled(net).state_dict(), path)
        return {"method": "own", "own_model": str(path)}

    return save


def test_the_filter_is_lanczos():
    wanted = np.asarray(Image.fromarray(picture()).resize((176, 120), Image.Resampling.LANCZOS))
    assert np.array_equal(made(factor="4", method="lanczos"), wanted)


@pytest.mark.parametrize("key", ["params_ema", "params", ""])
@torch.no_grad()
def test_a_network_draws_at_its_own_scale_and_is_brought_to_the_wanted_one(saved, key):
    net = PlainCompact(4)
    file = saved(net, key)
    given = torch.from_numpy(picture().copy()).permute(2, 0, 1)[None] / 255
    wanted = (net(given)[0].permute(1, 2, 0) * 255).round().clamp(0, 255).numpy().astype(np.uint8)
    assert np.abs(made(factor="4", **file).astype(int) - wanted).max() <= 1
    half = np.asarray(Image.fromarray(wanted).resize((88, 60), Image.Resampling.LANCZOS))
    assert np.abs(made(factor="2", **file).astype(int) - half).max() <= 2
    assert np.abs(made(factor="4", strength=0, **file).astype(int) - made(factor="4", method="lanczos")).max() == 0


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_rrdb_networks_of_every_scale_at_odd_sizes(saved, scale):
    assert made(subject=picture(31, 45), factor="2", **saved(PlainRrdb(scale))).shape == (62, 90, 3)


@torch.no_grad()
def test_tiles_give_what_one_pass_gives(saved, monkeypatch):
    file = saved(PlainCompact(2))
    whole = made(subject=picture(90, 130), **file)
    monkeypatch.setattr("editors.published.models.WORK", 4 * 4 * 12 * 4 * 48 * 48)
    assert np.abs(made(subject=picture(90, 130), **file).astype(int) - whole).max() <= 1


def test_what_cannot_be_is_refused_in_a_sentence(saved, monkeypatch):
    with pytest.raises(BadInput, match=r"factor: would give 32 megapixels. The most is 25"):
        made(subject=np.zeros((1000, 2000, 3), np.uint8), factor="4")
    with pytest.raises(BadInput, match="own_model: is missing"):
        made(method="own")
    with pytest.raises(BadInput, match="own_model: is not used"):
        made(**saved(PlainCompact(2)) | {"method": "lanczos"})
    with pytest.raises(WeightsCorrupt, match="this is a ResNet generator of CycleGAN.*Real-ESRGAN"):
        made(**saved(PlainResnet(ngf=4, blocks=1), ""))
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="Real-ESRGAN"):
        made(method="realesrgan_x4")


def test_the_committed_network_says_what_it_said():
    kept = load_file(FOLDER / GOLDEN)
    torch.testing.assert_close(read_doubling(FOLDER)(kept["pictures"]), kept["doubled"], rtol=1e-2, atol=1e-2)
    assert (FOLDER / FILE).stat().st_size < 6e6


def test_facet_s_own_network_is_nearer_to_a_photograph_than_the_filters_and_runs_twice_for_four_times():
    network, *filters = (doubling_figures(read_doubling(FOLDER), read_trunk(WEIGHTS / "vgg16_edges"), 2)[name]
                         for name in ("network", "bicubic", "lanczos"))  # fmt: skip
    assert all(network["psnr_db"] > one["psnr_db"] for one in filters)
    assert all(network["perceptual"] < one["perceptual"] for one in filters)
    twice = made(method="facet", factor="4")
    assert np.array_equal(twice, made(subject=made(method="facet"), method="facet"))
    assert np.array_equal(made(method="facet", factor="4", strength=0), made(factor="4", method="lanczos"))
