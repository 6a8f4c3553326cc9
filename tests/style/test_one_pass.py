"""AdaIN, WCT and Fast style through the registry: what their inputs do, tiles, and what they refuse."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from editors.one_pass import fast
from facet import BadInput, Subject, Weights
from facet.app import Preview, Stop, finish, run
from facet.testing import Conformance
from facet.weights import WeightsCorrupt
from nets.fast_style.published import SHAPES
from nets.features.pieces import SIDES
from nets.features.tiles import rim_of, tiles
from tests.readers.builders import message, onnx_model
from tests.style.one_pass_nets import tiny
from training.generator.export import sha256

SPECS = tiny(Path(tempfile.mkdtemp()))
ADAIN, WCT, FAST = (SPECS[name] for name in ("adain", "wct", "fast_style"))


class TestAdaIN(Conformance):
    editor = ADAIN


class TestWCT(Conformance):
    editor = WCT


class TestFastStyle(Conformance):
    editor = FAST


def picture(height=60, width=90, seed=0):
    small = np.random.default_rng(seed).integers(0, 255, (6, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def made(spec, **values):
    """What an editor makes of a picture with its quick inputs and these."""
    return finish(spec, {"subject": picture(), **spec.trial, **values}, threads=1).subject.pixels


BOTH = pytest.mark.parametrize("spec", [ADAIN, WCT], ids=["adain", "wct"])
ALL = pytest.mark.parametrize("spec", [ADAIN, WCT, FAST], ids=["adain", "wct", "fast_style"])


@ALL
def test_a_large_picture_keeps_its_size_where_asked(spec):
    assert made(spec, subject=picture(700, 1210), size=0).shape == (700, 1210, 3)
    assert made(spec, subject=picture(700, 1210), size=640).shape == (370, 640, 3)
    assert made(spec, size=1024).shape == (60, 90, 3)  # never enlarged


@ALL
def test_a_picture_of_ten_to_one_and_a_grey_one_are_painted(spec):
    assert made(spec, subject=picture(30, 300)).shape == (30, 300, 3)
    grey = np.repeat(picture()[..., :1], 3, axis=2)
    assert made(spec, subject=grey).shape == grey.shape


@ALL
def test_outside_the_mask_not_a_bit_changes_and_an_empty_mask_is_refused(spec):
    mask = np.zeros((60, 90), bool)
    mask[:, :40] = True
    values = {"colours": "style", "mask": mask}
    result = made(spec, **values)
    assert np.array_equal(result[:, 40:], picture()[:, 40:])
    assert not np.array_equal(result[:, :30], picture()[:, :30])
    with pytest.raises(BadInput, match="nothing painted"):
        made(spec, mask=np.zeros((60, 90), bool))


@ALL
def test_very_colours_are_kept(spec):
    result, own = made(spec, colours="light").astype(float), picture().astype(float)
    apart = result - own
    inside = ((result > 0) & (result < 255)).all(2)
    assert inside.any()
    assert np.ptp(apart, axis=2)[inside].max() <= 2  # all three channels move alike


@BOTH
def test_the_palette_of_the_photograph_changes_the_style(spec):
    assert not np.array_equal(made(spec, colours="content"), made(spec))


def test_strength_nothing_gives_the_decoded_picture_whatever_the_style():
    assert np.array_equal(made(ADAIN, strength=0), made(ADAIN, strength=0, style="sample:night"))
    assert np.array_equal(made(FAST, strength=0), picture())


def test_weights_of_styles_are_relative():
    two = {"second": "sample:night", "weight": 0.4, "second_weight": 0.2}
    assert np.array_equal(made(ADAIN, **two), made(ADAIN, **two | {"weight": 0.8, "second_weight": 0.4}))
    assert np.array_equal(made(ADAIN, **two | {"second_weight": 0}), made(ADAIN))
    assert not np.array_equal(made(ADAIN, **two), made(ADAIN))
    with pytest.raises(BadInput) as refusal:
        made(ADAIN, weight=0)
    assert refusal.value.field == "weight"


def test_levels_of_wct_are_left_out_at_zero_and_one_is_needed():
    levels = {"deep": 0.0, "middle": 0.0, "fine": 0.0, "pixel": 0.0}
    assert not np.array_equal(made(WCT, **levels | {"pixel": 1.0}), made(WCT, **levels | {"fine": 1.0}))
    with pytest.raises(BadInput) as refusal:
        made(WCT, **levels)
    assert refusal.value.field == "deep"


def test_two_styles_share_the_picture_by_the_mask():
    mask = np.zeros((60, 90), bool)
    mask[:, :45] = True
    both = made(WCT, second="sample:night", mask=mask, pixel=1.0, deep=0.0, middle=0.0, fine=0.0)
    around = made(WCT, second="sample:gold", mask=mask, pixel=1.0, deep=0.0, middle=0.0, fine=0.0)
    apart = np.abs(both.astype(float) - around)  # around the mask only what leaks over its soft edge
    assert apart[:, 60:].mean() < 0.2 * apart[:, :30].mean()
    with pytest.raises(BadInput) as refusal:
        made(WCT, second="sample:night")
    assert refusal.value.field == "mask"


def test_a_texture_comes_from_the_seed_and_not_from_the_picture():
    texture = made(WCT, texture=True, seed=3)
    assert np.array_equal(texture, made(WCT, texture=True, seed=3, subject=picture(seed=5)))
    assert not np.array_equal(texture, made(WCT, texture=True, seed=4))


def test_a_blend_lies_between_its_styles():
    one, other, half = (made(FAST, blend=share).astype(float) for share in (0, 1, 0.5))
    assert np.array_equal(other, made(FAST, look="mosaic"))
    assert not np.array_equal(half, one)
    assert not np.array_equal(half, other)


def test_a_published_style_is_not_blended():
    with pytest.raises(BadInput) as refusal:
        made(FAST, look="style_candy", blend=0.5)
    assert refusal.value.field == "blend"


@BOTH
def test_the_style_must_differ_from_the_subject(spec):
    with pytest.raises(BadInput) as refusal:
        finish(spec, {**spec.trial, "subject": "sample:knife"})
    assert refusal.value.field == "style"


def cut_out(paper):
    """A style whose right half is clear, with some colour in the clear pixels, and the same style without them."""
    rgba = np.dstack([picture(64, 80, seed=4), np.full((64, 80), 255, np.uint8)])
    rgba[:, 48:] = (paper, paper, paper, 0)
    return rgba, np.ascontiguousarray(rgba[:, :48, :3])


@BOTH
@pytest.mark.parametrize("colours", ["style", "content"])
def test_clear_parts_of_a_style_take_no_part(spec, colours):
    (one, opaque), (two, _) = cut_out(0), cut_out(255)
    wanted = made(spec, style=opaque, colours=colours)
    assert np.array_equal(made(spec, style=one, colours=colours), wanted)
    assert np.array_equal(made(spec, style=two, colours=colours), wanted)


@BOTH
def test_holes_in_a_style_are_not_read_as_black(spec):
    solid = picture(64, 80, seed=4)
    holes = np.dstack([solid, np.full((64, 80), 255, np.uint8)])
    holes[16:40, 24:48] = 0
    black = np.where(holes[..., 3:] > 0, solid, 0)
    wanted, with_holes, with_black = (made(spec, style=style, style_size=128) for style in (solid, holes, black))
    apart = [np.abs(each.astype(float) - wanted).mean() for each in (with_holes, with_black)]
    assert apart[0] < 0.6 * apart[1]


@BOTH
@pytest.mark.parametrize(
    "style", [np.zeros((1, 1, 3), np.uint8), np.zeros((64, 64, 4), np.uint8)], ids=["1px", "clear"]
)
def test_a_style_with_nothing_to_see_is_refused_in_a_sentence(spec, style):
    with pytest.raises(BadInput) as refusal:
        made(spec, style=style)
    assert refusal.value.field == "style"
    speck = np.zeros((64, 64, 4), np.uint8)
    speck[5:9, 5:9] = 255
    with pytest.raises(BadInput, match="style: shows 4 × 4 pixels, too few to show a manner"):
        made(spec, style=speck)


@BOTH
def test_grey_long_and_huge_styles_are_used(spec):
    for style in (np.repeat(picture(seed=2)[..., :1], 3, axis=2), picture(20, 200, seed=2), picture(2000, 3000, 2)):
        assert made(spec, style=style, style_size=128).shape == (60, 90, 3)


@ALL
def test_a_large_picture_shows_a_sketch_first_and_a_stop_keeps_it(spec):
    stop, shown = Stop(), []
    values = {"subject": picture(700, 1800), **spec.trial, "size": 0}
    for event in run(spec, values, stop=stop, threads=1):
        shown.append(event)
        stop.set()
    assert shown[0].note == "sketch"
    assert shown[-1].stopped
    assert shown[-1].subject.size == (1800, 700)


def test_what_is_on_the_screen_is_not_sent_again_while_wct_gathers():
    """To encode a whole picture of 24 megapixels for the screen takes longer than a tile."""
    jpegs = [event.jpeg for event in run(WCT, {"subject": picture(700, 1210), **WCT.trial, "size": 0}, threads=1)
             if isinstance(event, Preview)]  # fmt: skip
    assert jpegs[0]
    last = len(tiles(700, 1210, rim_of(1), SIDES[1]))
    assert all(jpegs[-last:])
    assert not any(jpegs[1:-last])
    assert len(jpegs) > 2 * last


def test_a_live_editors_first_step_is_the_result():
    values = {"subject": Subject.read(picture()), **FAST.trial}
    first = finish(FAST, values, last_step=1)
    assert np.array_equal(first.subject.pixels, finish(FAST, values).subject.pixels)


def test_half_a_published_pair_is_refused_and_so_is_another_file(tmp_path):
    file = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(2)}, file)
    with pytest.raises(BadInput) as refusal:
        made(ADAIN, own_encoder=str(file))
    assert refusal.value.field == "own_decoder"
    with pytest.raises(WeightsCorrupt, match="no AdaIN encoder"):
        made(ADAIN, own_encoder=str(file), own_decoder=str(file))


def published_onnx(numbered):
    """A file of the ONNX Model Zoo's layout: the weights of PyTorch's example, named or numbered, with constants."""
    random = torch.Generator().manual_seed(1)
    rows = []
    for n, (name, size) in enumerate(SHAPES.items(), 20):
        value = torch.randn(*size, generator=random) / max(1, size[-1] * 20)
        rows.append((str(n) if numbered else name, value))
    if numbered:
        rows.append(("170", torch.tensor([1.0, 1.0, 2.0, 2.0])))  # of an enlargement
    tensors = [
        message(*((1, side) for side in value.shape), (2, 1), (8, name.encode()), (9, value.numpy().tobytes()))
        for name, value in rows
    ]
    return onnx_model(*tensors)


@pytest.mark.parametrize("numbered", [False, True], ids=["named", "numbered"])
def test_a_published_file_paints_pictures_of_any_size(numbered, tmp_path, monkeypatch):
    file = tmp_path / "candy-9.onnx"
    file.write_bytes(published_onnx(numbered))
    weights = Weights("", str(file), sha256=sha256(file), licence="BSD-3-Clause", title="Candy", layout="onnx")
    nets = tuple(replace(net, sources=(weights,)) if net.name == "style_candy" else net for net in FAST.nets)
    spec = replace(FAST, nets=nets)
    wide, odd = (made(spec, look="style_candy", subject=picture(*size)) for size in ((20, 200), (61, 47)))
    assert (wide.shape, odd.shape) == ((20, 200, 3), (61, 47, 3))
    assert not np.array_equal(odd, picture(61, 47))
    monkeypatch.setattr(fast, "WHOLE", 1000)  # now it is more than is painted in one go
    monkeypatch.setattr(fast, "SKETCH", 24)
    assert made(spec, look="style_candy", subject=picture(61, 47)).shape == (61, 47, 3)


def test_another_onnx_file_is_named_for_what_it_is_not(tmp_path):
    file = tmp_path / "other.onnx"
    file.write_bytes(onnx_model(message((1, 2), (2, 1), (8, b"w"), (9, torch.zeros(2).numpy().tobytes()))))
    weights = Weights("", str(file), sha256=sha256(file), licence="BSD-3-Clause", title="Candy", layout="onnx")
    nets = tuple(replace(net, sources=(weights,)) if net.name == "style_candy" else net for net in FAST.nets)
    with pytest.raises(WeightsCorrupt, match="no fast style network of PyTorch's example"):
        made(replace(FAST, nets=nets), look="style_candy")
