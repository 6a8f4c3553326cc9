"""The plain drag against what can be worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from editors.drag import method
from editors.drag.method import PlainDrag
from editors.drag.settings import DragSettings
from nets.stylegan2 import Generator, GeneratorConfig
from nets.stylegan2.axes import main_axes

SIZES = {"resolution": 64, "channels": {4: 16, 8: 16, 16: 12, 32: 12, 64: 8}, "z_dim": 16, "w_dim": 16}
QUICK = DragSettings(learning_rate=0.05, rows=6, block=32, radius=16, search=48)


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.manual_seed(3)
    return Generator(GeneratorConfig(**SIZES, mapping_layers=2)).eval().requires_grad_(False)


@pytest.fixture
def w_plus(generator):
    with torch.no_grad():
        return generator.mapping(generator.z([5]))[0]


def ramp(height: int = 40, width: int = 60) -> torch.Tensor:
    """Two features that say where they are: x and 3 y."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([x, 3 * y]).double()


@pytest.mark.parametrize(("height", "radius", "whole"), [(256, 2, 9), (512, 3, 25), (1024, 6, 109)])
def test_disc_is_stretched_only_in_the_authors_code(height, radius, whole):
    for centre in ((50, 60), (height - 30, 40), (0, height - 1)):
        rows, columns = method.disc(centre, radius, (height, height), "official")
        stretch, reach = height / (height - 1), range(-radius - 2, radius + 3)
        expected = {
            (y, x)
            for y in (centre[1] + n for n in reach)
            for x in (centre[0] + n for n in reach)
            if min(x, y) >= 0 and max(x, y) < height
            and math.hypot(y * stretch - centre[1], x * stretch - centre[0]) < radius - 1e-4
        }  # fmt: skip
        assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == expected
    assert len(method.disc((50, 60), radius, (height, height), "paper")[0]) == whole


def test_motion_loss_of_a_ramp_is_the_direction():
    handle, target = (20, 15), (23, 19)  # d = (0.6, 0.8)
    features = ramp().requires_grad_()
    official = method.motion_loss(features, handle, target, 3, "official")
    assert official.item() == pytest.approx((0.6 + 3 * 0.8) / 2, abs=1e-6)
    paper = method.motion_loss(features, handle, target, 3, "paper")
    assert paper.item() == pytest.approx(25 * (0.6 + 3 * 0.8), rel=1e-6)
    slope = torch.autograd.grad(paper, features)[0]
    assert slope.sum().item() == pytest.approx(50, rel=1e-6)  # only F(q + d) is pushed, with the sign of the residual
    assert torch.equal(slope.abs().sum(0).nonzero().amin(0), torch.tensor([13, 18]))  # F(q) itself is a constant


def test_small_residuals_pull_as_hard_as_large_ones():
    """The gradient of |x| is its sign: trained features have many residuals of a millionth, and all of them count."""
    features = (1e-8 * ramp()).requires_grad_()
    loss = method.motion_loss(features, (20, 15), (23, 19), 3, "paper")
    assert torch.autograd.grad(loss, features)[0].sum().item() == pytest.approx(50, rel=1e-6)
    held = method.mask_loss(features, features.detach() - 1e-9, torch.ones(40, 60), "paper")
    assert torch.autograd.grad(held, features)[0].sum().item() == 2 * 40 * 60


@pytest.mark.parametrize("order", [1, 2])
def test_tracking_finds_the_moved_feature(order):
    features = ramp()
    reference = features[:, 12, 33].clone()
    assert method.track(features, reference, (30, 15), 4, order)[0] == (33, 12)
    assert method.track(features, reference, (30, 18), 4, order)[0] == (33, 14)  # out of reach: the nearest
    assert method.track(features, features[:, 0, 0], (2, 1), 6, order)[0] == (0, 0)


def test_norms_differ_between_the_variants():
    features = torch.zeros(4, 1, 3)
    features[:, 0, 0] = 1.0  # L1 4, L2 2
    features[0, 0, 1] = 3.0  # L1 3, L2 3
    features[:, 0, 2] = 9.0
    assert method.track(features, torch.zeros(4), (1, 0), 1, 1)[0] == (1, 0)
    assert method.track(features, torch.zeros(4), (1, 0), 1, 2)[0] == (0, 0)


