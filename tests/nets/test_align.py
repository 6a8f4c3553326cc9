"""The square of a face, cutting it out, and putting it back without a trace."""

import math

import pytest
import torch

from nets.align import (
    FFHQ,
    PUPPETS,
    crop,
    face_quad,
    from_5,
    from_68,
    in_order,
    overhang,
    side_of,
    whole,
)
from nets.paste import blend, opacity, paste, window_of

POINTS = torch.tensor([[30.0, 40.0], [50.0, 40.0], [33.0, 62.0], [47.0, 62.0]])


def turned(points, degrees):
    """Points turned about (48, 48)."""
    angle = math.radians(degrees)
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return (points - 48) @ turn.T + 48


def picture(height=96, width=96):
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    return torch.stack([x, y, 0.5 + 0.3 * torch.sin(9 * x) * torch.cos(7 * y)])


def test_the_square_follows_the_published_formulas():
    quad = face_quad(POINTS, FFHQ)
    half = max(2.0 * 20, 1.8 * 22)
    centre = torch.tensor([40.0, 40.0 + 0.1 * 22])
    corners = torch.tensor([[-1.0, -1], [-1, 1], [1, 1], [1, -1]]) * half + centre
    assert torch.allclose(quad, corners.double(), atol=1e-4)
    assert side_of(quad) == pytest.approx(2 * half)
    assert side_of(face_quad(POINTS, PUPPETS)) == pytest.approx(2 * max(2.3 * 20, 2.2 * 22))


@pytest.mark.parametrize("degrees", [-40, -7, 15, 44])
def test_the_square_turns_with_the_face(degrees):
    points = turned(POINTS, degrees)
    assert torch.allclose(face_quad(points), turned(face_quad(POINTS).float(), degrees).double(), atol=1e-3)


def test_68_5_and_4_points_give_the_same_square():
    marks = torch.zeros(68, 2)
    marks[36:42], marks[42:48], marks[48], marks[54] = POINTS[0], POINTS[1], POINTS[2], POINTS[3]
    five = torch.stack([POINTS[1], POINTS[0], torch.tensor([40.0, 50.0]), POINTS[3], POINTS[2]])
    assert torch.equal(from_68(marks), POINTS)
    assert torch.equal(from_5(five), POINTS)
    assert torch.equal(in_order(POINTS[[2, 1, 0, 3]]), POINTS)


@pytest.mark.parametrize(
    "points",
    [
        torch.zeros(4, 2),
        torch.tensor([[1.0, 1], [9, 1], [math.nan, 5], [4, 5]]),
        POINTS[[2, 3, 0, 1]],
        torch.tensor([[0.0, 5], [10, 5], [4, 5], [6, 5]]),
        POINTS[:3],
    ],
)
def test_points_that_are_no_face_are_refused(points):
    with pytest.raises(ValueError, match=r"eyes|mouth|points"):
        face_quad(points)


def test_cutting_straight_is_a_plain_crop():
    source = picture()
    quad = torch.tensor([[9.5, 19.5], [9.5, 51.5], [41.5, 51.5], [41.5, 19.5]], dtype=torch.float64)
    assert torch.allclose(crop(source, quad, 32), source[:, 20:52, 10:42], atol=1e-5)
    half = source[:, 20:52, 10:42].reshape(3, 16, 2, 16, 2).mean((2, 4))
    assert torch.allclose(crop(source, quad, 16), half, atol=1e-5)


def test_the_whole_picture_is_itself():
    source = picture(40, 64)
    assert torch.allclose(crop(source, whole(40, 64), 40), source[:, :, 12:52], atol=1e-5)


def test_an_upright_face_comes_out_of_a_tilted_one():
    source = picture(192, 192)
    quad = face_quad(turned(POINTS, 30) + 48)
    found = crop(source, quad, 64)
    x, y = quad.mean(0).tolist()
    assert torch.allclose(found[:, 31:33, 31:33].mean((1, 2)), source[:, round(y), round(x)], atol=0.02)
    eyes = ((turned(POINTS, 30) + 48)[:2].double() - quad[0]) @ torch.linalg.inv(
        torch.stack([quad[3] - quad[0], quad[1] - quad[0]], 1)
    ).T
    assert float(eyes[0, 1]) == pytest.approx(float(eyes[1, 1]), abs=1e-4)


