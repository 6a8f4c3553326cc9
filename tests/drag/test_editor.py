"""The drag editor: its rules, what it refuses and warns about, resuming, replaying, and pictures only when wanted."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from editors.drag import drag
from editors.drag.checks import check_pairs, frozen, warnings
from editors.drag.confidence import EVEN, texture
from editors.drag.generators import GENERATORS, PUBLISHED, preset_of
from editors.drag.method_session import DragStep
from editors.drag.pictures import LONGEST, REST, Previews, Reel
from editors.drag.pixel_mapping import PixelMapping
from editors.drag.prepare import AXES, DragOptions, session_of
from editors.drag.run import DragProgress
from editors.drag.settings import Scaled
from editors.latent import latent
from facet import BadInput, Pair, Subject
from facet.app import Registry, Result, Stop, finish, replay, run
from facet.stylegan import GeneratorRef
from facet.testing import Conformance
from nets.stylegan2 import Generator, GeneratorConfig, to_state
from nets.stylegan2.sampling import picture
from registry.generators.presets import DRAG

QUICK = {"learning_rate": 0.02, "feature_block": "32"}


class TestDrag(Conformance):
    editor = drag


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    channels = {4: 16, 8: 16, 16: 16, 32: 8, 64: 8}
    return Generator(GeneratorConfig(64, channels, z_dim=16, w_dim=16, mapping_layers=2)).eval().requires_grad_(False)


@pytest.fixture
def source(tiny, tmp_path, monkeypatch):
    """A picture made by a generator in a file of the user's own."""
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "home"))
    save_file(to_state(tiny), tmp_path / "mine.safetensors", {"config": tiny.config.to_json()})
    return finish(latent, {"own_model": str(tmp_path / "mine.safetensors"), "gallery": 1, "seed": 4})


@pytest.fixture
def values(source):
    pairs = [[20, 30, 28, 26], [44, 20, 44, 20]]
    return {"subject": source.subject, "pairs": pairs, "steps": 6, **QUICK}


def test_a_drag_moves_the_code_and_keeps_its_generator(values, source, tiny):
    result = finish(drag, values)
    assert result.subject.generator == source.subject.generator
    assert result.subject.latent.shape == source.subject.latent.shape
    moved = np.abs(result.subject.latent - source.subject.latent).max(1) > 0
    assert moved.tolist() == [True] * 6 + [False] * 4
    again = (picture(tiny, torch.from_numpy(result.subject.latent)[None]) * 255 + 0.5).byte().permute(1, 2, 0).numpy()
    assert np.array_equal(result.subject.pixels, again)
    assert {"steps", "distance_left_px", "farthest_px", "confidence", "ms_per_step"} == result.metrics.keys()


def test_dragging_the_result_goes_on(values):
    first = finish(drag, values)
    second = finish(drag, values | {"subject": first.subject})
    assert [recipe["editor"] for recipe in second.subject.lineage] == ["latent", "drag", "drag"]
    assert not np.array_equal(first.subject.latent, second.subject.latent)


@pytest.mark.parametrize("tracker", ["features", "flow"])
def test_a_drag_in_slices_is_the_same_to_the_bit(values, tracker):
    mask = np.zeros((64, 64), bool)
    mask[:, :40] = True
    values |= {"mask": mask, "tracker": tracker}
    whole = finish(drag, values)
    sliced = finish(drag, values, longest_slice=1e-9)
    assert whole.recipe["steps"] == sliced.recipe["steps"] == 6
    assert np.array_equal(whole.subject.latent, sliced.subject.latent)
    assert whole.metrics["distance_left_px"] == sliced.metrics["distance_left_px"]


def test_a_stopped_drag_is_replayed_to_the_bit(values, source, tmp_path):
    stopped = finish(drag, values, last_step=3)
    assert stopped.stopped
    assert stopped.recipe["steps"] == 3
    short = finish(drag, values | {"steps": 3})
    assert np.array_equal(stopped.subject.latent, short.subject.latent)
    recipe = {**stopped.recipe}
    again = replay(Registry(editors={"drag": drag}), [recipe], {"subject": source.subject})
    assert again.subject.sha256 == stopped.subject.sha256


