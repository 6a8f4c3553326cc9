"""Looking for the seed whose code lies nearest."""

import numpy as np
import pytest
import torch

from editors.latent import nearest_seed
from editors.latent.method import nearest
from facet import BadInput
from facet.app import Preview, finish, run
from facet.testing import Conformance
from nets.stylegan2.sampling import codes


class TestNearest(Conformance):
    editor = nearest_seed


def test_a_seeds_own_picture_finds_it_again(portraits):
    result = finish(nearest_seed, {"subject": portraits[0], "among": 600, "gallery": 3}, threads=1)
    assert result.metrics["seed"] == 11
    assert result.metrics["distance"] < 1e-3
    assert result.metrics["distance"] < result.metrics["distance_of_mean"]
    assert len(result.images) == 3
    assert next(iter(result.images)).startswith("seed 11, 0.00")
    assert np.abs(result.subject.pixels.astype(int) - portraits[0].pixels).max() <= 1


def test_the_distance_is_the_root_mean_square_over_rows(generator):
    torch.manual_seed(0)
    code, w = torch.randn(12, 192), codes(generator, [3, 4], 1)[:, 0]
    expected = (w[:, None] - code).square().sum(2).mean(1).sqrt()
    assert torch.allclose(nearest(w, code), expected, rtol=1e-5)


def test_it_is_the_nearest_of_all_it_looked_at(portraits, generator):
    values = {"subject": portraits[1], "among": 1100, "first": 1000, "gallery": 2}
    *previews, result = run(nearest_seed, values, threads=1)
    distances = nearest(codes(generator, range(1000, 2100), 1)[:, 0], torch.from_numpy(portraits[1].latent.copy()))
    assert result.metrics["seed"] == 1000 + int(distances.argmin())
    assert all(isinstance(event, Preview) for event in previews)
    assert len(previews) == 3
    assert [event.done for event in previews][-1] == 1


def test_none_and_too_many_seeds_are_refused(portraits):
    for among in (0, 10**6):
        with pytest.raises(BadInput, match="among: must be a whole number from 100 to 100000"):
            finish(nearest_seed, {"subject": portraits[0], "among": among})
