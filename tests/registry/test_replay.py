"""Making a picture again, to the bit, or being told why not."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest

from facet import BadInput, MaskInput, Step, Subject, editor
from facet.app import Registry, finish, load_registry, replay
from registry.conformance.sample_inputs import small_picture
from registry.inputs.marks import Mask

PICTURE = Subject.read(small_picture(30, 20))


@pytest.fixture
def registry(drop_in):
    drop_in("good_one")
    return load_registry()


def made(registry, subject=PICTURE, **values):
    return finish(registry.get("good_one"), {"subject": subject, **values}, threads=1)


def test_bit_equal(registry):
    result = made(registry, steps=5, seed=3, strength=0.7)
    again = replay(registry, result.subject.lineage, {"subject": PICTURE})
    assert again.subject.sha256 == result.subject.sha256
    assert dict(again.recipe) == dict(result.recipe)


def test_a_drawn_seed_is_replayed(registry):
    result = made(registry, seed=-1)
    again = replay(registry, result.subject.lineage, {"subject": PICTURE})
    assert again.subject.sha256 == result.subject.sha256


def test_a_stopped_run_is_replayed_to_where_it_was_stopped(registry):
    cut = finish(registry.get("good_one"), {"subject": PICTURE, "steps": 9}, threads=1, last_step=4)
    again = replay(registry, cut.subject.lineage, {"subject": PICTURE})
    assert cut.recipe["steps"] == 4
    assert again.subject.sha256 == cut.subject.sha256


def test_a_lineage_of_several_edits(registry):
    first = made(registry)
    second = made(registry, subject=first.subject, seed=2)
    assert len(second.subject.lineage) == 2
    assert replay(registry, second.subject.lineage, {"subject": PICTURE}).subject.sha256 == second.subject.sha256


def test_on_another_processor_an_edit_goes_on_from_what_the_edit_before_it_gives_there(registry):
    first = made(registry)
    second = made(registry, subject=first.subject, seed=2)
    elsewhere = "0" * 64  # what the first edit gave on the machine of the recipe
    one, two = second.subject.lineage
    two = {**two, "inputs": {**two["inputs"], "subject": {**two["inputs"]["subject"], "sha256": elsewhere}}}
    again = replay(registry, [{**one, "result": elsewhere}, two], {"subject": PICTURE})
    assert again.subject.sha256 == second.subject.sha256
    with pytest.raises(BadInput, match="subject: is not the picture"):  # the two do not belong together
        replay(registry, [one, two], {"subject": PICTURE})


def test_a_sample_needs_no_file(registry):
    result = made(registry, subject=Subject.read("sample:chelsea"), steps=1)
    assert replay(registry, result.subject.lineage).subject.sha256 == result.subject.sha256


def test_the_wrong_source_is_refused(registry):
    lineage = made(registry).subject.lineage
    other = Subject.read(255 - PICTURE.pixels)
    with pytest.raises(BadInput, match=r"subject: is not the picture the recipe was made with \(30 × 20"):
        replay(registry, lineage, {"subject": other})
    with pytest.raises(BadInput, match="subject: is needed: .* Give it as --subject"):
        replay(registry, lineage)


def test_an_unknown_editor_another_version_and_nothing_are_refused(registry):
    (recipe,) = made(registry).subject.lineage
    with pytest.raises(BadInput, match="there is none called 'gone'"):
        replay(registry, [{**recipe, "editor": "gone"}], {"subject": PICTURE})
    with pytest.raises(BadInput, match="was made by good_one 0.9 and 1.0 is installed"):
        replay(registry, [{**recipe, "version": "0.9"}], {"subject": PICTURE})
    with pytest.raises(BadInput, match="is empty"):
        replay(registry, [])


def test_changed_inputs_are_judged_like_any_others(registry):
    (recipe,) = made(registry).subject.lineage
    for inputs, why in [({"strength": 7}, "strength: must be"), ({"more": 1}, "more: is no input")]:
        with pytest.raises(BadInput, match=why):
            replay(registry, [{**recipe, "inputs": {**recipe["inputs"], **inputs}}], {"subject": PICTURE})
    with pytest.raises(BadInput, match="subject: is not recorded by a sha256"):
        replay(registry, [{**recipe, "inputs": {"subject": "/etc/hostname"}}], {"subject": PICTURE})


def test_a_mask_is_part_of_the_recipe_and_never_a_path():
    @editor("masked", "Masked", task="restyle", gpu_seconds=0)
    def masked(
        ctx, *, subject: Subject, mask: Annotated[Mask | None, MaskInput(doc="May change.")] = None
    ) -> Iterator[Step]:
        """Blacken what may change."""
        yield Step(np.where(mask[..., None], 0, subject.pixels).astype(np.uint8), done=1)

    registry = Registry({"masked": masked})
    mask = np.zeros((20, 30), bool)
    mask[4:9, 5:20] = True
    result = finish(masked, {"subject": PICTURE, "mask": mask}, threads=1)
    again = replay(registry, result.subject.lineage, {"subject": PICTURE})
    assert again.subject.sha256 == result.subject.sha256
    assert not again.subject.pixels[mask].any()
    (recipe,) = result.subject.lineage
    with pytest.raises(BadInput, match="mask: is not recorded as a mask"):
        replay(registry, [{**recipe, "inputs": {**recipe["inputs"], "mask": "/tmp/a.png"}}], {"subject": PICTURE})


def test_other_weights_than_recorded_are_refused():
    from registry.execution.replay import _same_weights

    row = {"net": "puppets", "repo": "", "file": "generator.safetensors", "sha256": "a" * 64}
    _same_weights([row], [row])
    with pytest.raises(BadInput, match="weights that are not to be had now: embedded generator.safetensors"):
        _same_weights([row], [row | {"sha256": "b" * 64}])
    with pytest.raises(BadInput, match="not to be had now"):
        _same_weights([row], [])
