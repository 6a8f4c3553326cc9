"""Mouths that open in a photograph: its own lips are found and parted, and a mouth is drawn between them."""

import pytest
import torch

from nets.align import whole
from nets.carry import Ground
from nets.carry.landmarks import Face, compared
from nets.carry.lips import lips_of
from nets.carry.mouth import opening_of, parting
from nets.carry.movement import movement
from nets.carry.settled import Asked

SKIN, LIP, DARK, TEETH = (
    torch.tensor(x) for x in ((0.8, 0.6, 0.5), (0.7, 0.3, 0.3), (0.25, 0.1, 0.1), (0.9, 0.88, 0.8))
)
MIDDLE, WIDE, THICK = (0.5, 0.7), 0.24, 0.12  # in shares of the side, and a lip in widths of the mouth


def portrait(size=512, open_by=0.0, line=0.0, inside=TEETH):
    """Plain skin with two lips; between them a dark line `line` widths below the middle, or something so far open."""
    at = (torch.arange(size) + 0.5) / size
    t, height = 2 * (at[None] - MIDDLE[0]) / WIDE, (at[:, None] - MIDDLE[1]) / WIDE
    bow = (1 - t.square()).clamp(min=0)
    picture = SKIN[:, None, None].expand(3, size, size).clone()
    lips = (height > -THICK * bow) & (height < (open_by + THICK) * bow) & (t.abs() < 1)
    picture = torch.where(lips, LIP[:, None, None], picture)
    low, high = (line * bow - 0.012, line * bow + 0.012) if not open_by else (0 * bow, open_by * bow)
    shown = (height > low) & (height < high) & (t.abs() < 0.95)
    return torch.where(shown, (inside if open_by else DARK)[:, None, None], picture)


def face(open_by=0.0):
    points = torch.rand(72, 2, generator=torch.Generator().manual_seed(1)) * torch.tensor([0.6, 0.3]) + 0.2
    points[36:42], points[42:48] = torch.tensor([0.38, 0.45]), torch.tensor([0.62, 0.45])
    outer, inner = torch.linspace(-1, 1, 7), torch.linspace(-0.8, 0.8, 5)

    def put(numbers, t, height):
        points[numbers] = torch.stack([t / 2, height], 1) * WIDE + torch.tensor(MIDDLE)

    put(range(48, 55), outer, -THICK * (1 - outer.square()))
    put(range(55, 60), outer[1:-1].flip(0), (open_by + THICK) * (1 - outer[1:-1].square()).flip(0))
    put(range(60, 65), inner, 0 * inner)
    put(range(65, 68), inner[1:-1].flip(0), open_by * (1 - inner[1:-1].square()).flip(0))
    return Face(1.0, points, torch.ones(72, dtype=torch.bool), torch.ones(64, 64), torch.zeros(64, 64))


def found(picture, seen):
    return lips_of(picture, seen.places, seen.counts)


@pytest.mark.parametrize("line", [0.0, 0.05])
def test_the_line_between_closed_lips_is_found_where_it_is_dark(line):
    lips = found(portrait(line=line), face())
    assert not lips.teeth
    assert float(lips.curves[1, 24]) == pytest.approx(line, abs=0.02)
    assert float(lips.curves[0, 24]) == pytest.approx(line - THICK, abs=0.02), "its outline goes with it"
    assert (lips.lip - LIP).abs().max() < 0.2


def test_the_lower_lip_begins_below_teeth_that_are_seen():
    lips = found(portrait(open_by=0.2), face(0.22))
    assert lips.teeth
    assert float(lips.curves[1, 24]) == pytest.approx(0.2, abs=0.025)


def test_a_mouth_that_is_not_all_seen_or_misread_has_no_lips():
    seen = face()
    counts = seen.counts.clone()
    counts[57] = False
    assert lips_of(portrait(), seen.places, counts) is None
    narrow = seen.places.clone()
    narrow[48:68, 0] = 0.5 + (narrow[48:68, 0] - 0.5) * 0.6
    assert lips_of(portrait(), narrow, seen.counts) is None, "a misread mouth is none"


@pytest.mark.parametrize(("teeth", "opens"), [(0.0, 0.35), (0.2, 0.45)])
def test_lips_part_as_they_are_and_a_mouth_is_dark_between_them(teeth, opens):
    photo = portrait(open_by=teeth)
    ground, before, after = Ground(photo, whole(512, 512)), face(teeth), face(opens)
    ground.look(before)
    first, smudge = portrait(256, open_by=teeth), portrait(256, open_by=opens, inside=SKIN)
    read = movement(first, smudge, compared(before, after), part=True)
    assert read.apart > 0.02
    assert read.fresh.max() < 0.01, "no pixel of the generator is needed"
    made = ground.carried(read).image
    middle = made[:, :, 256]
    light = middle.mean(0)
    lips = ((middle - LIP[:, None]).abs().amax(0) < 0.06).sum() / 512 / WIDE
    assert 1.3 * THICK < float(lips) < 2.2 * THICK, "they keep their thickness, or most of it"
    assert float((light < 0.3).sum()) / 512 / WIDE > 0.05
    rows = (light < 0.3).nonzero()[:, 0] / 512
    assert MIDDLE[1] - 0.01 < float(rows.min()) < float(rows.max()) < MIDDLE[1] + opens * WIDE + 0.01
    assert torch.equal(made[:, :200], photo[:, :200])


