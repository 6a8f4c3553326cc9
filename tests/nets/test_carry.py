"""Carrying an edit over: movement is read rightly, the photograph follows at its own size, and what is still stays."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nets.align import crop, whole
from nets.carry import Carrier, Marks, carry, flow, live_carrier, movement
from nets.carry.film import steady
from nets.carry.flow import box, warped
from nets.carry.landmarks import opened, plates, travel
from nets.carry.movement import walked

SIDE = 256


def texture(size, seed=0, finest=3):
    """A picture with detail of many sizes, [3, size, size]."""
    random = torch.Generator().manual_seed(seed)
    made = torch.zeros(1, 3, size, size)
    for cells in [4 * 2**n for n in range(int(math.log2(size / finest / 4)) + 1)]:
        part = torch.rand(1, 3, cells, cells, generator=random) - 0.5
        made += F.interpolate(part, (size, size), mode="bicubic", align_corners=False)
    return (0.5 + made / 4)[0].clamp(0, 1)


def bump(size, shift=(0.02, -0.012), reach=0.17):
    """A smooth shift of the picture's middle, backward, in pixels [2, size, size]."""
    at = (torch.arange(size) + 0.5) / size - 0.5
    far = (at[None].square() + at[:, None].square()) / reach**2
    weight = torch.exp(-far.square())
    return torch.stack([weight * shift[0], weight * shift[1]]) * size


def test_flow_finds_a_known_movement_both_ways():
    before, field = texture(SIDE), bump(SIDE)
    found = flow(before, warped(before, field), levels=4)
    middle = np.s_[80:176, 80:176]
    assert (found.field.permute(2, 0, 1) - field)[:, 80:176, 80:176].norm(dim=0).mean() < 0.35
    assert found.trust[middle].mean() > 0.8
    still = flow(before, before)
    assert still.field.abs().max() < 0.05


@pytest.mark.parametrize("size", [(40, 56), (520, 30)])
def test_a_box_is_the_mean_of_a_square_and_beyond_the_rim_lies_the_rim(size):
    maps = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(3))
    plain = F.avg_pool2d(F.pad(maps, [2] * 4, mode="replicate"), 5, 1)
    assert (box(maps, 2) - plain).abs().max() < 1e-5


def test_where_nothing_goes_back_nothing_is_trusted():
    found = flow(texture(SIDE), texture(SIDE, seed=5), levels=3)
    assert found.trust.mean() < 0.55


@pytest.mark.parametrize("side", [256, 700])
def test_the_photograph_follows_at_its_own_size(side):
    photo, field = texture(side, finest=2), bump(SIDE)
    first = F.interpolate(photo[None], (SIDE, SIDE), mode="area")[0]
    after = warped(first, field)
    wanted = warped(photo, bump(side), "bicubic")
    made = carry(photo, whole(side, side), movement(first, after, None)).image
    middle = np.s_[:, int(0.3 * side) : int(0.7 * side), int(0.3 * side) : int(0.7 * side)]
    assert (made - wanted)[middle].abs().mean() < 0.25 * (photo - wanted)[middle].abs().mean()
    steep = [picture[middle].diff(dim=2).square().mean().sqrt() for picture in (made, wanted)]
    assert steep[0] > 0.9 * steep[1], "it keeps the photograph's own sharpness"


def test_what_does_not_move_keeps_its_bits():
    photo = texture(600, finest=2)
    first = F.interpolate(photo[None], (SIDE, SIDE), mode="area")[0]
    same = Carrier(photo, whole(600, 600), first, None).carried(first)
    assert torch.equal(same.image, photo)
    assert bool(same.kept.all())
    other = (first * 255).round() / 255
    other[:, 40:60, 50:90] += 1 / 255  # as another processor rounds
    again = Carrier(photo, whole(600, 600), (first * 255).round() / 255, None).carried(other)
    assert torch.equal(again.image, photo)
    moved = Carrier(photo, whole(600, 600), first, None).carried(warped(first, bump(SIDE)))
    assert torch.equal(moved.image[:, moved.kept], photo[:, moved.kept])
    assert 0.5 < moved.kept.float().mean() < 0.97
    assert moved.kept[:40].all()


