"""What a translation drew and what it kept: parts, structure, colours, other outputs, nothing beside."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from facet import LabelMap, Palette, Subject
from facet.weights import VGG16_EDGES
from metrics import METRICS, NETS, Parts
from metrics.translation import PARSER_OWN, change_outside, colourfulness, diversity, mean_iou, seen_parts, wanted_parts
from registry.weights.declare import Net
from registry.weights.loaded import load_net
from surfaces.compare.measures import _other_things
from training.judges.export import read_judges
from training.puppets import Renderer, sample, with_control
from training.puppets.paint import PARTS

JUDGES = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_judges"
NAMES = tuple("eye white" if name == "eye" else name.replace("_", " ") for name in PARTS)
"""As the palette of portraits writes them."""


@pytest.fixture(scope="module")
def judges():
    return read_judges(JUDGES)


@pytest.fixture(scope="module")
def trunk():
    return load_net(Net("vgg16_edges", NETS["vgg16_edges"], (VGG16_EDGES,))).module


@pytest.fixture(scope="module")
def drawn():
    """Renders of a puppet, of the same one with long hair, and of another; and their exact parts."""
    one = with_control(sample(900_301, 1), "yaw", 0.0)
    rows = [one, with_control(one, "smile", 1.0), sample(900_302, 1)]
    frames = [Renderer("cpu", False, 1)(row, 128) for row in rows]
    pictures = [(f.rgb[0].permute(1, 2, 0) * 255).round().byte().numpy() for f in frames]
    return pictures, [Parts(frame.parts[0].byte().numpy(), NAMES) for frame in frames]


def test_the_mean_overlap_is_over_wanted_parts():
    wanted = np.array([[0, 0, 1, 1]])
    assert mean_iou(wanted, wanted) == 1
    assert mean_iou(wanted, np.array([[0, 1, 1, 1]])) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert mean_iou(wanted, np.array([[2, 2, 2, 2]])) == 0


def test_true_renders_reach_the_parsers_own_score_and_other_labels_do_not(drawn, judges):
    pictures, parts = drawn
    found = [METRICS["parts_drawn"](network=judges, result=p, labels=w) for p, w in zip(pictures, parts, strict=True)]
    assert all(80 < value < 125 for value in found)
    other = METRICS["parts_drawn"](network=judges, result=pictures[0], labels=parts[2])
    assert other < min(found) - 20
    assert 0.7 < PARSER_OWN < 0.8


def test_palettes_of_other_parts_have_no_score(judges):
    sketch = Parts(np.zeros((20, 20), np.uint8), ("paper", "line"))
    picture = np.zeros((20, 20, 3), np.uint8)
    assert math.isnan(METRICS["parts_drawn"](network=judges, result=picture, labels=sketch))
    assert math.isnan(METRICS["label_leak"](network=judges, result=picture, subject=picture, labels=sketch))


def test_a_map_of_any_shape_is_squared_and_read_by_name(judges):
    names = ("hair", "background")  # in another order than the judges'
    wide = wanted_parts(Parts(np.array([[1, 0], [1, 0]], np.uint8).repeat(40, 0).repeat(80, 1), names), judges)
    assert wide.shape == (64, 64)
    assert {NAMES[number] for number in np.unique(wide)} == {"hair", "background"}
    assert NAMES[wide[32, 5]] == "background"
    assert NAMES[wide[32, 60]] == "hair"


def test_change_beside_painted_parts_counts_and_within_them_does_not(drawn, judges):
    pictures, parts = drawn
    seen = seen_parts(pictures[0], judges)
    labels = seen.copy()
    labels[10:20, 10:20] = NAMES.index("hat")
    labels = Parts(labels.astype(np.uint8), NAMES)
    inside, beside = pictures[0].copy(), pictures[0].copy()
    inside[24:36, 24:36] = 255 - inside[24:36, 24:36]
    beside[100:112, 100:112] = 255 - beside[100:112, 100:112]
    leak = [
        METRICS["label_leak"](network=judges, result=result, subject=pictures[0], labels=labels)
        for result in (pictures[0], inside, beside)
    ]
    assert leak[0] == leak[1] == 0
    assert leak[2] > 0.1


def test_change_outside_a_region_is_in_levels():
    one, two = torch.zeros(1, 3, 10, 10), torch.zeros(1, 3, 10, 10)
    two[..., :5] = 1
    region = torch.zeros(1, 1, 10, 10)
    assert change_outside(one, two, region) == pytest.approx(127.5)
    region[..., :5] = 1
    assert change_outside(one, two, region) == 0
    assert math.isnan(change_outside(one, two, torch.ones(1, 1, 10, 10)))
    mask = np.zeros((20, 20), bool)
    mask[:, :10] = True
    result = np.zeros((10, 10, 3), np.uint8)
    result[:, :6] = 100
    subject = np.zeros((10, 10, 3), np.uint8)
    assert METRICS["mask_leak"](result=result, subject=subject, mask=mask) == pytest.approx(20)


def test_colourfulness_is_hasler_and_suesstrunks():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    r, g, b = pixels.reshape(-1, 3).astype(float).T
    rg, yb = r - g, (r + g) / 2 - b
    wanted = math.hypot(rg.std(), yb.std()) + 0.3 * math.hypot(rg.mean(), yb.mean())
    assert METRICS["colour_richness"](result=pixels, subject=pixels) == pytest.approx(wanted, rel=1e-5)
    grey = torch.rand(1, 1, 9, 9).expand(1, 3, 9, 9)
    assert colourfulness(grey) == pytest.approx(0, abs=1e-4)


def test_structure_outlives_colours_and_dies_with_places(trunk):
    photo = Subject.read("sample:chelsea").pixels[::2, ::2]
    recoloured = (255 - photo[..., ::-1] // 2).astype(np.uint8)
    moved = np.ascontiguousarray(np.roll(photo, (40, 60), (0, 1)))

    def kept(result):
        return METRICS["self_structure"](network=trunk, result=result, subject=photo)

    assert kept(photo) == pytest.approx(1, abs=1e-5)
    assert 1 > kept(recoloured) > kept(moved) + 0.03
    assert np.isfinite(kept(np.zeros((5, 3, 3), np.uint8)))


def test_outputs_that_differ_more_are_more_diverse(trunk):
    photo = Subject.read("sample:chelsea").pixels[::3, ::3]
    noisy = [(photo + np.random.default_rng(n).normal(0, 4, photo.shape)).clip(0, 255).astype(np.uint8) for n in (1, 2)]
    other = np.ascontiguousarray(photo[:, ::-1])
    assert diversity([photo, photo], trunk) == pytest.approx(0, abs=1e-6)
    assert 0 < diversity([photo, *noisy], trunk) < diversity([photo, other], trunk)
    assert math.isnan(diversity([photo], trunk))
    assert METRICS["diversity"](network=trunk, result=photo, further=[other]) == diversity([photo, other], trunk)


class FakeResult:
    """A result with other outputs, one of which has another size, and one no code."""

    subject = Subject(np.zeros((20, 30, 3), np.uint8))
    further = {
        "one": Subject(np.ones((20, 30, 3), np.uint8), np.zeros((8, 4), np.float32)),
        "small": Subject(np.ones((16, 16, 3), np.uint8), np.zeros((8, 4), np.float32)),
        "map": Subject(np.ones((20, 30, 3), np.uint8)),
    }


def test_a_comparison_hands_over_labels_masks_and_other_outputs():
    labels = LabelMap(np.zeros((20, 30), np.uint8), Palette(("a", "b"), ((0, 0, 0), (9, 9, 9))))
    found = _other_things({"labels": labels, "mask": np.ones((4, 4), bool), "strength": 0.5}, FakeResult())
    assert set(found) == {"labels", "mask", "further"}
    assert found["labels"].names == ("a", "b")
    assert len(found["further"]) == 1
