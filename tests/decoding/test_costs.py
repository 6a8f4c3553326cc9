"""Files that ask for far more than they are: refused by counting, in little work and little memory."""

import contextlib
import io
import tracemalloc
import warnings

import numpy as np
import pytest
from PIL import Image

from registry.errors import BadInput
from registry.subjects import costs, limits
from registry.subjects.subject import Subject
from tests.counted import lines_of
from tests.decoding.hostile_pictures import HOSTILE, LARGE, SMALL, encoded, frames_gif, pages_tiff, scans_jpeg
from tests.saving import read_picture

MOST_LINES = 1_000_000  # a second of Python or less; decoded, each of the files takes many times as much


@pytest.mark.parametrize("name", HOSTILE)
def test_a_costly_file_is_refused_by_counting(name, tmp_path):
    build, why = HOSTILE[name]
    content = build()
    file = tmp_path / "picture.png"
    file.write_bytes(content)
    refused = []

    def read(source):
        with pytest.raises(BadInput) as refusal:
            read_picture(source, "subject")
        refused.append(str(refusal.value))

    tracemalloc.start()
    try:
        read(content)
        read(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(why in sentence and sentence.startswith("subject: ") and "\n" not in sentence for sentence in refused)
    assert peak < len(content) + 20_000_000
    assert lines_of(lambda: read(content), 2 * MOST_LINES) < MOST_LINES


def test_pages_are_not_counted():
    content = pages_tiff(20_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert lines_of(lambda: read_picture(content, "x"), 20_000) < 10_000
    assert np.array_equal(read_picture(content, "x"), SMALL)


@pytest.mark.parametrize("second", ["page", "preview"])
def test_of_several_pictures_that_are_no_animation_the_first_is_taken(second):
    first, other = Image.fromarray(SMALL), Image.fromarray(SMALL[:24, :32])
    kind = {"page": "TIFF", "preview": "MPO"}[second]
    content = encoded(first, kind, save_all=True, append_images=[other])
    assert read_picture(content, "x").shape == SMALL.shape


@pytest.mark.parametrize("frames", [2, 5])
def test_frames_of_a_gif_are_counted(frames):
    with pytest.raises(BadInput, match=f"is an animation of {frames} frames. Choose one frame"):
        read_picture(frames_gif(frames - 1), "x")


def test_as_many_scans_as_honest_files_have_are_taken():
    assert read_picture(scans_jpeg(80, side=200), "x").shape == (200, 200, 3)
    with pytest.raises(BadInput, match="is a JPEG in more than 100 passes over 0.0 megapixels"):
        read_picture(scans_jpeg(120, side=200), "x")
    assert read_picture(LARGE["progressive.jpg"](), "x").shape == (5000, 5000, 3)


def test_exif_of_a_photograph_is_taken():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x927C] = 6, "words " * 500, b"maker" * 4000
    for kind in ("JPEG", "PNG", "WEBP"):
        assert read_picture(encoded(Image.fromarray(SMALL), kind, exif=exif), "x").shape == (64, 48, 3)


def test_a_file_cut_anywhere_is_read_or_refused():
    image = Image.fromarray(SMALL)
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"):
        content = encoded(image.convert("L") if kind == "GIF" else image, kind)
        for length in [*range(1, 60), *range(60, len(content), len(content) // 9)]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with contextlib.suppress(BadInput):
                    Subject.read(content[:length], "x")


def test_the_size_of_a_file_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "MOST_FILE_BYTES", 1 << 20)
    with pytest.raises(BadInput, match="is a file of 2 MB, the most is 1"):
        read_picture(bytes(2 << 20), "x")


def test_the_stream_stands_at_its_start_afterwards():
    stream = io.BytesIO(encoded(Image.fromarray(SMALL), "PNG"))
    costs.refuse_costly(stream, "x", 25_000_000)
    assert stream.tell() == 0


def test_deep_grey_is_scaled_in_bands():
    values = np.linspace(0, 3, 200 * 70, dtype=np.float32).reshape(200, 70)
    values[0, 0] = np.nan
    expected = (np.nan_to_num(values.astype(np.float64)) / 3 * 255 + 0.5).clip(0, 255).astype(np.uint8)
    found = read_picture(encoded(Image.fromarray(values), "TIFF"), "x")
    assert np.array_equal(found, np.repeat(expected[..., None], 3, axis=2))
