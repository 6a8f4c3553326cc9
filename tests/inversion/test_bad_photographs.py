"""Photographs that go wrong: each a right result, or one sentence before the long work."""

import io
import sys

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from editors.inversion import invert
from editors.inversion.networks import AIDS, DETECTOR
from facet import BadInput, NoFace, Subject, placement_of
from facet.app import finish

pytestmark = pytest.mark.skipif(DETECTOR not in AIDS, reason="the detector is not part of this checkout")
QUICK = {"model": "puppets", "steps": 0, "tuning": 0, "start": "mean", "detector": "mtcnn"}
EYES = np.array([[202, 100], [246, 103]])


@pytest.fixture
def no_work(monkeypatch):
    """Whatever is refused is refused before a search begins."""

    def begun(*_, **__):
        pytest.fail("the search had begun")

    monkeypatch.setattr(sys.modules["editors.inversion.bring"], "invert", begun)


def portrait():
    return Subject.read("sample:astronaut").image


def centre(subject):
    return np.mean(placement_of(subject).corners, 0)


def framed(image, **how):
    return finish(invert, {"subject": image, **QUICK, **how})


def test_a_cat_is_no_person(no_work):
    with pytest.raises(NoFace, match=r"No face was found \(MTCNN: no face.*Place four points.*as it is"):
        framed("sample:chelsea")


@pytest.mark.parametrize("sort", ["wall", "sky"])
def test_where_nothing_is_seen_nobody_is(sort, no_work):
    levels = np.full(300, 128) if sort == "wall" else np.linspace(40, 230, 300)
    with pytest.raises(NoFace, match="No face was found"):
        framed(np.tile(levels.astype(np.uint8)[:, None, None], (1, 300, 3)))


def test_of_two_faces_one_must_be_chosen(no_work):
    both = Image.new("RGB", (1024, 512))
    both.paste(portrait(), (0, 0))
    both.paste(ImageOps.mirror(portrait()), (512, 0))
    with pytest.raises(BadInput, match="face: is needed, as there are 2 faces in the picture.*Choose 1 to 2"):
        framed(both)


def test_the_chosen_one_of_two_is_cut_out():
    both = Image.new("RGB", (1024, 512))
    both.paste(portrait(), (0, 0))
    both.paste(ImageOps.mirror(portrait()), (512, 0))
    assert centre(framed(both, face=1).subject)[0] < 512 < centre(framed(both, face=2).subject)[0]


def test_a_head_that_is_cut_by_the_rim_is_refused_or_whole(no_work):
    with pytest.raises(NoFace, match=r"cut by the picture's edge|No face was found"):
        framed(portrait().crop((190, 60, 290, 150)))


@pytest.mark.parametrize(
    ("box", "lost"),
    [((222, 0, 512, 400), "an eye"), ((0, 0, 222, 400), "an eye"), ((60, 0, 420, 118), "a corner of the mouth")],
)
def test_half_a_face_is_none(box, lost, no_work):
    with pytest.raises(NoFace, match=f"cut by the picture's edge: {lost} lies outside.*Place four points"):
        framed(portrait().crop(box))


@pytest.mark.parametrize("box", [(174, 0, 512, 400), (60, 70, 420, 512), (60, 0, 420, 165)])
def test_a_cut_forehead_cheek_or_chin_does_not_matter(box):
    assert framed(portrait().crop(box)).recipe["facts"]["cut out"].startswith("a face found")


def test_a_face_of_forty_pixels_is_found_and_one_that_is_too_small_is_not():
    small = portrait().resize((240, 240), Image.Resampling.LANCZOS)
    assert np.abs(centre(framed(small).subject) - EYES.mean(0) * 240 / 512).max() < 6
    with pytest.raises(NoFace, match="No face was found|too small"):
        framed(portrait().resize((48, 48), Image.Resampling.LANCZOS))


def test_a_photograph_that_lies_on_its_side_by_exif_stands_upright():
    turned, buffer = portrait().transpose(Image.Transpose.ROTATE_90), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    turned.save(buffer, "JPEG", quality=95, exif=exif)
    upright = framed(buffer.getvalue())
    assert np.abs(centre(upright.subject) - centre(framed(portrait()).subject)).max() < 6


@pytest.mark.parametrize("sort", ["black and white", "sunglasses", "painting", "tilted"])
def test_unusual_portraits_are_found(sort):
    image = portrait()
    if sort == "black and white":
        image = image.convert("L")
    elif sort == "sunglasses":
        pixels = np.array(image)
        for x, y in EYES:
            pixels[y - 8 : y + 11, x - 16 : x + 16] = 12
        pixels[98:102, 190:260] = 12
        image = Image.fromarray(pixels)
    elif sort == "painting":
        image = image.filter(ImageFilter.ModeFilter(7)).quantize(24).convert("RGB")
    else:
        image = image.rotate(25, Image.Resampling.BICUBIC)
    result = framed(image)
    assert result.recipe["facts"]["cut out"].startswith("a face found by MTCNN")


def test_a_profile_is_found_or_said(no_work):
    half = np.array(portrait())
    half[:, 222:] = half[:, 222:223]  # what is left of a face whose other side nobody sees
    with pytest.raises(NoFace, match="Place four points"):
        framed(Image.fromarray(half))


def test_a_photograph_of_24_megapixels_is_looked_at_in_bounded_memory():
    large = portrait().resize((4800, 4800), Image.Resampling.BILINEAR)
    result = framed(large)
    assert np.abs(centre(result.subject) / 4800 * 512 - centre(framed(portrait()).subject)).max() < 6
    assert result.peak_memory_bytes < 2_000_000_000
