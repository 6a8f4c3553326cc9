"""Dragging pixels: handles that only shift, turn, scale or shear are followed exactly, and what must stay stays."""

import math

import numpy as np
import pytest
import torch

from editors.warp_drag import warp_drag
from editors.warp_drag.method import warp
from facet import BadInput, Subject
from facet.app import finish
from facet.testing import Conformance
from nets.warp import KINDS, as_rigid_as_possible, folded, grid_of, moved, moving_least_squares, thin_plate

HANDLES = torch.tensor([[20.0, 30.0], [70.0, 25.0], [45.0, 80.0], [10.0, 60.0]], dtype=torch.float64)
PLACES = torch.rand(50, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 100


class TestWarpDrag(Conformance):
    editor = warp_drag


def turned(degrees, scale=1.0, shift=(7.0, -3.0)):
    """A similarity, as a function of places [..., 2]."""
    angle = math.radians(degrees)
    matrix = scale * torch.tensor(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=torch.float64
    )
    return lambda places: places.double() @ matrix.T + torch.tensor(shift, dtype=torch.float64)


def sheared(places):
    return places.double() @ torch.tensor([[1.2, 0.3], [-0.1, 0.8]], dtype=torch.float64).T + 4


MOTIONS = {
    "translation": (turned(0), KINDS),
    "rotation": (turned(35), KINDS),
    "similarity": (turned(-20, 1.3), ("similarity", "affine")),
    "affine": (sheared, ("affine",)),
}


@pytest.mark.parametrize(("motion", "kind"), [(name, kind) for name, (_, kinds) in MOTIONS.items() for kind in kinds])
def test_handles_with_one_motion_carry_every_place_with_it(motion, kind):
    move = MOTIONS[motion][0]
    found = moving_least_squares(PLACES, HANDLES, move(HANDLES), kind)
    assert torch.allclose(found, move(PLACES), atol=1e-6)


def test_a_rigid_motion_does_not_scale_and_a_handle_arrives():
    grown = (HANDLES - HANDLES.mean(0)) * 1.5 + HANDLES.mean(0)
    rigid, similar = (moving_least_squares(PLACES, HANDLES, grown, kind) for kind in ("rigid", "similarity"))
    middle = HANDLES.mean(0)
    far = (PLACES - middle).norm(dim=1) > 30
    assert ((similar - middle).norm(dim=1) / (PLACES - middle).norm(dim=1))[far].mean() > 1.4
    assert ((rigid - middle).norm(dim=1) / (PLACES - middle).norm(dim=1))[far].mean() < 1.4
    for kind in KINDS:
        pulled = HANDLES + torch.tensor([[5.0, 0], [0, 9], [-4, 2], [0, 0]])
        assert torch.equal(moving_least_squares(HANDLES, HANDLES, pulled, kind), pulled)


@pytest.mark.parametrize("kind", KINDS)
def test_one_handle_translates_and_handles_on_a_line_do_no_harm(kind):
    one = moving_least_squares(PLACES, HANDLES[:1], HANDLES[:1] + 5, kind)
    assert torch.allclose(one, PLACES + 5)
    line = torch.tensor([[10.0, 10.0], [20.0, 10.0], [40.0, 10.0]], dtype=torch.float64)
    assert torch.allclose(moving_least_squares(PLACES, line, line + 3, kind), PLACES + 3, atol=1e-3)
    with pytest.raises(ValueError, match="kind"):
        moving_least_squares(PLACES, HANDLES, HANDLES, "bent")


@pytest.mark.parametrize("move", [turned(0), turned(40), turned(-120)], ids=["shift", "turn", "far turn"])
def test_a_rigid_mesh_follows_rigid_motions_exactly(move):
    grid = grid_of(100, 100, 12).places
    found = as_rigid_as_possible(grid, HANDLES, move(HANDLES))
    assert torch.allclose(found, move(grid), atol=1e-3)


def test_a_rigid_mesh_bends_instead_of_stretching():
    grid = grid_of(60, 120, 24).places
    fixed = torch.zeros(grid.shape[:2], dtype=torch.bool)
    fixed[:, 0] = True
    handle, target = torch.tensor([[119.0, 30.0]]), torch.tensor([[100.0, 55.0]])
    found = as_rigid_as_possible(grid, handle, target, fixed, rounds=40)
    assert torch.equal(found[:, 0], grid[:, 0]) or (found[:, 0] - grid[:, 0]).abs().max() < 0.05
    lengths = (found[:, 1:] - found[:, :-1]).norm(dim=2) / (grid[:, 1:] - grid[:, :-1]).norm(dim=2)
    assert (lengths - 1).abs().mean() < 0.12
    assert folded(found) == 0


def test_thin_plates_are_exact_for_affine_motions_and_go_through_their_values():
    assert torch.allclose(thin_plate(PLACES, HANDLES, sheared(HANDLES)), sheared(PLACES), atol=1e-6)
    values = torch.rand(4, 2, dtype=torch.float64)
    assert torch.allclose(thin_plate(HANDLES, HANDLES, values), values, atol=1e-6)
    stiff = thin_plate(HANDLES, HANDLES, values, 1e9)
    assert (stiff - values).abs().max() > 1e-3, "a stiff plate does not bend to every value"
    with pytest.raises(ValueError, match="on one line"):
        thin_plate(PLACES, torch.tensor([[0.0, 0], [1, 1], [2, 2]]), values[:3])


def ramp(height=90, width=130):
    """A smooth picture in which every place has its own colour."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 / width, y * 255 / height, 128 + 40 * np.sin(x / 9)], -1).astype(np.uint8)


def test_a_shift_of_all_handles_shifts_the_picture():
    picture = torch.from_numpy(ramp()).permute(2, 0, 1).float() / 255
    handles = torch.tensor([[40.0, 30.0], [80.0, 60.0], [60.0, 20.0]])
    for way in (*KINDS, "arap"):
        made = warp(picture, handles, handles + torch.tensor([6.0, 4.0]), way=way, hold_rim=False)
        assert (made.image[:, 10:80, 12:120] - picture[:, 6:76, 6:114]).abs().max() < 0.01, way
        assert made.folded == 0


def test_outside_the_mask_not_a_bit_changes_and_inside_it_does():
    picture = Subject.read(ramp())
    mask = np.zeros((90, 130), bool)
    mask[20:70, 30:100] = True
    for way in (*KINDS, "arap"):
        made = finish(warp_drag, {"subject": picture, "pairs": [[60, 40, 74, 46]], "mask": mask, "way": way})
        assert np.array_equal(made.subject.pixels[~mask], picture.pixels[~mask]), way
        assert np.abs(made.subject.pixels[46, 74].astype(int) - picture.pixels[40, 60]).max() < 14, way
    seam = np.abs(made.subject.pixels[45, 28:33].astype(int) - picture.pixels[45, 28:33]).max()
    assert seam < 12, "movement grows from the mask's edge on, without a step"


def test_anchors_and_the_edge_stay():
    picture = Subject.read(ramp())
    pairs = [[60, 40, 72, 40], [30, 40, 30, 40]]
    made = finish(warp_drag, {"subject": picture, "pairs": pairs})
    assert np.abs(made.subject.pixels[40, 30].astype(int) - picture.pixels[40, 30]).max() <= 3
    assert np.abs(made.subject.pixels[[0, -1]].astype(int) - picture.pixels[[0, -1]]).max() < 20
    assert made.metrics["left_px"] < 1


def test_a_large_picture_is_moved_in_bands_like_a_small_one(monkeypatch):
    picture = torch.rand(3, 70, 50, generator=torch.Generator().manual_seed(2))
    field = 3 * torch.rand(5, 6, 2, generator=torch.Generator().manual_seed(3))
    whole = moved(picture, field)
    monkeypatch.setattr("nets.warp.field.BAND", 50 * 7)
    assert torch.allclose(moved(picture, field), whole, atol=1e-5)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([[5, 5, 5, 5]], "all their targets on their handles"),
        ([[5, 5, 9, 5], [5, 5, 20, 5]], "pairs 2: has its handle on that of pair 1"),
        ([[5, 5, 9, 5], [12, 5, 9, 5]], "pairs 2: has its target on that of pair 1"),
        ([], "needs 1 to 68 pairs"),
    ],
)
def test_points_that_cannot_be_are_refused(pairs, words):
    with pytest.raises(BadInput, match=words):
        finish(warp_drag, {"subject": ramp(), "pairs": pairs})


def test_a_fold_is_said():
    crossed = [[40, 40, 90, 40], [90, 40, 40, 40]]
    result = finish(warp_drag, {"subject": ramp(), "pairs": crossed})
    assert result.metrics["folded_percent"] > 1
