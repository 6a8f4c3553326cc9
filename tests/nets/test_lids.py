"""Eyes that close in a photograph: its own lids are found and slid; behind glasses nothing is, and it is said."""

import numpy as np
import pytest
import torch

from nets.align import blurred, whole
from nets.carry import Ground
from nets.carry.glasses import outline_of
from nets.carry.landmarks import Face, Marks, compared
from nets.carry.lids import lids_of
from nets.carry.movement import movement
from nets.carry.settled import Asked
from nets.carry.shut import shut

SKIN, DARK = torch.tensor([0.8, 0.6, 0.5]), torch.tensor([0.15, 0.1, 0.1])
MIDDLES, WIDE = ((0.36, 0.5), (0.64, 0.5)), 0.16


def portrait(size=512, open_by=0.5, turn=0.0, bridge=False):
    """A face of plain skin with two dark eyes: lenses between two parabolas, as wide as a share of the landmarks'."""
    at = (torch.arange(size) + 0.5) / size
    picture = SKIN[:, None, None].expand(3, size, size).clone()
    for x, y in MIDDLES:
        across, down = (at[None] - x).expand(size, size), (at[:, None] - y).expand(size, size)
        c, s = torch.cos(torch.tensor(turn)), torch.sin(torch.tensor(turn))
        t, height = 2 * (across * c + down * s) / WIDE, (down * c - across * s) / WIDE
        inside = (height.abs() < 0.2 * open_by * 2 * (1 - (t / 0.8).square()).clamp(min=0)) & (t.abs() < 0.8)
        picture = torch.where(inside, DARK[:, None, None], picture)
    if bridge:
        size = picture.shape[-1]
        picture[:, round(0.49 * size) : round(0.505 * size), round(0.42 * size) : round(0.58 * size)] = 0.1
    return picture + 0.01 * torch.rand(3, size, size, generator=torch.Generator().manual_seed(0))


def eyes(lift=0.1):
    """Landmarks of both, a little larger than what is there."""
    shape = torch.tensor([[-0.5, 0], [-0.2, -lift], [0.2, -lift], [0.5, 0], [0.2, lift], [-0.2, lift]]) * WIDE
    return [torch.tensor(middle) + shape for middle in MIDDLES]


def places(size=256):
    at = (torch.arange(size) + 0.5) / size
    return torch.stack([at[None].expand(size, size), at[:, None].expand(size, size)], -1)


def face(glasses=0.0, lift=0.1, present=1.0):
    points = torch.rand(72, 2, generator=torch.Generator().manual_seed(1)) * 0.6 + 0.2
    points[36:42], points[42:48] = eyes(lift)
    spot = torch.zeros(64, 64)
    spot[26:38, 14:50] = glasses
    return Face(present, points, torch.ones(72, dtype=torch.bool), torch.ones(64, 64), spot)


def darkness(picture):
    side = picture.shape[-1]
    band = slice(int(0.42 * side), int(0.58 * side))
    return float((picture[0, band, int(0.27 * side) : int(0.73 * side)] < 0.45).float().mean())


@pytest.mark.parametrize("open_by", [0.35, 0.5])
def test_lids_are_found_where_they_are(open_by):
    found = lids_of(portrait(open_by=open_by), eyes())
    assert found is not None
    for eye in found:
        assert eye.upper[0] == pytest.approx(-0.4 * open_by, abs=0.05)
        assert eye.lower[0] == pytest.approx(0.4 * open_by, abs=0.05)
        assert eye.axis.tolist() == pytest.approx([WIDE, 0], abs=1e-4)


def test_where_there_is_no_eye_none_is_found():
    assert lids_of(SKIN[:, None, None].expand(3, 512, 512).clone(), eyes()) is None