def test_confidence_is_low_where_nothing_stands_out():
    torch.manual_seed(0)
    texture, flat = torch.randn(8, 25, 25), 1 + 1e-4 * torch.randn(8, 25, 25)
    found = {
        name: method.track(each, each[:, 12, 12], (12, 12), 6, 2)[1] for name, each in (("t", texture), ("f", flat))
    }
    assert found["t"] > 0.95
    assert found["f"] < 0.05
    assert method.track(texture, torch.randn(8) * 3, (12, 12), 6, 2)[1] < 0.6  # such a feature is nowhere


def test_mask_loss_counts_what_is_fixed():
    before, fixed = torch.zeros(2, 4, 5), torch.zeros(4, 5)
    fixed[:, 3:] = 1
    after = before + 2
    padded = 5 * 5  # pixels: the authors put pictures that are not square into a padded square
    assert method.mask_loss(after, before, fixed, "official").item() == pytest.approx(2 * 8 / padded)
    assert method.mask_loss(after, before, fixed, "paper").item() == pytest.approx(2 * 2 * 8)


def test_a_drag_arrives_and_then_rests(generator, w_plus):
    drag = PlainDrag(generator, w_plus, [(30, 30)], [(38, 30)], settings=QUICK)
    steps = [drag.step()]
    while not steps[-1].arrived and len(steps) < 150:
        steps.append(drag.step())
    assert steps[0].handles == [(30, 30)]
    assert steps[0].distances == [8]
    assert steps[-1].arrived
    assert steps[-1].distances[0] <= 2
    before = drag.w_plus
    assert drag.step().arrived
    assert torch.equal(drag.w_plus, before)
    assert not torch.equal(before[:6], w_plus[:6])
    assert torch.equal(before[6:], w_plus[6:])


def test_paper_variant_goes_on_to_one_pixel(generator):
    assert DragSettings(variant="paper").scaled(generator.config).near == 1
    assert DragSettings().scaled(generator.config).near == 2
    assert DragSettings().scaled(GeneratorConfig(resolution=1024)) == (6, 128, 6, 24, 4.0)


def test_w_moves_all_its_rows_together(generator, w_plus):
    drag = PlainDrag(generator, w_plus, [(30, 30)], [(44, 30)], settings=DragSettings(space="w", rows=4, block=32))
    drag.step()
    assert torch.equal(drag.w_plus[:4], drag.w_plus[:1].expand(4, -1))
    assert not torch.equal(drag.w_plus[0], w_plus[0])
    assert torch.equal(drag.w_plus[4:], w_plus[4:])


def test_mask_holds_the_picture(generator, w_plus):
    mask = torch.zeros(64, 64, dtype=torch.bool)
    mask[:, 24:] = True
    moved = []
    for weight in (0.0, 50.0):
        drag = PlainDrag(
            generator, w_plus, [(40, 30)], [(50, 30)], mask, DragSettings(0.02, block=32, mask_weight=weight)
        )
        start = drag.picture()
        for _ in range(12):
            drag.step()
        moved.append((drag.picture() - start)[..., :24].abs().mean().item())
    assert moved[1] < 0.7 * moved[0]
    for mask in (torch.ones(64, 64), torch.zeros(64, 64)):
        assert PlainDrag(generator, w_plus, [(1, 1)], [(9, 9)], mask.bool()).fixed is None


def test_pairs_come_and_go_and_keep_their_references(generator, w_plus):
    drag = PlainDrag(generator, w_plus, [(20, 20), (40, 40)], [(30, 20), (40, 50)], settings=QUICK)
    for _ in range(3):
        drag.step()
    kept = drag._references[1]
    drag.retarget([drag.handles[1], (10, 50)], [(1000, -5), (10, 10)])
    assert drag.targets[0] == (63, 0)
    assert drag._references[0] is kept
    assert drag._references[1] is None
    step = drag.step()
    assert len(step.handles) == len(step.confidence) == 2
    assert step.handles[1] == (10, 50)


