"""Portraits from labels and from lines: what is kept, what changes, what is refused, and that other editors go on."""

import functools

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from editors.attributes import attributes
from editors.latent import latent
from editors.translate import paint_portrait, parse_portrait, sketch_portrait
from editors.translate.palettes import PARTS, SKETCH, squared
from editors.translate.parsing import cells, lines
from editors.translate.portrait import Wanted, moved
from editors.translate.undrawn import without_beard
from facet import BadInput, LabelMap, Subject
from facet.app import finish, load_registry, replay
from facet.stylegan import GeneratorRef
from facet.testing import Conformance
from nets.label_encoder import lines_of
from nets.stylegan2.sampling import codes
from training.puppets import Renderer, sample
from training.translation.card import GOLDEN, WEIGHTS
from training.translation.export import golden_labels, read_label_encoder

QUICK = {"model": "puppets", "others": 0, "rounds": 1}
FOLDER = WEIGHTS / "label_encoder"


class TestPaint(Conformance):
    editor = paint_portrait


class TestSketch(Conformance):
    editor = sketch_portrait


@functools.cache
def puppet() -> Subject:
    return finish(latent, {"model": "puppets", "seed": 5, "gallery": 1}).subject


@functools.cache
def parsed() -> LabelMap:
    return LabelMap.from_picture(finish(parse_portrait, {"subject": puppet()}).subject.pixels, PARTS)


def painted(part: str, box: tuple[float, float, float, float], on: LabelMap | None = None) -> LabelMap:
    """The parse with a rectangle of a part; left, top, right, bottom as shares."""
    made = (on or parsed()).indices.copy()
    height, width = made.shape
    left, top, right, bottom = box
    made[int(top * height) : int(bottom * height), int(left * width) : int(right * width)] = PARTS.index(part)
    return LabelMap(made, PARTS)


def test_the_committed_encoder_says_what_it_said() -> None:
    kept = load_file(FOLDER / GOLDEN)
    found = golden_labels(read_label_encoder(FOLDER), kept["parts"], kept["colours"], kept["lines"])
    for name, value in found.items():
        torch.testing.assert_close(value, kept[name], rtol=1e-3, atol=1e-3)
    assert (FOLDER / "label_encoder.safetensors").stat().st_size < 6e6


def test_labels_that_say_nothing_new_change_hardly_anything() -> None:
    made = finish(paint_portrait, {**QUICK, "subject": puppet(), "labels": parsed()})
    assert np.abs(made.subject.pixels.astype(int) - puppet().pixels).mean() < 2
    assert made.metrics["labels_kept"] > 0.98


