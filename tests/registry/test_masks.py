"""One rule for what a mask means, whatever it comes in."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facet import BadInput, MaskInput
from registry.subjects.masks import read_mask

CASES = Path(__file__).parent / "cases"
PAINT = MaskInput(doc="May change.")
WHERE = np.zeros((32, 40), bool)
WHERE[4:20, 7:30] = True


def encoded(image: Image.Image, kind: str = "PNG", **how) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def grey(low: int, high: int, kind=np.uint8) -> Image.Image:
    return Image.fromarray(np.where(WHERE, high, low).astype(kind))


def clear(mode: str, colour) -> Image.Image:
    image = Image.new("RGBA", (40, 32), (0, 0, 0, 0))
    image.paste(colour, (7, 4, 30, 20))
    return image.convert(mode)


def both() -> Image.Image:
    """White painted on a clear layer, and black where some of it was taken back."""
    image = Image.new("RGBA", (40, 32), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (7, 4, 40, 32))
    image.paste((0, 0, 0, 255), (30, 4, 40, 32))
    image.paste((0, 0, 0, 255), (7, 20, 40, 32))
    return image


def masks() -> dict[str, bytes]:
    """The same mask in every form that people bring."""
    labels = grey(0, 1).convert("P")
    labels.putpalette([0, 0, 0, 128, 0, 0])  # what data sets of segmentations use
    return {
        "white on black": encoded(grey(0, 255)),
        "one bit": encoded(Image.fromarray(WHERE)),
        "jpeg": encoded(grey(0, 255).resize((40, 32)), "JPEG", quality=100),
        "webp": encoded(grey(0, 255).convert("RGB"), "WEBP", lossless=True),
        "labels": encoded(grey(0, 1)),
        "labels in colour": encoded(labels),
        "labels 0 and 7": encoded(grey(0, 7)),
        "labels in rgb": encoded(grey(0, 1).convert("RGB")),
        "16 bits": encoded(grey(0, 65535, np.uint16)),
        "labels in 16 bits": encoded(grey(0, 1, np.uint16)),
        "8 bits in 16": encoded(grey(0, 255, np.uint16)),
        "floats": encoded(grey(0, 1, np.float32), "TIFF"),
        "labels in a tiff": encoded(grey(0, 1), "TIFF"),
        "light greys": encoded(grey(60, 200)),
        "white on clear": encoded(clear("RGBA", (255, 255, 255, 255))),
        "black on clear": encoded(clear("RGBA", (0, 0, 0, 255))),
        "red on clear": encoded(clear("RGBA", (200, 30, 30, 255))),
        "faint on clear": encoded(clear("RGBA", (255, 255, 255, 140))),
        "grey with alpha": encoded(clear("LA", (255, 255, 255, 255))),
        "clear webp": encoded(clear("RGBA", (255, 255, 255, 255)), "WEBP", lossless=True),
        "clear palette": encoded(grey(0, 1).convert("P"), transparency=0),
        "black and white on clear": encoded(both()),
    }


@pytest.mark.parametrize("name", sorted(masks()))
def test_what_is_painted_may_change(name):
    assert np.array_equal(read_mask(masks()[name], "mask"), WHERE)


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*_on_transparent*")) + ["zero_one.png"])
def test_the_same_part_in_every_form(name):
    assert read_mask(CASES / name, "mask").mean() == pytest.approx(0.14288, abs=1e-4)


@pytest.mark.parametrize(
    "array",
    [WHERE, WHERE.astype(int), WHERE * 255, WHERE.astype(float), np.dstack([WHERE * np.uint8(255)] * 3),
     WHERE.astype(np.uint16) * 65535, np.dstack([WHERE * 0, WHERE * 0, WHERE * 0, WHERE * 255])],
    ids=["bool", "labels", "levels", "floats", "rgb", "16 bits", "rgba"],
)  # fmt: skip
def test_arrays(array):
    assert np.array_equal(read_mask(array, "mask"), WHERE)


def test_all_white_is_everything():
    assert read_mask(encoded(grey(255, 255)), "mask").all()
    assert read_mask(encoded(grey(1, 1)), "mask").all()


@pytest.mark.parametrize(
    "given",
    [CASES / "black.png", encoded(grey(0, 0)), encoded(Image.new("RGBA", (40, 32), (255, 255, 255, 0))),
     encoded(grey(40, 40)), np.zeros((32, 40), bool), np.zeros((32, 40, 3), np.uint8)],
    ids=["file", "black", "clear", "grey", "array", "picture"],
)  # fmt: skip
def test_a_mask_that_was_given_and_holds_nothing_is_refused(given):
    with pytest.raises(BadInput) as refusal:
        PAINT.check(given, "mask")
    said = "mask: has nothing painted in it. Paint white what may change, or leave the mask out."
    assert str(refusal.value) == said


@pytest.mark.parametrize("given", [np.full((32, 40), np.nan), np.zeros((32, 40, 2)), np.zeros(9), np.array(["a"])])
def test_what_is_no_mask_is_refused(given):
    with pytest.raises(BadInput, match="mask: "):
        PAINT.check(given, "mask")
