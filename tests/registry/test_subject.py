"""The picture on its way through the editors."""

import numpy as np
import pytest
import torch

from facet import BadInput, Subject
from facet.stylegan import GeneratorRef
from registry.conformance.sample_inputs import small_picture
from registry.subjects.samples import COLLECTIONS, collection

PIXELS = small_picture(30, 20)


def test_a_subject_is_read_once():
    subject = Subject.read(PIXELS)
    assert Subject.read(subject) is subject
    assert subject.size == (30, 20)
    assert subject.image.size == (30, 20)


def test_a_tensor_of_it():
    tensor = Subject.read(PIXELS).tensor()
    assert tensor.shape == (1, 3, 20, 30)
    assert tensor.dtype == torch.float32
    assert torch.equal((tensor[0] * 255).round().byte(), torch.from_numpy(PIXELS.copy()).permute(2, 0, 1))


def test_an_edit_makes_a_new_subject_with_a_longer_lineage():
    subject = Subject.read(PIXELS)
    code, where = np.zeros((14, 512), np.float32), GeneratorRef("puppets")
    edited = subject.then(255 - PIXELS, {"editor": "a"}, code, where)
    again = edited.then(PIXELS, {"editor": "b"})
    assert [recipe["editor"] for recipe in again.lineage] == ["a", "b"]
    assert subject.lineage == ()
    assert (edited.latent is code, edited.generator) == (True, where)
    assert (again.latent, again.generator) == (None, None)
    assert edited.sha256 != subject.sha256 == again.sha256


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_bundled_picture_can_be_read_and_is_attributed(name):
    for entry in collection(name):
        assert Subject.read(f"sample:{entry.id}").sample_id == entry.id
        assert entry.licence
        assert entry.title


def test_there_are_at_least_four_photographs():
    assert len(collection("samples")) >= 4


def test_there_is_no_collection_of_that_name():
    assert collection("nothing") == ()


def test_an_unknown_sample_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match="subject: no sample is called 'cat'. There are: .*chelsea"):
        Subject.read("sample:cat")
