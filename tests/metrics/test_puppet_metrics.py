"""What the judges of puppets say of an edit: the right thing changes, and nothing is said of other pictures."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from facet import Subject
from metrics import METRICS, NETS, measure
from training.judges.export import read_judges
from training.puppets import Renderer, sample, with_control

WEIGHTS = Path(__file__).resolve().parents[2] / "assets" / "weights" / "puppets_judges"
OURS = [name for name, e in METRICS.items() if e.net == "puppets_judges" and e.needs == ("result", "subject")]


@pytest.fixture(scope="module")
def judges():
    return read_judges(WEIGHTS)


@pytest.fixture(scope="module")
def pictures():
    """One puppet, the same one turned, the same one smiling, and somebody else."""
    one = with_control(with_control(sample(900_301, 1), "yaw", 0.0), "smile", -0.3)
    rows = [one, with_control(one, "yaw", 0.4), with_control(one, "smile", 1.0), sample(900_302, 1)]
    drawn = Renderer()(torch.cat(rows), 128).rgb
    pixels = (drawn * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return dict(zip(("plain", "turned", "smiling", "other"), pixels, strict=True))


def value(name, result, subject, judges, aimed=("smile",)):
    return METRICS[name](network=judges, aimed=aimed, result=result, subject=subject)


def test_they_name_their_network():
    faces = ["identity", "attribute_change", "aimed_change", "collateral_change", "background_change"]
    assert [*faces, "landmark_distance", "puppet_features"] == OURS
    assert "puppets_judges" in NETS
    assert all("ours" in METRICS[name].title for name in OURS)
    assert not any("LPIPS" in METRICS[name].title for name in OURS)
    with pytest.raises(ValueError, match="network"):
        METRICS["identity"](result=np.zeros((4, 4, 3), np.uint8), subject=np.zeros((4, 4, 3), np.uint8))


def test_equal_pictures_are_the_best_there_is(judges, pictures):
    for name in OURS:
        best = value(name, pictures["plain"], pictures["plain"], judges)
        assert best == pytest.approx(1 if name == "identity" else 0, abs=1e-5)


def test_somebody_else_is_farther_than_another_pose_or_mood(judges, pictures):
    def identity(who):
        return value("identity", pictures[who], pictures["plain"], judges)

    assert identity("smiling") > identity("other") + 0.2
    assert identity("turned") > identity("other") + 0.2


def test_a_turned_head_moves_landmarks_and_a_smile_few_of_them(judges, pictures):
    def moved(who):
        return value("landmark_distance", pictures[who], pictures["plain"], judges)

    assert moved("turned") > 8
    assert 0.5 < moved("smiling") < moved("turned") / 2
    changed = [value("attribute_change", pictures[who], pictures["plain"], judges) for who in ("smiling", "other")]
    assert 0 < changed[0] < changed[1] < 100


def test_what_was_aimed_at_is_told_from_the_rest(judges, pictures):
    def change(name, aimed):
        return value(name, pictures["smiling"], pictures["plain"], judges, aimed)

    assert change("aimed_change", ["smile"]) > 3 * change("collateral_change", ["smile"])
    assert change("aimed_change", ["hat"]) < change("collateral_change", ["hat"])
    count = len(judges.config.controls)
    both = change("aimed_change", ["smile"]) + (count - 1) * change("collateral_change", ["smile"])
    assert both / count == pytest.approx(change("attribute_change", ()), rel=1e-3)
    assert math.isnan(change("aimed_change", ()))
    assert math.isnan(change("collateral_change", ["a text"]))
    shown = {"result": pictures["smiling"], "subject": pictures["plain"]}
    found = measure(shown, {"puppets_judges": judges}, ["smile"])
    assert {"aimed_change", "collateral_change"} <= set(found)
    assert not {"aimed_change", "collateral_change"} & set(measure(shown, {"puppets_judges": judges}))


def test_only_the_background_counts_as_background(judges, pictures):
    plain = pictures["plain"]
    painted, spoilt = plain.copy(), plain.copy()
    painted[56:88, 48:80] = 255 - painted[56:88, 48:80]  # the middle of the face
    spoilt[:12] = (spoilt[:12].astype(int) + 60).clip(0, 255)  # above the hair

    def change(result):
        return value("background_change", result, plain, judges)

    assert change(plain) == 0
    assert change(spoilt) > 4
    assert math.isnan(change(painted)) or change(painted) < 1


def test_another_size_changes_little(judges, pictures):
    large = pictures["plain"].repeat(2, 0).repeat(2, 1)
    assert value("landmark_distance", large, pictures["plain"], judges) < 1
    assert value("identity", large, pictures["plain"], judges) > 0.95
    assert value("puppet_features", large, pictures["plain"], judges) < 0.05


def test_nothing_is_said_of_pictures_without_a_puppet(judges, pictures):
    grey, photo = np.full((40, 30, 3), 128, np.uint8), Subject.read("sample:coffee").pixels
    for name in OURS:
        assert math.isnan(value(name, pictures["plain"], grey, judges)), name
    found = measure({"result": photo, "subject": grey}, {"puppets_judges": judges})
    assert not set(found) & set(OURS)
    found = measure({"result": pictures["turned"], "subject": pictures["plain"]}, {"puppets_judges": judges}, ["yaw"])
    assert set(OURS) <= set(found)
    assert not set(measure({"result": pictures["turned"], "subject": pictures["plain"]})) & set(OURS)