def test_going_back_repeats_what_followed(generator, w_plus):
    drag = PlainDrag(generator, w_plus, [(30, 30)], [(50, 30)], settings=QUICK)
    first = [drag.step() for _ in range(3)]
    later = drag.w_plus
    drag.restore(w_plus, [(30, 30)])
    again = [drag.step() for _ in range(3)]
    assert [each.handles for each in again] == [each.handles for each in first]
    assert torch.equal(drag.w_plus, later)
    assert [each.number for each in again] == [4, 5, 6]


def test_a_drag_along_axes_leaves_all_other_directions_alone(generator, w_plus):
    settings = replace(QUICK, axes=3)
    drag = PlainDrag(generator, w_plus, [(30, 30)], [(50, 30)], settings=settings)
    first = drag.picture()
    for _ in range(4):
        drag.step()
    axes = main_axes(generator.mapping, 3)
    moved = drag.w_plus - w_plus
    lengths = axes.norm(dim=1, keepdim=True)
    inside = moved @ (axes / lengths).T @ (axes / lengths)
    assert moved[:6].norm() > 0.01
    assert torch.allclose(moved, inside, atol=1e-4)
    assert torch.equal(moved[6:], torch.zeros_like(moved[6:]))
    steps = (moved[0] @ axes.T / lengths.squeeze(1) ** 2).abs()
    assert steps.max() <= 4 * QUICK.learning_rate * 1.01  # Adam's steps, in units of W's deviation
    assert not torch.equal(drag.picture(), first)


def test_a_drag_along_axes_goes_on_from_a_snapshot_and_goes_back(generator, w_plus):
    def session():
        return PlainDrag(generator, w_plus, [(30, 30)], [(50, 30)], settings=replace(QUICK, axes=3))

    whole, first, second = session(), session(), session()
    for _ in range(5):
        whole.step()
    for _ in range(3):
        first.step()
    second.resume(first.snapshot())
    for _ in range(2):
        second.step()
    assert torch.equal(whole.w_plus, second.w_plus)
    middle, handles = first.w_plus, list(first.handles)
    first.step()
    first.restore(middle, handles)
    assert torch.equal(first.w_plus, middle)
    resumed = session()
    first.step()
    resumed.resume(first.snapshot())
    assert torch.equal(resumed.w_plus, first.w_plus)


def test_the_generator_is_left_alone(w_plus):
    torch.manual_seed(3)
    net = Generator(GeneratorConfig(**SIZES, mapping_layers=2))
    PlainDrag(net, w_plus, [(30, 30)], [(50, 30)]).step()
    assert all(each.requires_grad and each.grad is None for each in net.parameters())


def test_pictures(generator, w_plus):
    drag = PlainDrag(generator, w_plus, [(30, 30)], [(50, 30)])
    assert drag.preview(20).shape == (3, 16, 16)
    assert drag.picture().shape == (3, 64, 64)
    whole = (generator.synthesis(w_plus[None])[0] / 2 + 0.5).clamp(0, 1)
    assert torch.allclose(drag.picture(), whole, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"handles": []}, "handles"),
        ({"targets": [(1, 1), (2, 2)]}, "handles"),
        ({"targets": [(float("nan"), 1)]}, "numbers"),
        ({"mask": torch.eye(9, dtype=torch.bool)}, "mask"),
        ({"w_plus": torch.zeros(3, 16)}, "w_plus"),
    ],
)
def test_wrong_arguments_are_named(generator, w_plus, arguments, word):
    with pytest.raises(ValueError, match=word):
        PlainDrag(**{"generator": generator, "w_plus": w_plus, "handles": [(3, 3)], "targets": [(9, 9)], **arguments})


@pytest.mark.parametrize(
    "change", [{"learning_rate": 0}, {"rows": 0}, {"radius": -1}, {"mask_weight": -1}, {"axes": -1}, {"variant": "own"}]
)
def test_wrong_settings_are_named(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        DragSettings(**change)


def test_a_learning_rate_that_explodes_is_reported(generator, w_plus):
    drag = PlainDrag(generator, w_plus, [(30, 30)], [(50, 30)], settings=DragSettings(learning_rate=1e30, block=32))
    drag.step()
    with pytest.raises(ArithmeticError, match="learning rate"):
        drag.step()
