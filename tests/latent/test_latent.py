"""The latent editor: its rules, its maths, a generator of the user's own, and files that are no generator."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from editors.latent import GENERATORS, latent
from editors.latent.method import SPANS, towards
from facet import BadInput, OwnFile
from facet.app import LicenceNeeded, OutOfMemory, Registry, finish, replay
from facet.testing import Conformance
from facet.weights import WeightsCorrupt, WeightsMissing
from nets.stylegan2 import Generator, GeneratorConfig, Layout, to_state
from nets.stylegan2.sampling import codes, picture


class TestLatent(Conformance):
    editor = latent


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    channels = {4: 16, 8: 16, 16: 16, 32: 8, 64: 8}
    return Generator(GeneratorConfig(64, channels, z_dim=16, w_dim=16, mapping_layers=2)).eval()


@pytest.fixture
def own(tiny, tmp_path):
    path = tmp_path / "mine.safetensors"
    save_file(to_state(tiny), path, {"config": tiny.config.to_json()})
    return path


def test_truncation_goes_to_the_mean(tiny):
    full, half, mean = (codes(tiny, [3], psi) for psi in (1, 0.5, 0))
    assert torch.allclose(mean, tiny.mapping.w_avg.expand_as(mean))
    assert torch.allclose(half, (full + mean) / 2, atol=1e-6)


@pytest.mark.parametrize("span", list(SPANS))
def test_mixing_takes_only_the_rows_of_its_span(tiny, span):
    one, other = codes(tiny, [1], 1), codes(tiny, [2], 1)
    mixed = towards(one, other, 1.0, slice(*SPANS[span]))
    changed = [row for row in range(tiny.config.num_ws) if not torch.equal(mixed[0, row], one[0, row])]
    assert changed == list(range(tiny.config.num_ws))[slice(*SPANS[span])]
    assert torch.equal(mixed[0, changed], other[0, changed])


def test_interpolation_in_z_and_in_w_meets_both_seeds_and_differs_between(own):
    def made(mix, amount, seed=5):
        values = {"own_model": str(own), "gallery": 1, "seed": seed, "mix": mix, "mix_seed": 9, "amount": amount}
        return finish(latent, values).subject.latent

    plain, other = made("none", 1), made("none", 1, seed=9)
    for mix in ("all", "z"):
        assert np.allclose(made(mix, 0), plain, atol=1e-5)
        assert np.allclose(made(mix, 1), other, atol=1e-5)
    assert np.allclose(made("all", 0.5), (plain + other) / 2, atol=1e-5)
    assert np.abs(made("z", 0.5) - made("all", 0.5)).max() > 1e-3


def test_a_generator_of_ones_own_in_two_layouts_gives_the_same_picture(tiny, own, tmp_path):
    torch.save({"g_ema": to_state(tiny, Layout.ROSINALITY)}, tmp_path / "mine.pt")
    first = finish(latent, {"own_model": str(own), "gallery": 3, "seed": 5})
    second = finish(latent, {"own_model": str(tmp_path / "mine.pt"), "gallery": 3, "seed": 5})
    with torch.no_grad():
        expected = (picture(tiny, codes(tiny, [5], 0.8)) * 255 + 0.5).byte().permute(1, 2, 0).numpy()
    assert np.abs(first.subject.pixels.astype(int) - expected).max() <= 1
    assert np.abs(first.subject.pixels.astype(int) - second.subject.pixels).max() <= 1
    assert list(first.images) == ["seed 5", "seed 6", "seed 7"]
    assert first.subject.latent.shape == (tiny.config.num_ws, 16)
    assert first.subject.generator.id.startswith("file:")
    assert str(own.parent) not in str(first.recipe)


def test_a_recipe_with_a_file_of_ones_own_needs_that_file(own, tmp_path):
    result = finish(latent, {"own_model": str(own), "gallery": 1})
    registry = Registry(editors={"latent": latent})
    again = replay(registry, result.subject.lineage, {"own_model": OwnFile(own)})
    assert again.subject.sha256 == result.subject.sha256
    with pytest.raises(BadInput, match="own_model: is needed"):
        replay(registry, result.subject.lineage)
    other = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(3)}, other)
    with pytest.raises(BadInput, match="not the file the recipe was made with"):
        replay(registry, result.subject.lineage, {"own_model": OwnFile(other)})


def test_a_file_that_is_no_generator_is_named_for_what_it_is(tmp_path):
    lfs, page, other = tmp_path / "a.pkl", tmp_path / "b.pkl", tmp_path / "c.pt"
    lfs.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 381462551\n")
    page.write_text("<!doctype html><html>404</html>")
    torch.save({"hello": torch.zeros(3)}, other)
    for path, said in ((lfs, "git-LFS|Git LFS"), (page, "web page|HTML"), (other, "not a StyleGAN2 generator")):
        with pytest.raises(WeightsCorrupt, match=said):
            finish(latent, {"own_model": str(path), "gallery": 1})
    with pytest.raises(BadInput, match="own_model: no such file"):
        finish(latent, {"own_model": str(tmp_path / "absent.pkl")})


def test_a_generator_of_other_than_three_channels_or_another_kind_is_named(tmp_path):
    channels = {4: 8, 8: 8, 16: 8}
    for count, said in ((1, ""), (2, "images of 2 channels"), (4, "images of 4 channels; a picture has 3")):
        torch.manual_seed(0)
        config = GeneratorConfig(16, channels, z_dim=8, w_dim=8, mapping_layers=2, img_channels=count)
        path = tmp_path / f"{count}.safetensors"
        save_file(to_state(Generator(config)), path, {"config": config.to_json()})
        if not said:
            assert finish(latent, {"own_model": str(path), "gallery": 1}).subject.pixels.shape == (16, 16, 3)
            continue
        with pytest.raises(WeightsCorrupt, match=said):
            finish(latent, {"own_model": str(path), "gallery": 1})
    names = ("mapping.fc0.weight", "synthesis.input.weight", "synthesis.input.freqs", "synthesis.L0_36_512.weight")
    torch.save({"G_ema": {name: torch.zeros(4, 4) for name in names}}, tmp_path / "three.pt")
    with pytest.raises(WeightsCorrupt, match="StyleGAN3"):
        finish(latent, {"own_model": str(tmp_path / "three.pt"), "gallery": 1})


def test_a_generator_that_does_not_fit_in_memory_is_refused_in_a_sentence(tmp_path, monkeypatch):
    def no_room(value, device, dtype):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    torch.manual_seed(77)  # a file that no test has loaded yet
    config = GeneratorConfig(16, {4: 8, 8: 8, 16: 8}, z_dim=8, w_dim=8, mapping_layers=2)
    save_file(to_state(Generator(config)), tmp_path / "large.safetensors", {"config": config.to_json()})
    monkeypatch.setattr("registry.weights.building._placed", no_room)
    with pytest.raises(OutOfMemory, match="does not fit into the memory of"):
        finish(latent, {"own_model": str(tmp_path / "large.safetensors"), "gallery": 1})


def test_without_the_hub_the_embedded_generator_steps_in_and_says_so(monkeypatch):
    monkeypatch.setenv("FACET_OFFLINE", "1")
    result = finish(latent, {"model": "lions_512", "gallery": 1})
    (weights,) = result.recipe["weights"]
    assert weights["embedded"]
    assert "offline" in weights["notice"]


def test_non_commercial_weights_are_asked_about_first(monkeypatch, tmp_path):
    monkeypatch.setenv("FACET_HOME", str(tmp_path))
    monkeypatch.delenv("FACET_ACCEPT_LICENCES", raising=False)
    monkeypatch.setenv("FACET_OFFLINE", "0")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises((LicenceNeeded, WeightsMissing), match="NVIDIA Source Code License"):
        finish(latent, {"model": "ffhq_1024", "gallery": 1})


def test_every_generator_falls_back_on_the_embedded_one():
    assert GENERATORS[0].name == "puppets"
    assert all(net.sources[-1] is GENERATORS[0].sources[0] for net in GENERATORS)
    assert all(source.licence for net in GENERATORS for source in net.sources)
