"""The protocols that judge drags: what a perfect method and no edit get, with a stand-in for the detector."""

from types import SimpleNamespace

import pytest
import torch

from benchmarks.drag_accuracy import methods
from benchmarks.drag_protocols import Bench, landmark_drags, masks, paired, run, there_and_back
from editors.drag.generators import PUBLISHED
from nets.stylegan2 import Generator, GeneratorConfig


def detect(pictures):
    """Landmarks that depend on the whole picture: centres of mass of 68 random mixtures of its colours."""
    random = torch.Generator().manual_seed(5)
    mixtures = torch.randn(68, 3, 1, 1, generator=random)
    heat = (torch.nn.functional.conv2d(pictures, mixtures) * 20).flatten(2).softmax(-1)
    y, x = torch.meshgrid(*(torch.arange(float(n)) for n in pictures.shape[2:]), indexing="ij")
    return torch.stack([heat @ x.flatten(), heat @ y.flatten()], -1), torch.ones(len(pictures), 68)


@pytest.fixture(scope="module")
def bench():
    torch.manual_seed(0)
    channels = {4: 16, 8: 16, 16: 16, 32: 8}
    generator = Generator(GeneratorConfig(32, channels, z_dim=16, w_dim=16, mapping_layers=2)).eval()
    distance = lambda one, two: float((one - two).abs().mean())  # noqa: E731
    return Bench(generator.requires_grad_(False), detect, distance, steps=3)


def perfect(bench, seed):
    """A method that knows the answer: it jumps to the code that the protocol's first picture is dragged to."""

    def method(generator, start, handles, targets, mask=None):
        code = bench.towards(start, bench.code(seed))
        step = SimpleNamespace(arrived=True, handles=targets, distances=[0.0] * len(targets), number=1)
        return SimpleNamespace(step=lambda: step, w_plus=code)

    return method


def test_a_perfect_method_has_no_distance_and_no_edit_has_all_of_it(bench):
    best = landmark_drags(bench, perfect(bench, 1001), 1)
    none = landmark_drags(bench, None, 1)
    assert {"1 px", "5 px", "all px"} <= best.keys() == none.keys()
    for name in ("1 px", "5 px", "all px"):
        assert best[name] == pytest.approx(0, abs=1e-4)
        assert none[name] > 1
        assert none[name] == pytest.approx(none[name.replace("px", "claim")], abs=0.02)


def test_the_claim_of_a_tracker_is_kept_apart_from_the_detectors_finding(bench):
    def boaster(generator, start, handles, targets, mask=None):
        step = SimpleNamespace(arrived=True, handles=targets, distances=[0.0] * len(targets), number=1)
        return SimpleNamespace(step=lambda: step, w_plus=start)

    row = landmark_drags(bench, boaster, 1)
    assert row["all claim"] == 0
    assert row["all px"] > 1


def test_pairs_there_and_back_and_masks(bench):
    assert paired(bench, perfect(bench, 2001), 1)["MSE x100"] == pytest.approx(0, abs=1e-6)
    assert paired(bench, None, 1)["MSE x100"] > 0
    assert there_and_back(bench, None, 2) == {"MSE x100": 0, "perceptual": 0}
    assert there_and_back(bench, perfect(bench, 7), 1)["perceptual"] > 0
    row = masks(bench, None, 1)
    assert row["inside"] == row["outside"] == 0
    assert masks(bench, perfect(bench, 7), 1)["outside"] > 0


@pytest.mark.parametrize("name", list(methods(PUBLISHED)))
def test_every_method_runs(bench, name):
    pairs = torch.tensor([[[10.0, 12.0], [18.0, 12.0]]])
    ended = run(bench, methods(PUBLISHED)[name], bench.code(1), pairs)
    assert ended.code.shape == bench.code(1).shape
    assert torch.equal(ended.code, bench.code(1)) == (name == "no edit")
    assert ended.steps == (0 if name == "no edit" else 3)