def test_stop_ends_within_a_step_and_gives_a_whole_picture(values, tiny):
    stop, seen = Stop(), []
    for event in run(drag, values | {"steps": 400}, stop=stop):
        seen.append(event)
        if len(seen) == 2:
            stop.set()
    *previews, result = seen
    assert isinstance(result, Result)
    assert result.stopped
    assert result.recipe["steps"] == len(previews) <= 2 + 6  # the worker is at most a queue ahead of us
    made = (picture(tiny, torch.from_numpy(result.subject.latent)[None]) * 255 + 0.5).byte().permute(1, 2, 0).numpy()
    assert np.array_equal(result.subject.pixels, made)


def test_handles_are_reported_in_the_subjects_pixels(values, source):
    large = Subject(
        np.ascontiguousarray(source.subject.pixels.repeat(2, 0).repeat(2, 1)),
        source.subject.latent, source.subject.generator,
    )  # fmt: skip
    pairs = [[2 * x + 0.5 for x in row] for row in values["pairs"]]
    small = [event.points for event in run(drag, values) if not isinstance(event, Result)]
    twice = [event.points for event in run(drag, values | {"subject": large, "pairs": pairs}) if hasattr(event, "jpeg")]
    assert np.allclose(np.array(small) * 2 + 0.5, np.array(twice))


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_the_film_shows_every_step_once_and_rests_at_its_ends(values, format):
    result = finish(drag, values | {"film": format})
    assert result.film.frames == 1 + 6 + 2 * REST
    assert (result.film.width, result.film.height) == (64, 64)
    assert finish(drag, values).film is None


def test_a_long_drag_is_filmed_in_strides():
    reel = Reel(np.zeros((2, 3), np.float32))
    for number in range(1, 400):
        reel.add(np.full((2, 3), number, np.float32))
    film = Reel(reel.codes[0], reel.codes).film(None, None, "gif")  # as a later slice goes on
    assert film.count == LONGEST + 2 * REST


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"pairs": []}, "pairs", "1 to 68 pairs"),
        ({"pairs": [[1, 1, 9, 9]] * 69}, "pairs", "1 to 68 pairs of points, not 69"),
        ({"pairs": [[30, 30, 30, 30]]}, "pairs 1", "target on its handle"),
        ({"pairs": [[30, 30, 30, 30], [9, 9, 9.5, 9]]}, "pairs", "all their targets on their handles"),
        ({"pairs": [[30, 30, 10, 30], [30, 31, 50, 30]]}, "pairs 2", "tears one spot in two"),
        ({"pairs": [[70, 30, 10, 30]]}, "pairs 1", "outside the picture"),
        ({"pairs": [[30, 30, 10, -1]]}, "pairs 1", "outside the picture"),
        ({"mask": np.ones((8, 8), bool)}, "mask", "8 × 8 pixels but the picture is 64 × 64"),
        ({"steps": 501}, "steps", "1 to 500"),
    ],
)
def test_what_it_refuses(values, changed, field, said):
    with pytest.raises(BadInput, match=said) as refusal:
        finish(drag, values | changed)
    assert refusal.value.field == field


def test_it_refuses_a_learning_rate_that_leaves_all_numbers(values, monkeypatch):
    def explode(session):
        raise ArithmeticError("not finite")

    monkeypatch.setattr("editors.drag.method_session.DragSession.step", explode)
    with pytest.raises(BadInput, match="learning_rate: is so large"):
        finish(drag, values)