def test_a_finely_striped_picture_is_averaged_and_not_sampled():
    stripes = torch.zeros(3, 256, 256)
    stripes[:, :, ::2] = 1
    assert (crop(stripes, whole(256, 256), 16) - 0.5).abs().max() < 0.01


def test_beyond_the_edge_the_picture_is_mirrored_and_fades():
    source = picture()
    quad = face_quad(POINTS - torch.tensor([30.0, 30.0]))
    found = crop(source, quad, 64)
    assert 0.5 < overhang(quad, 96, 96) < 0.9
    assert overhang(face_quad(POINTS), 96, 96) < 0.15
    assert bool(found.isfinite().all())
    assert found.min() > -1e-4
    assert found.max() < 1 + 1e-4
    far, near = found[:, :4, :4], found[:, -20:, -20:]
    assert far.flatten(1).std(1).max() < 0.01  # the corner is one colour
    assert near.flatten(1).std(1).max() > 0.05


def test_putting_back_what_was_cut_out_changes_nothing():
    source = picture(120, 100)
    quad = face_quad(turned(POINTS, 12))
    back = paste(source, crop(source, quad, 48), quad)
    assert (back - source).abs().max() < 2e-3


def test_outside_the_square_not_a_bit_changes():
    source = picture(120, 100)
    quad = face_quad(turned(POINTS, 12))
    back = paste(source, torch.zeros(3, 32, 32), quad, detail=False)
    window = window_of(quad, 120, 100)
    outside = ((window.places < 0) | (window.places > 1)).any(-1)
    box = (slice(None), slice(window.top, window.top + outside.shape[0]), slice(window.left, None))
    same = (back == source)[box][:, :, : outside.shape[1]].all(0)
    assert bool(same[outside].all())
    rest = torch.ones(120, 100, dtype=torch.bool)
    rest[window.top : window.top + outside.shape[0], window.left : window.left + outside.shape[1]] = False
    assert bool((back == source).all(0)[rest].all())
    assert back[:, 45:55, 38:45].max() < 0.02  # and the middle is the edited picture


def test_the_seam_has_no_edge():
    grey = torch.full((3, 160, 160), 0.3)
    quad = whole(100, 100) + 30
    back = paste(grey, torch.full((3, 64, 64), 0.7), quad, feather=0.2, detail=False)
    steps = (back[:, :, 1:] - back[:, :, :-1]).abs().max()
    assert steps < 0.05
    assert back[0, 80, 80] == pytest.approx(0.7, abs=0.01)


def test_fine_detail_stays_where_nothing_was_edited():
    torch.manual_seed(0)
    source = (picture() + 0.1 * torch.randn(3, 96, 96)).clamp(0, 1)
    quad = whole(96, 96)
    edited = crop(source, quad, 32)
    edited[:, :12, :12] = 1 - edited[:, :12, :12]
    back = paste(source, edited, quad, feather=0.1)
    blurry = paste(source, edited, quad, feather=0.1, detail=False)
    kept = (slice(None), slice(50, 90), slice(50, 90))
    assert (back - source)[kept].abs().mean() < 0.01 < (blurry - source)[kept].abs().mean()
    changed = (slice(None), slice(14, 30), slice(14, 30))
    assert (back - source)[changed].abs().mean() > 0.1


@pytest.mark.parametrize("oval", [False, True])
def test_the_opacity_is_none_at_the_border_and_full_inside(oval):
    steps = torch.linspace(0, 1, 41, dtype=torch.float64)
    places = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), -1)
    shown = opacity(places, 0.1, oval)
    assert shown[0].max() == shown[-1].max() == shown[:, 0].max() == shown[:, -1].max() == 0
    assert shown[21, 20] == 1


def test_blending_without_difference_is_nothing():
    source = picture()
    assert torch.equal(blend(source, source, torch.rand(96, 96), 4), source)


def test_a_square_outside_the_picture_is_refused():
    with pytest.raises(ValueError, match="outside"):
        paste(picture(), torch.zeros(3, 8, 8), whole(32, 32) + 200)
