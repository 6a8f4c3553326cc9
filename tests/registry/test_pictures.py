"""Pictures from strangers: upright, RGB, within limits, or refused in a sentence that names the field."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from facet import BadInput
from registry.conformance.sample_inputs import small_picture
from registry.subjects import Subject
from registry.subjects.pixels import jpeg_bytes, pixels_sha256, to_pixels
from tests.registry.bad_pictures import refused_files, unusual_files
from tests.saving import read_picture

REFUSED = [
    "190 megapixels",
    "52 megapixels",
    "truncated jpeg",
    "truncated png",
    "animated gif",
    "animated webp",
    "one pixel",
] + ["svg", "html renamed", "empty", "text", "pdf", "missing", "a folder"]
UNUSUAL = ["cmyk.jpg", "cmyk.tiff", "16-bit.png", "rotated.jpg", "rotated.png", "rgba.png", "grey.png", "still.gif"]
UNUSUAL += ["plain.bmp", "palette.png", "text_bomb.png"]


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    return refused_files(tmp_path_factory.mktemp("refused"))


@pytest.fixture(scope="module")
def unusual(tmp_path_factory):
    return unusual_files(tmp_path_factory.mktemp("unusual"))


def test_the_lists_are_whole(refused, unusual):
    assert sorted(refused) == sorted(REFUSED)
    assert sorted(unusual) == sorted(UNUSUAL)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_as_a_path_as_bytes_and_on_the_command_line(name, refused, drop_in, cli, tmp_path):
    path, why = refused[name]
    with pytest.raises(BadInput) as refusal:
        read_picture(str(path), "subject")
    assert refusal.value.field == "subject"
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)
    if path.is_file():
        with pytest.raises(BadInput, match="subject: "):
            read_picture(path.read_bytes(), "subject")
    drop_in("good_one")
    out = tmp_path / "out.png"
    ran = cli("good_one", "--subject", path, "-o", out)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err == f"facet: {refusal.value}\n"
    assert not out.exists()


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_pictures_come_out_upright_in_rgb(name, unusual, drop_in, cli, tmp_path):
    path, expected = unusual[name]
    pixels = read_picture(path, "subject")
    assert pixels.dtype == np.uint8
    assert pixels.shape == expected.shape
    most = 12 if name.endswith(".jpg") else 1
    assert np.abs(pixels.astype(int) - expected).mean() < most / 3
    assert np.percentile(np.abs(pixels.astype(int) - expected), 99) <= most
    drop_in("good_one")
    out = tmp_path / "out.png"
    assert cli("good_one", "--subject", path, "-o", out).code == 0
    assert read_picture(out, "out").shape == expected.shape


@pytest.mark.parametrize("address", ["http://example.org/a.png", "https://a/b", "ftp://a/b", "//host/share/a.png"])
def test_web_addresses_are_refused(address):
    with pytest.raises(BadInput, match="is a web address"):
        read_picture(address, "subject")


@pytest.mark.parametrize(
    "source",
    [
        5,
        None,
        np.zeros((20, 20, 2), np.uint8),
        np.full((20, 20, 3), np.nan),
        np.zeros((20, 20, 3), np.int64),
        np.zeros((4, 400, 3), np.uint8),
        np.zeros(7),
        Image.new("RGB", (5, 5)),
    ],
    ids=lambda source: type(source).__name__,
)
def test_what_is_no_picture_is_refused(source):
    with pytest.raises(BadInput) as refusal:
        read_picture(source, "style")
    assert refusal.value.field == "style"


def test_arrays_are_taken():
    pixels = small_picture(30, 20)
    assert np.array_equal(read_picture(pixels, "x"), pixels)
    assert np.array_equal(read_picture(pixels / 255, "x"), pixels)
    assert np.array_equal(read_picture(pixels[..., 0], "x")[..., 2], pixels[..., 0])
    opaque = np.dstack([pixels, np.full((20, 30, 1), 255, np.uint8)])
    assert np.array_equal(read_picture(opaque, "x"), pixels)


def test_pixels_cannot_be_changed_behind_our_back():
    mine = small_picture(30, 20).copy()
    pixels = read_picture(mine, "x")
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 0


def test_a_broken_colour_profile_is_no_reason_to_refuse_a_picture():
    pixels = small_picture(30, 20)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", icc_profile=b"no profile at all")
    assert np.array_equal(read_picture(buffer.getvalue(), "x"), pixels)


def test_a_colour_profile_is_applied():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = profile.index(b"rXYZ") + 4, profile.index(b"gXYZ") + 4
    swapped = bytearray(profile)
    swapped[red : red + 8], swapped[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (255, 0, 0)).save(buffer, "PNG", icc_profile=bytes(swapped))
    pixel = read_picture(buffer.getvalue(), "x")[0, 0]
    assert pixel[1] > 240 > 20 > pixel[0]  # this profile's red is sRGB's green


def test_the_identity_of_a_picture_is_in_its_pixels(tmp_path):
    image = Image.fromarray(small_picture(30, 20))
    image.save(tmp_path / "a.png")
    image.save(tmp_path / "b.bmp")
    first, second = (pixels_sha256(read_picture(tmp_path / name, "x")) for name in ("a.png", "b.bmp"))
    assert first == second
    assert pixels_sha256(np.zeros((2, 3, 3), np.uint8)) != pixels_sha256(np.zeros((3, 2, 3), np.uint8))


def test_live_frames_are_small():
    frame = Image.open(io.BytesIO(jpeg_bytes(np.zeros((1000, 2000, 3), np.uint8))))
    assert frame.format == "JPEG"
    assert frame.size == (1024, 512)


def test_what_a_step_may_hold():
    pixels = small_picture(30, 20)
    tensor = torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255
    for same in (Image.fromarray(pixels), pixels, pixels / 255, tensor, tensor[None]):
        assert np.array_equal(to_pixels(same), pixels)
    with pytest.raises(TypeError, match="must be a picture"):
        to_pixels("words")
    assert to_pixels(np.full((2, 2, 3), 7.0)).max() == 255
    assert to_pixels(np.full((2, 2, 3), np.nan)).max() == 0


def test_a_photograph_of_36_megapixels_is_scaled_and_says_so():
    grey = Image.new("L", (7360, 4912), 90)
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held sideways
    subject = Subject.read(_encoded(grey, exif=turned))
    width, height = subject.size
    assert 24_900_000 < width * height <= 25_000_000
    assert (width < height, subject.scaled_from) == (True, (4912, 7360))
    assert abs(width / height - 4912 / 7360) < 0.001
    assert (subject.pixels.min(), subject.pixels.max()) == (90, 90)
    assert subject.scaled.startswith(f"from 4912 × 7360 to {width} × {height}")
    assert subject.then(subject.pixels[:20, :20], {}).scaled == ""


def _encoded(image: Image.Image, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **how)
    return file.getvalue()