def test_it_refuses_pictures_of_other_generators(values, source):
    strange = Subject(source.subject.pixels, source.subject.latent, GeneratorRef("nobody's"))
    with pytest.raises(BadInput, match="belongs to the generator"):
        finish(drag, values | {"subject": strange})
    wrong = Subject(source.subject.pixels, source.subject.latent, GeneratorRef("puppets"))
    with pytest.raises(BadInput, match="has a latent code of 10 × 16"):
        finish(drag, values | {"subject": wrong})
    with pytest.raises(BadInput, match="no latent code"):
        finish(drag, values | {"subject": Subject(source.subject.pixels)})


def test_handles_that_the_mask_holds_back_are_named(values):
    mask = np.zeros((64, 64), bool)
    mask[:, 40:] = True
    *_, last, _ = list(run(drag, values | {"mask": mask}))
    assert "point 1 lies outside the mask" in last.note
    assert frozen([(20, 30), (44, 20)], mask) == [1]
    assert "points 1, 2 lie" in warnings([1, 2], [])


def test_a_handle_on_even_ground_is_told_from_one_on_an_eye():
    features = torch.zeros(3, 32, 32)
    features[:, 20:] = torch.randn(3, 12, 32, generator=torch.Generator().manual_seed(0))
    assert texture(features, 8, 8, 2) < EVEN
    assert texture(features, 8, 26, 2) > 0.5
    assert texture(features, 8, 19, 2) > EVEN  # at the edge
    assert "point 2 lies on even ground" in warnings([], [2])


def test_a_lost_point_and_a_target_out_of_reach_are_told():
    progress = DragProgress()
    for number in range(1, 61):
        step = DragStep(number, [(5, 5), (9, 9)], [8.0, 1.0], 1.0, [0.01, 0.9], False)
        progress.after(step, 1.0, 0.01)
    note = progress.note(step, 100, 2.0)
    assert "8.0 px to go, 1 of 2 points there" in note
    assert "no nearer for 59 steps" in note
    assert "lost sight of point 1" in note
    assert progress.metrics(step)["ms_per_step"] == pytest.approx(10)
    assert progress.note(step._replace(arrived=True), 100, 2.0).startswith("arrived after 60 steps")


def test_pairs_may_share_a_spot_if_they_pull_the_same_way():
    scaled = Scaled(rows=6, block=64, radius=2, search=3, near=2.0)
    check_pairs([(30, 30), (31, 30)], [(40, 30), (41, 31)], scaled)
    check_pairs([(30, 30), (60, 60)], [(40, 30), (60, 60)], scaled)
    with pytest.raises(BadInput):
        check_pairs([(30, 30), (31, 30)], [(40, 30), (20, 30)], scaled)


def test_previews_cost_no_more_than_their_share():
    now, drawn = [0.0], []

    def draw(height):
        drawn.append((now[0], height))
        now[0] += 0.1
        return object()

    previews = Previews(draw, 512, clock=lambda: now[0])
    first = previews()
    assert previews() is first
    for _ in range(100):
        now[0] += 0.02
        previews()
    gaps = np.diff([when for when, _ in drawn])
    assert gaps.min() >= 0.4
    assert gaps.max() < 0.45
    assert {height for _, height in drawn} == {128}


def test_cheap_previews_grow_up_to_the_whole_picture():
    now, heights = [0.0], []
    previews = Previews(lambda height: heights.append(height) or height, 512, clock=lambda: now[0])
    for _ in range(6):
        previews()
        now[0] += 0.25
    assert heights == [128, 256, 512, 512, 512, 512]
    assert Previews(lambda height: height, 64)() == 64


def test_points_and_masks_go_through_the_stage_and_back():
    stage = PixelMapping((100, 200), (32, 64))
    pairs = [Pair((0.0, 0.0), (99.0, 199.0)), Pair((49.5, 99.5), (12.0, 30.0))]
    handles, targets = stage.inside(pairs)
    assert handles[0] == (0.0, 0.0)
    assert targets[0] == (31.0, 63.0)
    assert handles[1] == pytest.approx((15.5, 31.5))
    assert stage.outside([handles[1]])[0] == pytest.approx((49.5, 99.5))
    mask = np.zeros((200, 100), bool)
    mask[:100] = True
    assert stage.mask(mask).shape == (64, 32)
    assert stage.mask(mask)[:32].all()
    assert not stage.mask(mask)[32:].any()
    assert stage.mask(None) is None