def test_what_does_not_move_parts_nothing():
    lips = found(portrait(), face())
    still = opening_of(lips, torch.zeros(128, 128, 2))
    assert still.ways.abs().max() < 1e-6
    at = (torch.arange(64) + 0.5) / 64
    places = torch.stack([at[None].expand(64, 64), at[:, None].expand(64, 64)], -1)
    made = parting(lips, still, places, places, 1 / 64)
    assert made.shift.abs().max() < 1e-6
    assert made.shown.max() < 1e-6


def stretched(by):
    """A field at 256 pixels that makes a mouth so many times as high, about the outline of the upper lip."""
    at = (torch.arange(256) + 0.5) / 256
    places = torch.stack([at[None].expand(256, 256), at[:, None].expand(256, 256)], -1)
    from_top = places[..., 1] - MIDDLE[1] + THICK * WIDE
    field = torch.zeros(256, 256, 2)
    field[..., 1] = from_top.clamp(min=0) * (1 / by - 1)
    return places, field


@pytest.mark.parametrize("by", [1.5, 2.5])
def test_neither_lips_nor_teeth_grow_with_an_opening_mouth(by):
    lips = found(portrait(open_by=0.2), face(0.22))
    places, field = stretched(by)
    made = parting(lips, opening_of(lips, field), places, places + field, 1 / 256)
    was = (places + field + made.shift)[:, 128, 1]
    inside = (places[:, 128, 1] > MIDDLE[1] - 0.8 * THICK * WIDE) & (was < MIDDLE[1] + 0.15 * WIDE)
    steps = was[1:][inside[1:]] - was[:-1][inside[1:]]
    assert (256 * steps - 1).abs().max() < 0.06, "a pixel of lip and teeth is a pixel afterwards"
    high = (2 * THICK + 0.2) * WIDE
    assert float(made.shown[:, 128].sum()) / 256 == pytest.approx((by - 1) * high, abs=0.015)


@pytest.mark.parametrize("rim", [True, False])
def test_a_mouth_that_the_edge_cuts_stays_shut_and_that_is_said(rim):
    photo = portrait()[:, : 360 if rim else 512]  # at 358 pixels its middle lies, at 389 the lower lip ends
    ground, before, after = Ground(photo, whole(512, 512)), face(), face(0.35)
    ground.look(before)
    assert ground.mouth_cut == rim
    assert (ground.lips is None) == rim
    read = movement(portrait(256), portrait(256, open_by=0.35), compared(before, after), part=True)
    made = ground.carried(read)
    assert ("mouth" in made.left_out) == rim
    dark = ((picture[:, 340:, 256].mean(0) < 0.3).sum() for picture in (made.image, photo))
    assert (int(next(dark) - next(dark)) > 3) != rim


def test_a_mouth_that_is_not_told_clearly_gets_no_smudge_of_the_generator():
    photo, before, after = portrait(), face(), face(0.35)
    narrow = before.places.clone()
    narrow[48:68, 0] = 0.5 + (narrow[48:68, 0] - 0.5) * 0.6
    ground = Ground(photo, whole(512, 512))
    ground.look(before._replace(places=narrow))
    assert ground.lips is None
    smudge = portrait(256, open_by=0.35, inside=torch.tensor([0.1, 0.9, 0.1]))
    read = movement(portrait(256), smudge, compared(before, after), part=True)
    made = ground.carried(read)
    assert "does not open" in made.left_out
    green = (made.image[1] - made.image[0]).clamp(min=0)
    assert green.max() < 0.05


@pytest.mark.parametrize("teeth", [0.0, 0.2])
def test_a_mouth_that_opens_in_a_black_and_white_photograph_has_no_colour(teeth):
    photo = portrait(open_by=teeth).mean(0, keepdim=True).expand(3, -1, -1).clone()
    ground, before, after = Ground(photo, whole(512, 512)), face(teeth), face(teeth + 0.3)
    ground.look(before)
    assert ground.grey
    assert ground.lips is not None
    first, wider = portrait(256, open_by=teeth), portrait(256, open_by=teeth + 0.3)
    read = movement(first, wider, compared(before, after), part=True)
    made = ground.carried(read)
    assert not made.kept[330:420, 240:270].all(), "it opens"
    assert (made.image.amax(0) - made.image.amin(0)).max() < 0.01


def test_a_mouth_that_the_generator_does_not_open_stays_as_it_is_and_that_is_said():
    photo, before = portrait(), face()
    ground = Ground(photo, whole(512, 512))
    ground.look(before)
    smudge = portrait(256, open_by=0.15, inside=torch.tensor([0.1, 0.9, 0.1]))
    made = ground.carried(movement(portrait(256), smudge, compared(before, before), part=True), Asked(mouth=0.8))
    assert made.left_out == "the mouth does not open, nor does the generator's"
    assert (made.image[1] - made.image[0]).max() < 0.05