def test_a_painted_hat_appears_and_the_chin_stays() -> None:
    labels = painted("hat", (0.2, 0.04, 0.8, 0.34))
    made = finish(paint_portrait, {**QUICK, "rounds": 3, "polish": 16, "subject": puppet(), "labels": labels})
    again = LabelMap.from_picture(finish(parse_portrait, {"subject": made.subject}).subject.pixels, PARTS)
    assert again.mask("hat").mean() > 0.05
    assert not parsed().mask("hat").any()
    change = np.abs(made.subject.pixels.astype(int) - puppet().pixels).mean(2)
    size = len(change)
    assert change[: size // 3].mean() > 3 * change[size // 2 :].mean()


def test_other_editors_go_on_with_the_result_and_its_recipe_replays() -> None:
    made = finish(paint_portrait, {**QUICK, "labels": parsed(), "seed": 9})
    assert made.subject.generator == GeneratorRef("puppets")
    assert made.subject.latent is not None
    moved = finish(attributes, {"subject": made.subject, "strengths": {"smile": 1.0}})
    assert moved.subject.latent is not None
    assert not np.array_equal(moved.subject.pixels, made.subject.pixels)
    again = replay(load_registry(), made.subject.lineage)
    assert np.array_equal(again.subject.pixels, made.subject.pixels)


def test_further_outputs_are_other_colourings_of_one_drawing() -> None:
    made = finish(paint_portrait, {**QUICK, "labels": parsed(), "others": 2})
    names = [name for name in made.images if name.startswith("colours of seed")]
    assert len(names) == 2
    seed = int(names[0].split()[-1])
    alone = finish(paint_portrait, {**QUICK, "labels": parsed(), "colours": "seed", "colour_seed": seed})
    assert np.array_equal(np.asarray(made.images[names[0]]), alone.subject.pixels)
    assert not np.array_equal(alone.subject.pixels, made.subject.pixels)


@pytest.mark.parametrize("size", [(33, 70), (300, 41), (511, 513)])
def test_odd_shapes_are_padded_never_stretched(size: tuple[int, int]) -> None:
    labels = LabelMap(np.full(size[::-1], PARTS.index("skin"), np.uint8), PARTS)
    indices = labels.indices.copy()
    indices[: size[1] // 4] = PARTS.index("hair")
    made = finish(paint_portrait, {**QUICK, "labels": LabelMap(indices, PARTS)})
    assert made.subject.size == (128, 128)
    small = squared(LabelMap(indices, PARTS), 64)
    assert small.shape == (64, 64)


def test_a_rim_of_one_pixel_survives_being_made_smaller() -> None:
    indices = np.full((512, 512), PARTS.index("skin"), np.uint8)
    indices[200, 100:400] = PARTS.index("glasses")
    assert (squared(LabelMap(indices, PARTS), 64) == PARTS.index("glasses")).any()


def test_what_is_no_drawing_is_refused_in_a_sentence() -> None:
    empty = LabelMap(np.zeros((64, 64), np.uint8), PARTS)
    cases = {
        "nothing is painted": {"labels": empty},
        "no skin": {"labels": painted("hair", (0, 0, 1, 1))},
        "photograph": {"labels": "assets/samples/coffee.webp"},
    }
    for words, values in cases.items():
        with pytest.raises(BadInput) as refusal:
            finish(paint_portrait, {**QUICK, **values})
        assert refusal.value.field == "labels"
        assert words in str(refusal.value)
    with pytest.raises(BadInput) as refusal:
        finish(sketch_portrait, {**QUICK, "sketch": LabelMap(np.zeros((64, 64), np.uint8), SKETCH)})
    assert refusal.value.field == "sketch"


def test_a_face_of_another_generator_is_refused_before_it_is_fetched() -> None:
    face = Subject(puppet().pixels, latent=np.zeros((18, 512), np.float32), generator=GeneratorRef("ffhq_1024"))
    with pytest.raises(BadInput, match="ffhq_1024"):
        finish(paint_portrait, {**QUICK, "subject": face, "labels": parsed()})


def test_what_is_like_no_portrait_is_drawn_and_said_so() -> None:
    indices = np.full((64, 64), PARTS.index("iris"), np.uint8)
    indices[::7] = PARTS.index("skin")
    made = finish(paint_portrait, {**QUICK, "labels": LabelMap(indices, PARTS)})
    assert made.metrics["labels_iou"] < 0.35


def test_a_sketch_gives_a_portrait_with_a_code() -> None:
    from benchmarks.translate_edits import drawn_by_hand

    made = finish(sketch_portrait, {**QUICK, "sketch": drawn_by_hand(192)})
    assert made.subject.latent is not None
    again = finish(parse_portrait, {"subject": made.subject})
    assert again.metrics["share_skin"] > 0.05


def test_nobody_gets_a_moustache_that_was_not_drawn_and_a_drawn_beard_stays() -> None:
    from benchmarks.translate_edits import drawn_by_hand
    from benchmarks.translate_measures import networks

    nets = networks(128)
    exact = Renderer("cpu", False, 1)(sample(4242, 16)[3:4], 128).parts[0]  # somebody with a full beard
    with_beard = torch.from_numpy(squared(LabelMap(exact.byte().numpy(), PARTS), 64)).long()[None]
    start = codes(nets.generator, [3], 0.7)
    for drawing, most, least in ((lines(drawn_by_hand(), 128), 0, 0), (lines_of(with_beard), 4096, 100)):
        colours = cells(nets.judges, nets.draw(start))[1]
        made = moved(nets, start, Wanted(None, drawing, colours), 2, lambda: None)
        guessed = int((cells(nets.judges, made[1])[0] == PARTS.index("beard")).sum())
        assert guessed > 0  # the encoder alone would draw one either way
        kept = cells(nets.judges, without_beard(nets, *made, drawing, lambda: None)[1])[0] == PARTS.index("beard")
        assert least <= int(kept.sum()) <= most
