"""A recipe never makes a picture that nobody can open, and long texts of others do not get in the way."""

import io
import json
from typing import Annotated

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from facet import BadInput, MaskInput, Step, Subject, Text, editor
from registry.conformance.sample_inputs import small_picture
from registry.execution.recipe_size import MOST_BYTES, check_recipe_size
from registry.execution.run import finish, run
from registry.inputs.marks import Mask
from registry.saved.lineage import png_bytes, read_lineage, subject_with_lineage
from registry.subjects.png_text import text_of, without_text
from tests.saving import save_png

ran = []


@editor("wordy", "Wordy", task="restyle", gpu_seconds=0)
def wordy(
    ctx,
    *,
    subject: Subject,
    words: Annotated[str, Text(most=3_000_000, doc="Words.")] = "",
    mask: Annotated[Mask | None, MaskInput(doc="Part.")] = None,
    chatty: Annotated[str, Text(doc="More.")] = "",
):
    """As it was."""
    ran.append(words)
    yield Step(subject.pixels, done=1.0, facts={"said": "x" * 200_000} if chatty else {})


PHOTO = Subject.read(small_picture(40, 30))


def test_a_recipe_that_would_not_fit_is_refused_before_the_run():
    ran.clear()
    with pytest.raises(BadInput) as refusal:
        run(wordy, {"subject": PHOTO, "words": "x" * 1_200_000})
    assert str(refusal.value) == (
        "words: would take 1.2 MB of the picture's recipe, which has room for 1. Give a simpler or a shorter one."
    )
    assert ran == []


def test_a_mask_of_noise_is_refused_and_a_painted_one_is_not():
    noise = np.random.default_rng(0).random((3400, 3400)) > 0.5
    large = Subject(np.zeros((3400, 3400, 3), np.uint8))
    with pytest.raises(BadInput, match="mask: would take 1.9 MB"):
        run(wordy, {"subject": large, "mask": noise})
    rows, columns = np.mgrid[:3400, :3400]
    check_recipe_size(wordy, wordy.check({"subject": large, "mask": np.hypot(rows - 900, columns - 900) < 700}))


def test_a_history_that_grew_too_long_is_refused_with_what_to_do():
    subject = PHOTO
    for _ in range(3):
        subject = finish(wordy, {"subject": subject, "words": "y" * 280_000}).subject
    with pytest.raises(BadInput, match=r"subject: carries the recipes of 3 edits, 0\.8 MB.*Save it as a WebP or JPEG"):
        run(wordy, {"subject": subject, "words": "y" * 280_000})


def test_the_largest_recipe_there_can_be_is_still_opened_by_pillow(tmp_path):
    result = finish(wordy, {"subject": PHOTO, "words": "z" * (MOST_BYTES - 55_000), "chatty": "yes"})
    assert result.recipe["facts"] == {"left out": "facts of 0.20 MB, which the recipe has no room for"}
    save_png(result.subject, tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        image.load()
        assert len(image.text["facet"]) > 900_000
    assert subject_with_lineage(tmp_path / "out.png").lineage == (result.recipe,)


def test_a_picture_with_a_longer_lineage_than_pillow_reads_is_opened_by_us(tmp_path):
    row = {"facet": 1, "editor": "wordy", "inputs": {"words": "w" * 1_500_000}, "threads": 1, "steps": 1}
    (tmp_path / "old.png").write_bytes(png_bytes(PHOTO.pixels, [row]))
    assert read_lineage(tmp_path / "old.png") == [row]
    assert np.array_equal(Subject.read(tmp_path / "old.png").pixels, PHOTO.pixels)


def noted(**texts: str) -> bytes:
    info, buffer = PngImagePlugin.PngInfo(), io.BytesIO()
    for key, text in texts.items():
        info.add_itxt(key, text, zip=True)
    Image.fromarray(PHOTO.pixels).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def test_one_text_is_read_among_others():
    content = noted(before="A" * 10, facet=json.dumps({"ü": 1}), after="B" * 5_000_000)
    assert json.loads(text_of(io.BytesIO(content), "facet", 1000)) == {"ü": 1}
    assert text_of(io.BytesIO(content), "other", 1000) == ""
    assert b"iTXt" not in without_text(io.BytesIO(content)).getvalue()


@pytest.mark.parametrize("most", [100, 6_000])
def test_a_text_that_is_too_long_packed_or_unpacked_is_refused(most):
    with pytest.raises(ValueError, match="too long"):
        text_of(io.BytesIO(noted(facet="A" * 5_000_000)), "facet", most)


def test_a_cut_or_damaged_file_is_noticed():
    content = noted(facet="words")
    for broken in (content[:60], content[:-12], content.replace(b"facet\0\x01", b"facet\0\x00"), b"GIF89a" + content):
        with pytest.raises(ValueError, match="cut short|damaged|no PNG"):
            text_of(io.BytesIO(broken), "facet", 10_000)
