"""Portraits drawn directly: what was painted is there, the rest stays, and there is no code."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from editors.attributes import attributes
from editors.translate import paint_portrait
from editors.translate.palettes import PARTS
from facet import BadInput, LabelMap
from facet.app import finish, load_registry, replay, run
from tests.translate.test_drawing import QUICK, painted, parsed, puppet
from training.translation.card import GOLDEN, WEIGHTS
from training.translation.export_direct import FILE, golden, read_direct

DIRECT = {**QUICK, "drawn": "directly"}
FOLDER = WEIGHTS / "direct_portrait"


def test_the_committed_network_draws_what_it_drew() -> None:
    kept = load_file(FOLDER / GOLDEN)
    found = golden(read_direct(FOLDER), kept["parts"], kept["tints"])
    torch.testing.assert_close(found["drawn"], kept["drawn"], rtol=1e-3, atol=2e-3)
    assert (FOLDER / FILE).stat().st_size < 6e6


def test_labels_that_say_nothing_new_change_nothing() -> None:
    made = finish(paint_portrait, {**DIRECT, "subject": puppet(), "labels": parsed()})
    assert np.abs(made.subject.pixels.astype(int) - puppet().pixels).mean() < 1.5


def test_two_hats_are_drawn_where_they_were_painted_and_the_chin_stays() -> None:
    labels = painted("hat", (0.2, 0.14, 0.8, 0.3), painted("hat", (0.3, 0.0, 0.7, 0.08)))
    made = finish(paint_portrait, {**DIRECT, "subject": puppet(), "labels": labels})
    change = np.abs(made.subject.pixels.astype(int) - puppet().pixels).mean(2)
    assert made.subject.size == puppet().size
    new = labels.mask("hat") & ~parsed().mask("hat")
    assert change[new].mean() > 12
    assert change[len(change) * 2 // 3 :].mean() < 1.5
    by_generator = finish(paint_portrait, {**QUICK, "subject": puppet(), "labels": labels})
    assert made.metrics["labels_kept"] > by_generator.metrics["labels_kept"]


def test_it_has_no_code_which_other_editors_say_and_its_recipe_replays() -> None:
    *_, made = run(paint_portrait, {**DIRECT, "labels": parsed(), "seed": 9})
    assert made.subject.latent is None
    with pytest.raises(BadInput, match="has no latent code, which this editor needs"):
        finish(attributes, {"subject": made.subject, "strengths": {"smile": 1.0}})
    again = replay(load_registry(), made.subject.lineage)
    assert np.array_equal(again.subject.pixels, made.subject.pixels)


def test_further_outputs_have_other_colours_and_parts_unknown_to_both_have_some() -> None:
    labels = painted("earring", (0.05, 0.6, 0.12, 0.7))
    made = finish(paint_portrait, {**DIRECT, "labels": labels, "others": 2, "subject": puppet()})
    names = [name for name in made.images if name.startswith("colours of seed")]
    assert len(names) == 2
    seed = int(names[1].split()[-1])
    alone = finish(paint_portrait, {**DIRECT, "subject": puppet(), "labels": labels, "colours": "seed",
                                    "colour_seed": seed})  # fmt: skip
    assert np.array_equal(np.asarray(made.images[names[1]]), alone.subject.pixels)
    assert not np.array_equal(np.asarray(made.images[names[0]]), alone.subject.pixels)
    middle = made.subject.pixels[int(0.65 * 128), int(0.085 * 128)].astype(int)
    assert np.abs(middle - puppet().pixels[int(0.65 * 128), int(0.085 * 128)]).sum() > 20


@pytest.mark.parametrize("size", [(33, 70), (300, 41)])
def test_odd_shapes_are_padded(size: tuple[int, int]) -> None:
    indices = np.full(size[::-1], PARTS.index("skin"), np.uint8)
    indices[: size[1] // 4] = PARTS.index("hair")
    made = finish(paint_portrait, {**DIRECT, "labels": LabelMap(indices, PARTS)})
    assert made.subject.size == (128, 128)