def test_manners_come_from_the_card_of_the_embedded_generator_and_from_the_papers():
    config = GeneratorConfig(128, {4: 8, 8: 8, 16: 8, 32: 8, 64: 8, 128: 8})
    own = preset_of(GeneratorRef("puppets"), config)
    assert own.mask == "exact"
    assert own.learning_rate > PUBLISHED.learning_rate
    assert own.block in config.heights
    assert preset_of(GeneratorRef("ffhq_1024"), config).learning_rate == 2e-3
    assert preset_of(GeneratorRef("lions_512"), config).difference == 0.4
    assert preset_of(GeneratorRef("file:0123456789abcdef"), config) == replace(PUBLISHED, difference=0)
    assert preset_of(GeneratorRef("horses_256"), config) == PUBLISHED
    assert DRAG.keys() <= {net.name for net in GENERATORS}


def test_axes_are_the_generators_choice_and_can_be_chosen():
    preset = replace(PUBLISHED, axes=24, axes_rate=0.03)
    assert (DragOptions().settings(PUBLISHED, "cpu").axes, DragOptions().settings(PUBLISHED, "cpu").learning_rate) == (
        0,
        1e-3,
    )
    assert (DragOptions().settings(preset, "cpu").axes, DragOptions().settings(preset, "cpu").learning_rate) == (
        24,
        0.03,
    )
    assert DragOptions(motion="published").settings(preset, "cpu").axes == 0
    assert DragOptions(motion="published").settings(preset, "cpu").learning_rate == 1e-3
    assert DragOptions(motion="axes").settings(PUBLISHED, "cpu").axes == AXES
    assert DragOptions(motion="axes", learning_rate=0.5).settings(preset, "cpu").learning_rate == 0.5


def test_the_mask_weighs_the_same_against_the_papers_sums_as_against_the_codes_means():
    means, sums = (DragOptions(variant=name).settings(PUBLISHED, "cpu").mask_weight for name in ("official", "paper"))
    assert means == 20
    assert sums == pytest.approx(20 * np.pi * 3**2 / 512**2)


def test_a_masked_drag_moves_with_the_papers_sums(values):
    mask = np.zeros((64, 64), bool)
    mask[:, :40] = True
    for_code, for_paper = (
        finish(drag, values | {"mask": mask, "steps": 20, "pairs": [[20, 30, 28, 30]], "variant": kind})
        for kind in ("official", "paper")
    )
    before = 8.0
    gone = [before - each.metrics["distance_left_px"] for each in (for_code, for_paper)]
    assert gone[0] > 1
    assert gone[1] > 0.5 * gone[0]


def test_targets_move_with_handles_that_are_taken_to_whole_pixels(tiny):
    start = tiny.mapping(tiny.z([4]))[0]
    session = session_of(DragOptions(), PUBLISHED, tiny, start, [(20.4, 30.6), (9, 9)], [(25.0, 30.6), (9, 9)])
    assert session.handles == [(20, 31), (9, 9)]
    assert session.targets[0] == pytest.approx((24.6, 31))
    assert session.targets[1] == (9, 9)


def test_wishes_fill_in_the_manners():
    preset = replace(PUBLISHED, rows=8)
    assert DragOptions().settings(preset, "cpu").mask_mode == "corrected"
    assert DragOptions().settings(preset, "cuda").mask_mode == "exact"
    assert DragOptions(precision="exact").settings(preset, "cuda").mask_mode == "exact"
    assert DragOptions().settings(replace(preset, mask="exact"), "cpu").mask_mode == "exact"
    wished = DragOptions(learning_rate=0.05, rows=3, feature_block="64", radius=7).settings(preset, "cpu")
    assert (wished.learning_rate, wished.rows, wished.block, wished.radius, wished.search) == (0.05, 3, 64, 7, 12)
