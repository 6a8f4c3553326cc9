"""What is decoded: the first picture of a file, the same sRGB in every mode, and the coverage beside it."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from facet import BadInput, Step, Subject, editor
from registry.conformance.sample_inputs import small_picture
from registry.execution.run import finish
from registry.saved.lineage import subject_with_lineage
from registry.subjects.layers import on_white, straight
from registry.subjects.pixels import read_layers
from tests.saving import read_picture, save_png

CASES = Path(__file__).parent / "cases"


def profile_of(name: str) -> bytes:
    with Image.open(CASES / name) as image:
        return image.info["icc_profile"]


P3, GREY = profile_of("p3_red_rgb.png"), profile_of("graylin_L.png")


def encoded(image: Image.Image, kind: str, **how) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["phone.jpg", "phone_stale.jpg", "phone.avif"])
def test_a_phones_photograph_is_its_first_picture(name):
    assert read_picture(CASES / name, "subject").shape == (240, 320, 3)


def test_of_several_pages_the_first_one_counts():
    first, second = (Image.fromarray(small_picture(40, 30, seed=seed)) for seed in (1, 2))
    content = encoded(first, "TIFF", save_all=True, append_images=[second])
    assert np.array_equal(read_picture(content, "subject"), np.asarray(first))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_refused(kind):
    first, second = (Image.fromarray(small_picture(40, 30, seed=seed)) for seed in (1, 2))
    with pytest.raises(BadInput, match="is an animation of 2 frames"):
        read_picture(encoded(first, kind, save_all=True, append_images=[second]), "subject")


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("p3_red*")))
def test_a_profile_gives_the_same_colour_in_every_mode_and_format(name):
    assert (read_picture(CASES / name, "subject") == (255, 0, 0)).all()


def colour_files() -> dict[str, bytes]:
    """One Display-P3 colour (or grey) in every mode and format that carries a profile."""
    rgb = Image.new("RGB", (32, 32), (200, 90, 60))
    rgba = rgb.convert("RGBA")
    with_key = rgb.convert("P", palette=Image.Palette.ADAPTIVE)
    return {
        "rgb.png": encoded(rgb, "PNG", icc_profile=P3),
        "rgba.png": encoded(rgba, "PNG", icc_profile=P3),
        "palette.png": encoded(with_key, "PNG", icc_profile=P3),
        "keyed.png": encoded(with_key, "PNG", icc_profile=P3, transparency=1),
        "rgb.tif": encoded(rgb, "TIFF", icc_profile=P3),
        "rgba.tif": encoded(rgba, "TIFF", icc_profile=P3),
        "rgb.webp": encoded(rgb, "WEBP", icc_profile=P3, lossless=True),
        "rgba.webp": encoded(rgba, "WEBP", icc_profile=P3, lossless=True),
        "rgb.jpg": encoded(rgb, "JPEG", icc_profile=P3, quality=100, subsampling=0),
        "rgb.avif": encoded(rgb, "AVIF", icc_profile=P3, quality=100),
        "rgba.avif": encoded(rgba, "AVIF", icc_profile=P3, quality=100),
    }


@pytest.mark.parametrize("name", sorted(colour_files()))
def test_the_same_srgb_whatever_carries_it(name):
    files = colour_files()
    wanted = read_picture(files["rgb.png"], "x")[0, 0].astype(int)
    assert abs(wanted - (200, 90, 60)).max() > 5  # the profile did something
    assert abs(read_picture(files[name], "x")[0, 0] - wanted).max() <= (3 if name.endswith(("jpg", "avif")) else 0)


def test_grey_profiles_in_all_grey_modes():
    wide = np.tile(np.arange(0, 256, 4, dtype=np.uint8), (32, 1))
    flat = Image.fromarray(wide)
    layers = [flat, flat.convert("LA"), flat.convert("P")]
    found = [read_picture(encoded(image, "PNG", icc_profile=GREY), "x") for image in layers]
    found.append(read_picture(encoded(flat, "TIFF", icc_profile=GREY), "x"))
    assert (found[0][:, 8:56, 0].astype(int) - wide[:, 8:56]).min() >= 19  # linear light is darker than it looks
    assert all(np.array_equal(found[0], other) for other in found[1:])
    deep = read_picture(encoded(Image.fromarray(wide.astype(np.uint16) * 257), "PNG", icc_profile=GREY), "x")
    assert np.abs(deep.astype(int) - found[0]).max() <= 1
    same = [read_picture(CASES / f"graylin_{mode}.png", "x") for mode in ("L", "LA")]
    assert np.array_equal(*same)


def test_a_grey_picture_may_carry_the_profile_of_a_camera():
    flat = Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (32, 1)))
    grey, rgb = (encoded(image, "PNG", icc_profile=P3) for image in (flat, flat.convert("RGB")))
    assert np.array_equal(read_picture(grey, "x"), read_picture(rgb, "x"))


def test_cmyk_and_lab_are_converted():
    pixels = np.full((32, 32, 3), (180, 60, 40), np.uint8)
    lab = ImageCms.profileToProfile(
        Image.fromarray(pixels), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert np.abs(read_picture(encoded(lab, "TIFF"), "x").astype(int) - pixels).max() <= 3
    cmyk = encoded(Image.fromarray(pixels).convert("CMYK"), "TIFF", icc_profile=P3)  # a profile of another space
    assert np.abs(read_picture(cmyk, "x").astype(int) - pixels).max() <= 3


def test_coverage_lies_beside_the_colours():
    rgba = np.dstack([small_picture(40, 30), np.tile(np.arange(40, dtype=np.uint8) * 6, (30, 1))])
    for content in (encoded(Image.fromarray(rgba), "PNG"), encoded(Image.fromarray(rgba), "TIFF")):
        layers = read_layers(content, "x")
        assert np.array_equal(layers.alpha, rgba[..., 3])
        assert np.array_equal(layers.pixels, on_white(rgba[..., :3], rgba[..., 3]))
    opaque = read_layers(encoded(Image.fromarray(rgba[..., :3]).convert("RGBA"), "PNG"), "x")
    assert opaque.alpha is None


def test_white_paper_can_be_taken_away_again_to_the_byte():
    alpha = np.repeat(np.arange(256, dtype=np.uint8), 256).reshape(256, 256)
    level = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    laid = on_white(np.repeat(level[..., None], 3, 2), alpha)
    assert np.array_equal(on_white(straight(laid, alpha), alpha), laid)


def test_a_picture_of_nothing_is_refused():
    with pytest.raises(BadInput, match="style: is wholly transparent"):
        read_layers(encoded(Image.new("RGBA", (20, 20), (9, 9, 9, 0)), "PNG"), "style")


def test_transparency_is_part_of_what_a_picture_is():
    clear, opaque = (
        Subject.read(encoded(Image.new("RGBA", (20, 20), colour), "PNG"))
        for colour in ((0, 0, 0, 128), (127, 127, 127, 255))
    )
    assert np.array_equal(clear.pixels, opaque.pixels)
    assert clear.sha256 != opaque.sha256


def test_heic_is_refused_with_what_to_do_or_read_by_its_plugin(monkeypatch):
    head = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(
        BadInput, match="is a HEIC photograph.*Save it as a JPEG first, or pip install “facet-editors.heic.”"
    ):
        read_picture(head, "subject")


def test_notes_of_another_program_do_not_keep_a_picture_from_being_read():
    pixels = small_picture(40, 30)
    info = PngImagePlugin.PngInfo()
    info.add_itxt("workflow", "A" * 3_000_000, zip=True)
    info.add_text("prompt", "B" * 3_000_000, zip=True)
    assert np.array_equal(read_picture(encoded(Image.fromarray(pixels), "PNG", pnginfo=info), "x"), pixels)


@editor("darker", "Darker", task="restyle", gpu_seconds=0)
def darker(ctx, *, subject: Subject):
    """Half the light."""
    yield Step(subject.pixels // 2, done=1.0)


@editor("smaller", "Smaller", task="restyle", gpu_seconds=0)
def smaller(ctx, *, subject: Subject):
    """Half the size."""
    yield Step(subject.pixels[::2, ::2], done=1.0)


@editor("cut_out", "Cut out", task="restyle", gpu_seconds=0)
def cut_out(ctx, *, subject: Subject):
    """The left half."""
    alpha = np.zeros(subject.pixels.shape[:2], np.uint8)
    alpha[:, : alpha.shape[1] // 2] = 255
    yield Step(subject.pixels, done=1.0, alpha=alpha)


@editor("pil_cut_out", "PIL cut out", task="restyle", gpu_seconds=0)
def pil_cut_out(ctx, *, subject: Subject):
    """The left half, as a picture with transparency."""
    image = subject.image.convert("RGBA")
    image.paste((0, 0, 0, 0), (image.width // 2, 0, image.width, image.height))
    yield Step(lambda: image, done=1.0, preview=subject.pixels)


def sticker() -> Subject:
    return Subject.read(CASES / "sticker.png")


def test_a_subjects_transparency_stays_through_an_edit_and_a_file(tmp_path):
    result = finish(darker, {"subject": sticker()}).subject
    assert np.array_equal(result.alpha, sticker().alpha)
    save_png(result, tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        assert image.mode == "RGBA"
        assert np.array_equal(np.asarray(image)[..., 3], sticker().alpha)
    again = subject_with_lineage(tmp_path / "out.png")
    assert again.sha256 == result.sha256 == again.lineage[-1]["result"]


def test_where_transparency_is_lost_it_is_said():
    result = finish(smaller, {"subject": sticker()})
    assert result.subject.alpha is None
    assert result.recipe["facts"]["transparency"] == "not kept: the result has another size"
    assert "facts" not in finish(smaller, {"subject": Subject.read(small_picture(40, 40))}).recipe


@pytest.mark.parametrize("cutter", [cut_out, pil_cut_out], ids=lambda spec: spec.id)
def test_a_step_may_bring_its_own(cutter):
    result = finish(cutter, {"subject": Subject.read(small_picture(40, 40))}).subject
    assert result.alpha[:, :20].min() == 255
    assert result.alpha[:, 20:].max() == 0
    assert (result.pixels[:, 20:] == 255).all()