def test_a_closed_eye_is_skin_with_a_line_of_lashes_and_half_of_it_is_half():
    photo, read = portrait(), lids_of(portrait(), eyes())
    assert shut(read, (0.0, 0.0), places(), 1 / 256, None).shown.max() == 0
    lid = shut(read, (1.0, 1.0), places(), 1 / 256, None)
    assert lid.shown.max() == 1
    assert lid.shown[:90].max() == 0, "the forehead stays"
    assert lid.shown[160:].max() == 0, "and the cheeks"
    assert (lid.colours[:, 124, 92] - SKIN).abs().max() < 0.08, "a lid is skin"
    away = shut(read, (1.0, 1.0), places(), 1 / 256, torch.zeros(8, 8))
    assert away.shown.max() == 0, "and ends where the head does"
    ground = Ground(photo, whole(512, 512))
    ground.look(face())
    assert ground.lids is not None
    first = torch.nn.functional.interpolate(photo[None], (256, 256), mode="area")[0]
    shares = [darkness(photo)]
    for lift in (0.055, 0.004):
        marks = compared(face(), face(lift=lift))
        shares.append(darkness(ground.carried(movement(first, first, marks, slide=True)).image))
    assert shares[2] < 0.35 * shares[0]
    assert shares[2] < shares[1] < 0.9 * shares[0]


def test_behind_glasses_eyes_stay_as_they_are_and_it_is_said():
    photo = portrait(bridge=True)
    ground = Ground(photo, whole(512, 512))
    ground.look(face(glasses=1.0))
    assert ground.glasses
    first = torch.nn.functional.interpolate(photo[None], (256, 256), mode="area")[0]
    after = torch.where(first < 0.4, torch.tensor(0.7), first)  # the generator's lids
    closed = movement(first, after, compared(face(glasses=1.0), face(glasses=1.0, lift=0.004)))
    made = ground.carried(closed)
    assert made.left_out == "eyes stay open behind glasses"
    assert darkness(made.image) == pytest.approx(darkness(photo), abs=0.01)


def test_glasses_are_put_on_a_bare_face_only():
    photo = portrait()
    first = torch.nn.functional.interpolate(photo[None], (256, 256), mode="area")[0]
    after = first.clone()
    after[:, 104:152, 56:200] = 0.05
    read = movement(first, after, compared(face(), face(glasses=1.0)))
    assert read.glasses.max() > 0.9
    framed = portrait(bridge=True)
    bare, worn = Ground(photo, whole(512, 512)), Ground(framed, whole(512, 512))
    bare.look(face())
    worn.look(face(glasses=1.0))
    put_on, as_before = bare.carried(read), worn.carried(read)
    rim = (slice(None), slice(211, 215), slice(170, 200))
    assert put_on.image[rim].mean() < photo[rim].mean() - 0.2
    assert put_on.left_out == ""
    assert as_before.left_out == "glasses are worn already"
    assert (as_before.image[rim] - framed[rim]).abs().mean() < 0.01


def test_marks_without_glasses_change_nothing_there():
    assert compared(face(), face()).glasses is None
    assert compared(face(), face(present=0.1)) is None
    assert isinstance(compared(face(glasses=1.0), face(glasses=1.0)), Marks)


def test_a_frame_is_put_on_as_sharp_as_the_photograph_and_without_the_lenses_tint():
    photo = portrait(1024)
    first = torch.nn.functional.interpolate(photo[None], (256, 256), mode="area")[0]
    lens, rim = torch.zeros(64, 64), torch.zeros(64, 64)
    for left in (14, 34):
        rim[24:42, left : left + 16] = 1
        lens[27:39, left + 3 : left + 13] = 1
    rim = rim * (1 - lens)
    large = [torch.nn.functional.interpolate(each[None, None], (256, 256))[0, 0] for each in (rim, lens)]
    green, after = torch.tensor([0.2, 0.5, 0.2])[:, None, None], first.clone()
    after = after + (green - after) * (blurred(large[0][None], 3.0) + 0.3 * large[1])
    ground, bare = Ground(photo, whole(1024, 1024)), face()
    ground.look(bare)
    made = ground.carried(movement(first, after, compared(bare, bare._replace(glasses=rim)))).image
    column = made[:, 360:460, 368]  # from the forehead down over the upper rim
    light = column.mean(0)
    assert light[:10].mean() - light.min() > 0.3
    steep = (light[1:] - light[:-1]).abs().max()
    assert steep > 0.06, "its edge takes a few of the photograph's pixels, not the sixteen of the generator's"
    frame = made[:, 403:410, 355:380].flatten(1).mean(1)
    assert frame.max() - frame.min() < 0.15
    assert frame.mean() < 0.3
    through = np.s_[:, 480:560, 330:400]
    assert torch.equal(made[through], photo[through]), "through lenses the photograph is seen"


