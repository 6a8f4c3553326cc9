"""Conditional generators: a class that is not there is refused, and a picture keeps the class it was drawn in."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from editors.inversion.start import likely_class, nearest
from facet import BadInput, Subject
from facet.app import finish, load_registry, replay
from facet.stylegan import GeneratorRef, class_of
from nets.stylegan2 import Generator, GeneratorConfig, to_state
from nets.stylegan2.sampling import codes
from registry.saved.lineage import subject_with_lineage
from tests.saving import save_png

CLASSES = 11


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture(scope="module")
def conditional():
    torch.manual_seed(5)
    widths = {4: 8, 8: 8, 16: 8, 32: 4}
    net = Generator(GeneratorConfig(32, widths, z_dim=8, w_dim=8, c_dim=CLASSES, mapping_layers=2)).eval()
    net.mapping.w_avg = net.mapping.measure(512)
    return net.requires_grad_(False)


@pytest.fixture
def own(conditional, tmp_path):
    save_file(to_state(conditional), tmp_path / "net.safetensors", {"config": conditional.config.to_json()})
    return str(tmp_path / "net.safetensors")


@pytest.fixture
def seven(registry, own):
    return finish(registry.get("latent"), {"own_model": own, "gallery": 1, "seed": 4, "label": 7}).subject


def test_a_class_that_is_not_there_is_refused(registry, own, seven, conditional):
    with pytest.raises(BadInput, match="label: is 11, but this generator has 11 classes, 0 to 10"):
        finish(registry.get("latent"), {"own_model": own, "label": 11})
    for name in ("latent_mix", "nearest_seed", "walk"):
        with pytest.raises(BadInput, match="0 to 10"):
            finish(registry.get(name), {"subject": seven, "label": 11})
    with pytest.raises(BadInput, match="0 to 10"):
        finish(registry.get("latent_arithmetic"), {"subject": seven, "label": 11, "formula": "A - seed 3"})
    with pytest.raises(ValueError, match="0 to 10"):
        codes(conditional, [1], 1.0, 11)
    with pytest.raises(ValueError, match="0 to 10"):
        codes(conditional, [1], 1.0)


def test_a_picture_says_its_class_and_a_saved_one_too(seven, conditional, tmp_path):
    assert seven.generator.label == 7
    assert torch.allclose(torch.from_numpy(seven.latent), codes(conditional, [4], 0.8, 7)[0])
    save_png(seven, tmp_path / "a.png")
    assert subject_with_lineage(tmp_path / "a.png").generator == seven.generator
    assert "label" not in seven.lineage[-1]["inputs"].get("subject", {})


def test_one_that_does_not_say_it_is_asked(registry, seven, conditional):
    mute = Subject(seven.pixels, seven.latent, GeneratorRef(seven.generator.id))
    with pytest.raises(BadInput, match="does not say which of 11 classes it is"):
        finish(registry.get("latent_mix"), {"subject": mute})
    assert finish(registry.get("latent_mix"), {"subject": mute, "label": 3}).subject.latent is not None
    plain = type("Plain", (), {"config": type("Config", (), {"c_dim": 0})})
    assert class_of(plain, 5) is None


def test_seeds_are_drawn_in_the_class_of_the_picture(registry, seven, conditional):
    mixed = finish(registry.get("latent_mix"), {"subject": seven, "rows": "all: seed 9", "way": "w_plus"}).subject
    wanted = codes(conditional, [9], 0.8, 7)[0].numpy()
    assert np.allclose(mixed.latent, wanted, atol=1e-5)
    assert mixed.generator.label == 7
    values = {"subject": seven, "among": 100, "truncation_psi": 0.8}
    found = finish(registry.get("nearest_seed"), values)
    assert found.metrics["seed"] == 4
    assert found.metrics["distance"] < 1e-3
    away = finish(registry.get("nearest_seed"), {**values, "label": 2})
    assert away.subject.generator.label == 2
    summed = finish(registry.get("latent_arithmetic"), {"subject": seven, "formula": "seed 9"}).subject
    assert np.allclose(summed.latent, wanted, atol=1e-5)
    assert summed.generator.label == 7


def test_films_keep_the_class(registry, seven, conditional):
    short = {"subject": seven, "seconds": 0.5, "fps": 4, "format": "gif", "seeds": "9, 12"}
    still = finish(registry.get("walk"), {**short, "way": "z"}).subject
    assert still.generator.label == 7
    assert np.allclose(still.latent, codes(conditional, [9], 0.8, 7)[0].numpy(), atol=1e-5)
    assert finish(registry.get("walk"), short).subject.generator.label == 7
    assert finish(registry.get("walk"), {**short, "way": "z", "label": 3}).subject.generator.label == 3


def test_inversion_looks_in_all_classes_and_keeps_the_pictures_own(registry, own, seven, conditional):
    with torch.no_grad():
        image = conditional.synthesis(codes(conditional, [4], 1.0, 10), "const")
    _, found = nearest(conditional, image, 110, seed=0)
    assert found is not None
    drawn, kept = nearest(conditional, image, 16, seed=0, kind=9)
    assert kept == 9
    for label in (0, 6, 10):
        assert likely_class(conditional, codes(conditional, range(64), 1.0, label).mean(0, keepdim=True)) == label
    invert = registry.get("invert")
    quick = {"own_model": own, "align": "none", "steps": 2, "tuning": 0, "candidates": 8}
    again = finish(invert, {**quick, "subject": seven, "start": "nearest"}).subject
    assert again.generator.label == 7
    for start in ("mean", "nearest"):
        stranger = finish(invert, {**quick, "subject": Subject(seven.pixels), "start": start}).subject
        assert 0 <= stranger.generator.label < CLASSES
        assert finish(registry.get("latent_mix"), {"subject": stranger}).subject.generator == stranger.generator


def test_a_recipe_with_the_pictures_own_class_is_replayed(registry, own, seven):
    from facet import OwnFile

    mixed = finish(registry.get("latent_mix"), {"subject": seven}).subject
    again = replay(registry, mixed.lineage, {"own_model": OwnFile(__import__("pathlib").Path(own))})
    assert again.subject.sha256 == mixed.sha256


@pytest.mark.parametrize("wrong", [-1, 9000, "3", True, 1.5])
def test_a_chunk_with_an_impossible_class_is_not_believed(seven, tmp_path, wrong):
    import json

    from registry.saved.lineage import png_bytes
    from registry.saved.png_payload import LATENT, chunks_of, read_carried

    line, _, raw = dict(chunks_of(seven))[LATENT].partition(b"\n")
    content = json.dumps({**json.loads(line), "label": wrong}).encode() + b"\n" + raw
    (tmp_path / "a.png").write_bytes(png_bytes(seven.pixels, (), [(LATENT, content)]))
    assert read_carried(tmp_path / "a.png", seven.sha256) is None
