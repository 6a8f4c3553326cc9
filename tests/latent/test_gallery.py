"""Further pictures are results of their own: each has its own seed, code and recipe, and is made again by it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from editors.latent import latent, latent_mix, nearest_seed
from facet import BadInput
from facet.app import finish, load_registry, replay
from registry.saved.lineage import subject_with_lineage
from surfaces.outputs.films import save_further
from tests.saving import save_png

VALUES = {"model": "puppets", "seed": 5, "gallery": 3, "mix": "fine", "mix_seed": 8}


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture
def gallery():
    return finish(latent, VALUES)


def test_every_picture_has_its_own_seed_code_and_recipe(gallery):
    assert list(gallery.further) == ["seed 5", "seed 6", "seed 7"]
    for number, (name, subject) in enumerate(gallery.further.items(), 5):
        recipe = subject.lineage[-1]
        assert recipe["seed"] == recipe["inputs"]["seed"] == number
        assert recipe["inputs"]["gallery"] == 1
        assert recipe["result"] == subject.sha256
        assert np.array_equal(subject.pixels, gallery.images[name])
        assert subject.generator == gallery.subject.generator
        alone = finish(latent, {**VALUES, "seed": number, "gallery": 1}).subject
        assert alone.sha256 == subject.sha256
        assert np.array_equal(alone.latent, subject.latent)
    assert np.array_equal(gallery.further["seed 5"].latent, gallery.subject.latent)


def test_files_of_the_command_line_are_made_again_and_edited_on(gallery, registry, tmp_path):
    first, second, third = save_further(gallery, tmp_path / "all")
    read = subject_with_lineage(third)
    assert np.array_equal(read.latent, gallery.further["seed 7"].latent)
    assert replay(registry, read.lineage).subject.sha256 == read.sha256
    mixed = finish(latent_mix, {"subject": read, "second": subject_with_lineage(second), "rows": "fine: second"})
    assert len(mixed.subject.lineage) == 2
    assert subject_with_lineage(first).lineage[-1]["seed"] == 5


def test_a_further_picture_that_no_inputs_make_names_itself_in_the_recipe(gallery, registry, tmp_path):
    source = gallery.subject
    found = finish(nearest_seed, {"subject": source, "among": 200, "gallery": 3})
    name, subject = list(found.further.items())[2]
    assert subject.lineage[-1]["further"] == name
    assert subject.latent is not None
    assert not np.array_equal(subject.latent, found.subject.latent)
    save_png(subject, tmp_path / "a.png")
    again = replay(registry, subject_with_lineage(tmp_path / "a.png").lineage)
    assert again.subject.sha256 == subject.sha256
    assert np.array_equal(again.subject.latent, subject.latent)
    other = {**subject.lineage[-1], "further": "seed 1, 0.00"}
    with pytest.raises(BadInput, match="names the further picture “seed 1, 0.00”"):
        replay(registry, [*source.lineage, other])


def test_pictures_without_a_code_carry_none_but_a_true_recipe(registry, gallery):
    invert = registry.get("invert")
    made = finish(invert, {**invert.trial, "subject": gallery.subject})
    error = made.further["error"]
    assert error.latent is None
    assert error.lineage[-1]["further"] == "error"
    assert error.lineage[-1]["result"] == error.sha256


def test_over_http_every_picture_can_be_fetched(monkeypatch, tmp_path):
    from surfaces.page import endpoints, saved

    monkeypatch.setattr(saved, "get_upload_folder", lambda: str(tmp_path))
    *_, (path, recipe, measured) = endpoints.endpoint(latent)(*[VALUES.get(entry.name) for entry in latent.inputs])
    assert [each["name"] for each in measured["further"]] == ["seed 5", "seed 6", "seed 7"]
    json.dumps(measured)
    for each, seed in zip(measured["further"], (5, 6, 7), strict=True):
        subject = subject_with_lineage(each["file"]["path"])
        assert subject.latent is not None
        assert each["recipe"]["seed"] == subject.lineage[-1]["seed"] == seed
    assert recipe["seed"] == 5


def test_a_picture_does_not_depend_on_its_neighbours():
    one = finish(latent, {**VALUES, "gallery": 1}).subject
    many = finish(latent, {**VALUES, "gallery": 4}).subject
    assert one.sha256 == many.sha256
    assert torch.equal(torch.from_numpy(one.latent), torch.from_numpy(many.latent))