def test_a_frame_has_the_extent_that_is_seen_and_where_nothing_is_seen_there_is_none():
    eyes_at, map_of = torch.tensor(MIDDLES), torch.zeros(64, 64)
    assert outline_of(map_of, eyes_at, 256).max() == 0
    for left in (15, 35):
        map_of[27:41, left : left + 14] = 1
    wide = outline_of(map_of, eyes_at, 256) > 0.5
    rows, columns = (wide.any(axis).nonzero()[:, 0] for axis in (1, 0))
    assert rows[0] == pytest.approx(27 * 4, abs=6)
    assert rows[-1] == pytest.approx(41 * 4, abs=6)
    assert columns[0] == pytest.approx(15 * 4, abs=8)
    assert not wide[128, 92], "lenses are open"


def test_a_turn_of_somebody_with_glasses_puts_none_on():
    before, after = face(glasses=1.0), face(glasses=1.0)
    after = after._replace(glasses=after.glasses.roll(9, 1))
    assert compared(before, after).glasses is None


def test_a_face_that_the_edge_cuts_is_told_that_it_moves_less():
    photo = portrait()[:, :, :256]
    ground = Ground(photo, whole(512, 512))
    assert ground.cut
    assert not Ground(portrait()[:, :, :400], whole(512, 512)).cut
    first = torch.nn.functional.interpolate(ground.small[None], (256, 256), mode="area")[0]
    made = ground.carried(movement(first, first, compared(face(), face())))
    assert "beyond the photograph's edge" in made.left_out


def test_eyes_behind_glasses_go_with_the_head_and_are_not_torn_from_it():
    photo = portrait(bridge=True)
    ground = Ground(photo, whole(512, 512))
    ground.look(face(glasses=1.0))
    first = torch.nn.functional.interpolate(photo[None], (256, 256), mode="area")[0]
    read = movement(first, first, compared(face(glasses=1.0), face(glasses=1.0)))
    lids = torch.zeros(256, 256)
    lids[112:144, 60:200] = 1
    moved = ground.carried(read._replace(field=torch.full((256, 256, 2), 16 / 512), lids=lids)).image
    inside = np.s_[:, 100:400, 100:400]
    assert (moved[inside] - photo.roll((-16, -16), (1, 2))[inside]).abs().mean() < 0.01


def ground_of(photo, seen=None, eyes=None):
    ground = Ground(photo, whole(512, 512))
    ground.look(seen or face(), eyes)
    return ground


def small(photo):
    return torch.nn.functional.interpolate(photo[None], (256, 256), mode="area")[0]


def test_shadows_that_judges_take_for_glasses_are_none_without_a_bridge():
    ground = ground_of(portrait(), face(glasses=1.0))
    assert not ground.glasses
    assert ground.lids is not None
    assert ground_of(portrait(bridge=True), face(glasses=1.0)).glasses
    assert not ground_of(portrait(bridge=True)).glasses, "a line across the nose alone is no frame"


