"""Switching units off, and finding those that draw a region."""

import numpy as np
import pytest
import torch

from editors.latent import units
from editors.latent.method import agreement, with_units
from facet import BadInput
from facet.app import finish
from facet.testing import Conformance
from nets.stylegan2.sampling import codes, picture


class TestUnits(Conformance):
    editor = units


def test_a_gain_of_one_changes_nothing_and_the_shared_generator_stays_whole(generator):
    w_plus = codes(generator, [3], 1)
    before = picture(generator, w_plus)
    assert torch.allclose(with_units(generator, w_plus, 16, [0, 5], 1.0), before, atol=1e-5)
    assert (with_units(generator, w_plus, 16, list(range(16)), 0.0) - before).abs().mean() > 0.005
    assert torch.equal(picture(generator, w_plus), before)


def test_units_of_the_last_block_only_change_what_they_paint(generator):
    w_plus = codes(generator, [3], 1)
    last = generator.config.heights[-1]
    features = generator.synthesis.features(w_plus, last)[0]
    weight = (features.abs().amax((1, 2))).argmax()
    changed = (with_units(generator, w_plus, last, [int(weight)], 0.0) - picture(generator, w_plus)).abs().sum(0)
    silent = features[weight].abs() < 1e-3
    assert changed[~silent].mean() > changed[silent].mean() if silent.any() else changed.mean() > 0


def test_the_unit_that_is_strong_in_a_region_agrees_best_with_it():
    torch.manual_seed(0)
    features = torch.rand(6, 16, 16)
    features[4, 2:6, 3:7] += 5
    region = torch.zeros(64, 64, dtype=torch.bool)
    region[8:24, 12:28] = True
    scores = agreement(features, region)
    assert int(scores.argmax()) == 4
    assert scores[4] > 0.8
    assert scores[[0, 1, 2, 3, 5]].max() < 0.3


def test_a_tiny_region_still_covers_a_place():
    features = torch.zeros(2, 4, 4)
    features[1, 0, 0] = 1
    region = torch.zeros(128, 128, dtype=torch.bool)
    region[3:6, 3:6] = True
    assert agreement(features, region)[1] > agreement(features, region)[0]


def test_what_is_painted_is_found_and_switching_it_off_changes_mostly_that(portraits):
    subject = portraits[0]
    height, width = subject.pixels.shape[:2]
    y, x = np.mgrid[:height, :width] / height
    region = ((x - 0.5) / 0.32) ** 2 + ((y - 0.22) / 0.16) ** 2 < 1  # what is on the head
    result = finish(units, {"subject": subject, "region": region, "count": 16, "block": "16"}, threads=1)
    before = result.images["before"].astype(int)
    change = np.abs(result.subject.pixels.astype(int) - before).mean(2)
    assert change[region].mean() > 1.5 * change[~region].mean()
    assert 0.3 < result.metrics["agreement"] <= 1
    assert len(result.images) == 9
    assert result.subject.latent is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "units: name none, and nothing is painted"),
        ({"units": "100000"}, "units: name unit 100000, but this block has units 0 to"),
        ({"units": "three"}, "units: “three” is no seed"),
        ({"units": "1", "block": "1024"}, "block: is 1024, but this generator has blocks 4, 8, 16"),
        ({"units": "1", "block": "7"}, "block: must be one of 4, 8"),
        ({"units": "1", "gain": 99}, "gain: must be a number from -2 to 4"),
    ],
)
def test_bad_input_is_named(portraits, values, said):
    with pytest.raises(BadInput, match=said):
        finish(units, {"subject": portraits[0], **values})