def test_light_changes_along_the_photographs_edges():
    photo = texture(300, finest=2) * 0.2 + 0.3
    photo[:, :, 150:] += 0.35  # an edge
    first = F.interpolate(photo[None], (SIDE, SIDE), mode="area")[0]
    after = first.clone()
    after[:, 40:216, 40:128] += 0.12
    made = Carrier(photo, whole(300, 300), first, None).carried(after)
    lit, dark = made.image[:, 100:200, 80:140] - photo[:, 100:200, 80:140], made.image[:, 100:200, 156:220]
    assert lit.mean() == pytest.approx(0.12, abs=0.04)
    assert (dark - photo[:, 100:200, 156:220]).abs().mean() < 0.02


def test_something_new_comes_in_with_the_photographs_colours():
    photo = texture(512, finest=2) * 0.15 + 0.4
    first = F.interpolate(photo[None], (SIDE, SIDE), mode="area")[0] + 0.04  # the generator is a little too bright
    after = first.clone()
    after[:, 110:140, 100:160] = torch.tensor([0.9, 0.1, 0.1])[:, None, None]
    made = Carrier(photo, whole(512, 512), first, None).carried(after).image
    assert (made[:, 235:265, 220:300].mean((1, 2)) - torch.tensor([0.86, 0.06, 0.06])).abs().max() < 0.08
    assert (made[:, 400:, 400:] - photo[:, 400:, 400:]).abs().max() == 0


def marks(after, counts=None):
    before = torch.stack([torch.linspace(0.3, 0.7, 72), 0.5 + 0.2 * torch.sin(torch.arange(72.0))], 1)
    return Marks(
        before, before + after, torch.ones(72, dtype=torch.bool) if counts is None else counts, torch.ones(8, 8)
    )


def test_landmarks_carry_what_lies_between_them_and_the_rim_stays():
    moved = marks(torch.tensor([0.03, 0.0]))
    found = plates(moved, torch.tensor([[0.5, 0.5], [0.0, 0.0], [1.0, 0.5]]))[1]
    assert found[0].tolist() == pytest.approx([-0.03, 0.0], abs=0.012)
    assert found[1:].abs().max() < 0.006
    nobody = marks(torch.tensor([0.03, 0.0]), torch.zeros(72, dtype=torch.bool))
    assert plates(nobody, torch.tensor([[0.5, 0.5]]))[1].abs().max() < 1e-6


def test_a_large_movement_is_found_in_short_steps():
    far = (0.055, -0.03)
    pictures = [warped(texture(SIDE), bump(SIDE, [share / 3 * each for each in far])) for share in range(4)]
    still, middle = marks(torch.zeros(2)), np.s_[:, 96:160, 96:160]
    start = walked(pictures, [still] * 3, still, SIDE, 4, False)
    assert start.shape == (2, SIDE, SIDE)
    found = [movement(pictures[0], pictures[-1], still, start=known).field.permute(2, 0, 1) for known in (None, start)]
    at_once, in_steps = ((field * SIDE - bump(SIDE, far))[middle].norm(dim=0).mean() for field in found)
    assert in_steps < 0.4 * at_once
    assert in_steps < 1.5


def test_a_film_trembles_less_and_what_moves_or_rests_stays():
    first = texture(64)
    read = movement(first, first, None, side=64)
    shift = torch.zeros(64, 64, 2)
    shift[16:48, 16:48, 0] = 0.004
    still, trembling = read, [read._replace(field=shift * (1 + 0.2 * (-1) ** n)) for n in range(8)]
    made = list(steady([still, *trembling]))
    assert made[0] is still
    fields = torch.stack([each.field for each in made[3:-2]])
    assert (fields.diff(dim=0).abs().max() / 0.0016) < 0.4
    assert fields.mean(0)[32, 32, 0] == pytest.approx(0.004, rel=0.05)
    quick = [read._replace(field=shift * 20 * n) for n in range(5)]
    assert all(
        torch.allclose(one.field, other.field, atol=1e-6) for one, other in zip(steady(quick), quick, strict=True)
    )