def test_the_upper_lid_of_a_narrow_eye_is_not_its_brow():
    photo = portrait(open_by=0.3)
    for x, _ in MIDDLES:  # a heavy brow, just above
        photo[:, 220:238, round((x - 0.07) * 512) : round((x + 0.07) * 512)] = 0.1
    found = lids_of(photo, eyes(lift=0.06))
    assert found is not None
    for eye in found:
        assert eye.lower[0] - eye.upper[0] < 0.3
        assert eye.upper[0] == pytest.approx(-0.12, abs=0.06)
        assert eye.skin[:, 0].min() > 0.5, "and its lid has the colour of skin"


def test_lids_are_looked_for_where_a_detector_has_the_eyes():
    photo = portrait()
    low = face()
    low.places[36:48, 1] += 0.04  # landmarks a seventh of an eye distance too low
    known = torch.tensor(MIDDLES)
    ground = ground_of(photo, low, known)
    assert not ground.misread
    assert all(abs(float(eye.middle[1]) - 0.5) < 0.01 for eye in ground.lids)


def test_landmarks_that_are_elsewhere_than_the_face_are_not_believed_and_that_is_said():
    off = face()
    off.places[36:48] += 0.12
    ground = ground_of(portrait(), off, torch.tensor(MIDDLES))
    assert ground.misread
    assert ground.lids is None
    first = small(portrait())
    made = ground.carried(movement(first, first, None), Asked(eyes=1.0))
    assert made.left_out == (
        "the face is not told clearly, so it moves less than the generator's, and nothing new appears in it"
    )
    assert made.kept.all()


def test_eyes_that_are_asked_to_close_do_so_where_the_generators_hardly_do():
    photo = portrait()
    ground, first = ground_of(photo), small(portrait())
    read = movement(first, first, compared(face(), face(lift=0.085)), slide=True)
    assert max(read.closed) < 0.2
    assert darkness(ground.carried(read).image) > 0.8 * darkness(photo)
    made = ground.carried(read, Asked(eyes=1.0))
    assert darkness(made.image) < 0.35 * darkness(photo)
    assert made.left_out == ""


def test_where_eyes_close_in_part_or_alone_or_not_at_all_it_is_said():
    photo = portrait()
    ground, first = ground_of(photo), small(portrait())
    read = movement(first, first, compared(face(), face()), slide=True)
    assert ground.carried(read._replace(closed=(0.6, 0.6))).left_out == "eyes close by 60%, as the generator's do"
    said = ground.carried(read._replace(closed=(0.9, 0.1))).left_out
    assert said == "one eye closes by 90% and the other by 10%, as the generator's do"
    blank = ground_of(SKIN[:, None, None].expand(3, 512, 512).clone())
    assert blank.lids is None
    assert blank.carried(read, Asked(eyes=1.0)).left_out == "the eyes, not told clearly, do not close"


def test_a_head_that_turns_keeps_its_eyes_open():
    narrower = face(lift=0.06)
    still = movement(*[small(portrait())] * 2, compared(face(), narrower), slide=True)
    assert min(still.closed) > 0.25
    turned = narrower._replace(places=narrower.places + torch.tensor([0.06, 0.0]))
    assert movement(*[small(portrait())] * 2, compared(face(), turned), slide=True).closed == (0.0, 0.0)


@pytest.mark.parametrize(("lift", "said"), [(0.1, "open only as far as lids stretch"), (0.03, "do not open")])
def test_eyes_that_open_have_no_pixel_of_the_generator(lift, said):
    photo, before, after = portrait(), face(lift=lift), face(lift=0.16)
    ground = ground_of(photo, before)
    first = small(photo)
    wide = first.clone()
    wide[:, 116:140, 80:104] = wide[:, 116:140, 152:176] = torch.tensor([0.1, 0.2, 0.9])[:, None, None]
    made = ground.carried(movement(first, wide, compared(before, after), slide=True))
    assert said in made.left_out
    assert (made.image[2] - made.image[0]).max() < 0.05, "nothing is blue"
