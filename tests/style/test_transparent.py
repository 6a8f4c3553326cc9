"""Transparent pixels of a style take no part in it: not in colours, not in strokes, not in the measures."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from editors.one_pass import adain, fast_style, wct
from editors.style import colour_transfer, neural_style
from editors.style.neural import Settings, paint
from editors.style.patches import StylePatches
from editors.style.visible import cloud, cut
from facet import Subject
from nets.seen import among, filled
from registry.conformance.sample_inputs import small_picture
from registry.execution.run import finish
from surfaces.compare.measures import measure

CASES = Path(__file__).parents[1] / "registry" / "cases"
PHOTO = Subject.read(small_picture(64, 48))
DARK = np.array(Image.fromarray(small_picture(40, 40, seed=3))) // 3


def on_clear(content: np.ndarray) -> Subject:
    """The picture in the middle of a large clear one."""
    layer = Image.new("RGBA", (100, 90), (255, 255, 255, 0))
    layer.paste(Image.fromarray(content).convert("RGBA"), (31, 17))
    return Subject.read(layer)


def ring() -> Subject:
    """A dark picture with a hole, so that no cutting to a box makes it whole."""
    alpha = np.full((64, 64), 255, np.uint8)
    alpha[20:44, 20:44] = 0
    return Subject.read(Image.fromarray(np.dstack([np.array(Image.fromarray(DARK).resize((64, 64))), alpha])))


@pytest.mark.parametrize("method", ["covariance", "mean_std", "reinhard", "histogram"])
def test_colours_are_those_of_the_painted_part(method):
    values = {"subject": PHOTO, "method": method}
    clear, alone = (
        finish(colour_transfer, values | {"style": style}).subject.pixels
        for style in (on_clear(DARK), Subject.read(DARK))
    )
    assert np.abs(clear.astype(int) - alone).max() <= 2


def test_strokes_are_those_of_the_painted_part():
    values = {"subject": PHOTO, "size": 64, "effort": 4}
    clear, alone = (
        finish(neural_style, values | {"style": style}).subject.pixels for style in (on_clear(DARK), Subject.read(DARK))
    )
    assert np.array_equal(clear, alone)


def test_a_hole_in_a_style_is_not_painted():
    picture, seen = cut(ring())
    assert seen is not None
    made = list(paint(PHOTO.tensor(), picture, Settings(size=64, effort=4), seen=seen))[-1].picture
    assert made.mean().item() < 0.45  # all of the style is dark; its paper would be white
    white = torch.where(seen > 0, picture, torch.ones(()))
    assert StylePatches(white, seen=seen).pixels.max() < 0.5 < StylePatches(white).pixels.max()


def test_a_style_too_thin_for_a_patch_still_paints():
    seen = torch.zeros(1, 1, 40, 40)
    seen[..., 18:21] = 1
    patches = StylePatches(torch.rand(1, 3, 40, 40), seen=seen)
    assert len(patches.pixels)


def test_features_are_taken_where_something_is_seen():
    features = torch.arange(16.0).view(1, 1, 4, 4)
    seen = torch.zeros(1, 1, 8, 8)
    seen[..., :2, :2] = 1
    assert among(features, seen).flatten().tolist() == [0]
    assert among(features, None) is features


def test_clear_places_take_the_colours_around_them():
    picture, seen = torch.ones(1, 3, 20, 30), torch.zeros(1, 1, 20, 30)
    picture[..., 10:20] = 0.25
    seen[..., 10:20] = 1
    assert filled(picture, seen).max() == pytest.approx(0.25)
    assert torch.equal(filled(picture, torch.ones_like(seen)), picture)


def test_a_transparent_subject_is_moved_by_what_is_seen_of_it():
    subject = on_clear(DARK)
    result = finish(colour_transfer, {"subject": subject, "style": PHOTO, "method": "mean_std"}).subject
    alone = finish(colour_transfer, {"subject": Subject.read(DARK), "style": PHOTO, "method": "mean_std"}).subject
    assert np.array_equal(result.alpha, subject.alpha)
    assert np.abs(result.colours[result.visible].reshape(alone.pixels.shape).astype(int) - alone.pixels).max() <= 1


@pytest.mark.parametrize("editor", [adain, wct, fast_style, neural_style])
def test_what_is_clear_in_a_subject_does_not_count(editor):
    look = {"look": "night"} if editor is fast_style else {"style": PHOTO}
    look |= {"size": 64, "effort": 4} if editor is neural_style else {}
    dark = np.array(Image.fromarray(DARK).resize((64, 64)))
    layer = Image.new("RGBA", (160, 160), (255, 255, 255, 0))
    layer.paste(Image.fromarray(dark).convert("RGBA"), (48, 48))
    clear, alone, paper = (
        finish(editor, {"subject": Subject.read(each), **look}).subject
        for each in (layer, dark, Image.alpha_composite(Image.new("RGBA", (160, 160), "white"), layer).convert("RGB"))
    )
    middle = (slice(48, 112), slice(48, 112)) if editor is not neural_style else (slice(19, 45), slice(19, 45))
    assert clear.alpha is not None
    wanted = alone.pixels.mean((0, 1))
    apart = np.abs(clear.pixels[middle].mean((0, 1)) - wanted).max()
    assert apart < 16
    counts = np.abs(paper.pixels[middle].mean((0, 1)) - wanted).max() > 2 * apart  # where the paper does
    assert counts or editor is fast_style  # whose bundled styles are paint, and look at no statistics
    assert clear.pixels[0, 0].tolist() == [255] * 3


def test_a_painted_sticker_stays_a_sticker_at_another_size():
    made = finish(
        neural_style, {"subject": Subject.read(CASES / "sticker.png"), "style": PHOTO, "size": 64, "effort": 4}
    )
    assert made.subject.size == (64, 64)
    assert made.subject.alpha.mean() == pytest.approx(Subject.read(CASES / "sticker.png").alpha.mean(), abs=1)


def test_measures_look_at_the_painted_part_only():
    result = finish(colour_transfer, {"subject": PHOTO, "style": Subject.read(DARK)})
    clear, alone = (
        measure(colour_transfer, {"subject": PHOTO, "style": style}, result)
        for style in (on_clear(DARK), Subject.read(DARK))
    )
    assert clear["colour_distance"].value == pytest.approx(alone["colour_distance"].value, abs=1)
    assert clear["chroma_speckle"].value == pytest.approx(alone["chroma_speckle"].value, abs=1.5)
    paper = measure(colour_transfer, {"subject": PHOTO, "style": Subject.read(on_clear(DARK).pixels)}, result)
    assert paper["colour_distance"].value > 10 + clear["colour_distance"].value
    assert paper["style_random"].value > 2 * clear["style_random"].value


def test_the_cloud_of_an_opaque_picture_is_the_picture():
    assert torch.equal(cloud(PHOTO), PHOTO.tensor())