def test_how_far_a_face_moves_is_told_in_eye_distances():
    moved = marks(torch.tensor([0.03, 0.04]))
    eyes = (moved.before[36:42].mean(0) - moved.before[42:48].mean(0)).norm()
    assert travel(moved) == pytest.approx(0.05 / float(eyes), rel=1e-4)
    assert travel(marks(torch.tensor([0.03, 0.04]), torch.zeros(72, dtype=torch.bool))) == 0


def test_an_eye_that_closes_is_told_from_one_that_moves():
    eye = torch.tensor([[0, 0.5], [0.3, 0.3], [0.7, 0.3], [1, 0.5], [0.7, 0.7], [0.3, 0.7]]) * 0.1
    places = torch.zeros(72, 2)
    places[36:42] = eye
    shut = places.clone()
    shut[36:42, 1] = 0.05 + (eye[:, 1] - 0.05) * 0.05
    whole_face = torch.ones(72, dtype=torch.bool)
    assert opened(Marks(places, places + 0.2, whole_face, torch.ones(2, 2)), range(36, 42)) == pytest.approx(1)
    assert opened(Marks(places, shut, whole_face, torch.ones(2, 2)), range(36, 42)) < 0.3


def test_a_square_that_hangs_over_the_edge_is_carried_and_one_beside_it_refused():
    photo, quad = texture(300), whole(300, 300) + torch.tensor([90.0, 60.0])
    first = crop(photo, quad, SIDE)
    made = Carrier(photo, quad, first, None).carried(warped(first, bump(SIDE)))
    assert made.image.shape == photo.shape
    assert torch.equal(made.image[:, :60], photo[:, :60])
    with pytest.raises(ValueError, match="outside the picture"):
        carry(photo, quad + 900, movement(first, first, None))
    with pytest.raises(ValueError, match="expected"):
        Carrier(photo, quad, first, None).carried(first[:, :64])


def test_bands_give_the_same_picture(monkeypatch):
    photo = texture(400, finest=2)
    first = F.interpolate(photo[None], (SIDE, SIDE), mode="area")[0]
    carrier = Carrier(photo, whole(400, 400), first, None)
    after = warped(first, bump(SIDE))
    at_once = carrier.carried(after).image
    monkeypatch.setattr("nets.carry.photograph.BAND", 400 * 33)
    assert torch.allclose(carrier.carried(after).image, at_once, atol=1e-5)


def test_a_live_carrier_does_the_same_quickly_and_small():
    photo = texture(1024, finest=2)
    first = F.interpolate(photo[None], (SIDE, SIDE), mode="area")[0]
    quad, after = whole(1024, 1024), warped(first, bump(SIDE))
    live, full = live_carrier(photo, quad, first, None), Carrier(photo, quad, first, None)
    made = live.carried(after)
    assert made.image.shape == (3, 512, 512)
    wanted, before = (F.interpolate(x[None], (512, 512), mode="area")[0] for x in (full.carried(after).image, photo))
    assert (made.image - wanted).abs().mean() < 0.3 * (before - wanted).abs().mean()
    assert torch.equal(made.image[:, made.kept], before[:, made.kept])
    assert made.kept[:20].all()
    assert live.carried(first).kept.all()


def test_a_turned_square_changes_nothing_beyond_its_box():
    photo = texture(500, finest=2)
    quad = torch.tensor([[250.0, 60], [60, 250], [250, 440], [440, 250]], dtype=torch.float64)
    first = crop(photo, quad, SIDE)
    made = Carrier(photo, quad, first, None).carried(warped(first, bump(SIDE)))
    changed = (~made.kept).nonzero()
    assert len(changed) > 5000
    assert (changed.float().mean(0) - 250).abs().max() < 25
    assert torch.equal(made.image[:, made.kept], photo[:, made.kept])
