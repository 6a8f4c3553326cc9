"""The quick drag against the plain one, step by step, and its parts against the whole maps that they avoid."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from editors.drag import masks, method, windowed
from editors.drag.fast import FastDrag, drag_session
from editors.drag.method import PlainDrag
from editors.drag.settings import DragSettings
from editors.drag.windowed import View, span_of
from nets.stylegan2 import Generator, GeneratorConfig

WIDTHS = {4: 16, 8: 16, 16: 12, 32: 12, 64: 8}
SMALL = {"resolution": 64, "channels": WIDTHS, "z_dim": 16, "w_dim": 16, "mapping_layers": 2}
QUICK = {"learning_rate": 0.05, "block": 32, "radius": 16, "search": 40}
GENERATORS = {
    "skip": SMALL,
    "resnet": {**SMALL, "architecture": "resnet", "conv_clamp": 2.0},
    "tall": {**SMALL, "resolution": (64, 32)},
    "large": {**SMALL, "resolution": 128, "channels": {**WIDTHS, 128: 6}},
}
DRAGS = {
    "one": ([(22, 30)], [(29, 36)], {}),
    "corner": ([(0, 0)], [(6, 7)], {}),
    "far corner": ([(31, 63)], [(22, 58)], {}),
    "edge": ([(12, 0), (31, 20)], [(20, 0), (25, 20)], {}),
    "several": ([(5, 8), (25, 40), (16, 60)], [(9, 14), (20, 48), (10, 55)], {}),
    "together": ([(14, 30), (16, 31), (15, 28), (17, 33)], [(20, 30), (22, 31), (21, 28), (22, 33)], {}),
    "one rests": ([(8, 8), (25, 40)], [(8, 8), (20, 48)], {}),
    "paper": ([(22, 30), (10, 11)], [(27, 33), (6, 9)], {"variant": "paper"}),
    "w": ([(22, 30)], [(27, 33)], {"space": "w"}),
    "all rows": ([(22, 30)], [(27, 33)], {"rows": 99}),
    "one row": ([(22, 30)], [(27, 33)], {"rows": 1}),
    "image block": ([(22, 30)], [(27, 33)], {"block": 128}),
    "coarse block": ([(22, 30)], [(27, 33)], {"block": 8}),
    "fast handles": ([(22, 30)], [(2, 60)], {"learning_rate": 0.5, "search": 90}),
    "small search": ([(22, 30)], [(27, 33)], {"radius": 40, "search": 8}),
}


def build(name: str, dtype: torch.dtype = torch.float64) -> tuple[Generator, torch.Tensor]:
    torch.manual_seed(4)
    net = Generator(GeneratorConfig(**GENERATORS[name])).to(dtype).eval().requires_grad_(False)
    return net, torch.randn(net.config.num_ws, net.config.w_dim, dtype=dtype)


def sessions(name, handles, targets, mask=None, dtype=torch.float64, **settings):
    net, w_plus = build(name, dtype)
    settings = DragSettings(**{**QUICK, **settings})
    return [kind(net, w_plus, handles, targets, mask, settings) for kind in (PlainDrag, FastDrag)]


def together(plain, fast, steps=5, tolerance=1e-6):
    """Both take the same steps. The tolerance is in w, of which Adam's first step makes the learning rate."""
    for _ in range(steps):
        a, b = plain.step(), fast.step()
        assert a.handles == b.handles
        assert a.arrived == b.arrived
        assert b.loss == pytest.approx(a.loss, rel=1e-5)
        assert b.confidence == pytest.approx(a.confidence, rel=1e-5, abs=1e-5)
        assert float((plain.w_plus - fast.w_plus).abs().max()) < tolerance


@pytest.mark.parametrize("drag", DRAGS)
def test_the_same_steps(drag):
    handles, targets, settings = DRAGS[drag]
    together(*sessions("skip", handles, targets, **settings))


@pytest.mark.parametrize("drag", ["one", "several", "far corner"])
@pytest.mark.parametrize("name", ["resnet", "tall", "large"])
def test_the_same_steps_in_other_generators(name, drag):
    together(*sessions(name, *DRAGS[drag][:2]), steps=3)


def test_the_same_steps_in_float32():
    plain, fast = sessions("skip", *DRAGS["several"][:2], dtype=torch.float32)
    for _ in range(6):
        assert plain.step().handles == fast.step().handles


def left(generator, share=3):
    height, width = GENERATORS[generator]["resolution"] if generator == "tall" else (64, 64)
    mask = torch.ones(height, width, dtype=torch.bool)
    mask[:, : width // share] = False
    return mask


@pytest.mark.parametrize("variant", ["official", "paper"])
@pytest.mark.parametrize("name", ["skip", "tall"])
def test_the_same_steps_with_an_exact_mask(name, variant):
    together(*sessions(name, *DRAGS["several"][:2], left(name), mask_mode="exact", variant=variant), steps=4)


@pytest.mark.parametrize("name", ["large", "resnet"])
def test_a_corrected_mask_keeps_to_the_exact_way(name):
    net, w_plus = build(name)
    height = net.config.resolution[0]
    mask = torch.ones(height, height, dtype=torch.bool)
    mask[:, : height * 2 // 5] = False
    pair = [(height * 5 // 8, height // 2)], [(height * 3 // 4, height * 5 // 8)]
    settings = DragSettings(0.02, block=64, radius=16, search=40)
    plain = PlainDrag(net, w_plus, *pair, mask, settings)
    fast = FastDrag(net, w_plus, *pair, mask, replace(settings, mask_mode="corrected"))
    free = PlainDrag(net, w_plus, *pair, None, settings)
    for number in range(10):
        a, b = plain.step(), fast.step()
        free.step()
        assert fast._whole == (number < masks.FIRST or number % masks.EVERY == 0)
        assert max(abs(x - y) for x, y in zip(a.handles[0], b.handles[0], strict=True)) <= 1
        if number < masks.FIRST:
            assert b.loss == pytest.approx(a.loss, rel=1e-5)
            assert torch.allclose(plain.w_plus, fast.w_plus, atol=1e-6)
    apart, unheld = ((each.w_plus - plain.w_plus).norm() for each in (fast, free))
    assert apart < 0.5 * unheld


def test_a_stand_in_is_set_right_where_it_was_looked_at():
    net, w_plus = build("large")
    mask = torch.ones(128, 128, dtype=torch.bool)
    mask[:, :50] = False
    slopes = []
    for mode in ("exact", "corrected"):
        drag = FastDrag(net, w_plus, [(80, 60)], [(100, 70)], mask, DragSettings(block=64, mask_mode=mode))
        drag.step()
        drag._moving = drag._moving + 0.02 * torch.randn(drag._moving.shape, generator=torch.Generator().manual_seed(7))
        drag._moving = drag._moving.detach().requires_grad_()
        for age in (1, 5):  # an exact look, and a step without one at the same place
            drag._correction.age = age
            drag._look()
            slopes.append(torch.autograd.grad(drag._loss([]), drag._moving)[0])
    assert slopes[0].abs().max() > 0
    assert all(torch.allclose(each, slopes[0], atol=1e-9) for each in slopes)


def test_taking_a_drag_back_measures_the_stand_in_anew():
    _, fast = sessions("large", [(80, 60)], [(100, 70)], torch.arange(128).expand(128, 128) > 50, mask_mode="corrected")
    start = fast.w_plus, list(fast.handles)
    for _ in range(masks.FIRST + 2):
        fast.step()
    fast.restore(*start)
    fast.step()
    assert fast._whole


def test_coarse_features_stand_for_themselves():
    _, fast = sessions("skip", [(40, 30)], [(50, 30)], left("skip"), mask_mode="corrected", block=32)
    assert fast._exact  # the stand-in's block is the features' own


def test_pairs_change_and_steps_are_undone_in_both():
    plain, fast = sessions("skip", [(20, 20), (40, 40)], [(30, 20), (40, 50)])
    together(plain, fast, 2)
    keep = plain.w_plus, list(plain.handles)
    for drag in (plain, fast):
        drag.retarget([drag.handles[1], (10, 50), (50, 10)], [(44, 44), (12, 40), (40, 12)])
    together(plain, fast, 2)
    for drag in (plain, fast):
        drag.retarget(keep[1], [(30, 20), (40, 50)])
        drag.restore(*keep)
    together(plain, fast, 2)


@pytest.mark.parametrize("mask_mode", ["exact", "corrected"])
def test_a_snapshot_goes_on_in_a_new_session(mask_mode):
    net, w_plus = build("large")
    mask = torch.ones(128, 128, dtype=torch.bool)
    mask[:, :50] = False
    start = net, w_plus, [(80, 60)], [(100, 70)], mask, DragSettings(0.02, block=64, mask_mode=mask_mode)
    whole, first, second = (drag_session(*start) for _ in range(3))
    for _ in range(masks.FIRST + 2):
        whole.step(), first.step()
    second.resume(first.snapshot())
    for _ in range(3):  # one of which looks exactly
        assert whole.step() == second.step()
    assert torch.equal(whole.w_plus, second.w_plus)


def test_only_windows_are_computed():
    net, w_plus = build("large")
    fast = FastDrag(net, w_plus, [(80, 60)], [(100, 70)], settings=DragSettings(block=128))
    fast.step()
    assert max(kept.y.shape[1] * kept.y.shape[2] for kept in fast._pass.kept) <= 150  # of 16384
    crowd = [(x, y) for x in range(4, 128, 12) for y in range(4, 128, 12)][:68]
    fast = FastDrag(net, w_plus, crowd, [(64, 64)] * 68, settings=DragSettings(block=128))
    fast.step()
    pixels = [kept.y.shape[0] * kept.y.shape[1] * kept.y.shape[2] for kept in fast._pass.kept]
    assert all(n <= h * w for n, (h, w) in zip(pixels, [each.size for each in fast._net.layers], strict=True))


@pytest.mark.parametrize("handle", [(20, 30), (0, 0), (47, 63), (1, 62)])
@pytest.mark.parametrize("variant", ["official", "paper"])
def test_parts_equal_the_plain_ones(handle, variant):
    torch.manual_seed(1)
    native = torch.randn(1, 5, 16, 12, dtype=torch.float64, requires_grad=True)
    large = F.interpolate(native, (64, 48), mode="bilinear")[0]
    size, map_size = (64, 48), (16, 12)

    def view(centre, reach):
        down, across = span_of(centre[1], reach, 64, 16), span_of(centre[0], reach, 48, 12)
        part = native[0, :, down[0] : down[0] + down[1], across[0] : across[0] + across[1]].permute(1, 2, 0)
        return View(part, down, across, size, map_size)

    target, order = (handle[0] + 9, handle[1] - 4), 1 + (variant == "official")
    a = method.motion_loss(large, handle, target, 5, variant)
    here = view(handle, 5)._replace(features=view(handle, 5).features.detach())
    b = windowed.pull(here, view(windowed.ahead_of(handle, target), 5), handle, target, 5, variant)
    assert b.item() == pytest.approx(a.item(), rel=1e-5)
    slopes = [torch.autograd.grad(each, native, retain_graph=True)[0] for each in (a, b)]
    for each in slopes:  # in the image's corners all is flat: the residuals' signs are rounding, in any implementation
        each[..., [0, 0, -1, -1], [0, -1, 0, -1]] = 0
    assert torch.allclose(*slopes, atol=1e-5 * float(slopes[0].abs().max()))
    reference = torch.randn(5, dtype=torch.float64)
    found, sure = windowed.search(view(handle, 7), reference, handle, 7, order)
    expected, as_sure = method.track(large.detach(), reference, handle, 7, order)
    assert found == expected
    assert sure == pytest.approx(as_sure)


@pytest.mark.parametrize("mode", ["none", "corrected", "exact"])
def test_windows_keep_to_one_thread_and_give_the_others_back(monkeypatch, mode):
    mask, mode_or = (None, "exact") if mode == "none" else (torch.arange(128).expand(128, 128) > 20, mode)
    session = sessions("large", [(22, 30)], [(29, 36)], mask, mask_mode=mode_or, block=64)[1]
    session._correction.age = masks.FIRST + 1  # no exact look is due
    seen, look, threads = [], session._look, torch.get_num_threads()
    monkeypatch.setattr(session, "_look", lambda: (seen.append(torch.get_num_threads()), look()))
    torch.set_num_threads(2)
    try:
        session.step()
        assert seen[0] == (2 if mode == "exact" else 1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("native", [(16, 12), (8, 6), (64, 48)])
@pytest.mark.parametrize("variant", ["official", "paper"])
def test_mask_terms_equal_the_plain_one(native, variant, monkeypatch):
    torch.manual_seed(1)
    monkeypatch.setattr(masks, "CHUNK", 1 << 10)
    before, fixed = torch.randn(*native, 5, dtype=torch.float64), (torch.rand(64, 48) > 0.8).double()
    fixed[:20] = 0
    after = (before + torch.randn_like(before)).requires_grad_()
    large = [F.interpolate(each.permute(2, 0, 1)[None], (64, 48), mode="bilinear")[0] for each in (after, before)]
    plain = method.mask_loss(*large, fixed, variant)
    exact = masks.Exact.apply(after, before, masks.Cells(fixed, native)) * method.mask_share(5, fixed, variant)
    assert exact.item() == pytest.approx(plain.item())
    slopes = [torch.autograd.grad(each, after)[0] for each in (plain, exact)]
    assert torch.allclose(*slopes)


def test_a_stand_in_weighs_the_fixed_area():
    torch.manual_seed(1)
    before, fixed = torch.randn(16, 12, 5, dtype=torch.float64), (torch.rand(64, 48) > 0.5).double()
    share = masks.carried(fixed, (16, 12))
    assert share.sum().item() == pytest.approx(fixed.sum().item())
    large = F.interpolate(before.permute(2, 0, 1)[None], (64, 48), mode="bilinear")[0]
    alike = method.mask_loss(large + 0.3, large, fixed, "paper")  # where all change alike, it is the term itself
    assert masks.weighed(before + 0.3, before, share).item() == pytest.approx(alike.item())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("mode", ["none", "exact", "corrected"])
def test_the_same_steps_on_cuda(mode):
    net, w_plus = build("large")
    mask = None if mode == "none" else torch.ones(128, 128, dtype=torch.bool)
    if mask is not None:
        mask[:, :50] = False
    settings = DragSettings(0.02, block=64, mask_mode="exact" if mode == "none" else mode)
    pairs = [(80, 60), (100, 20)], [(100, 70), (90, 30)]
    near = FastDrag(net, w_plus, *pairs, mask, settings)
    steps = [near.step() for _ in range(4)]
    far = FastDrag(net.cuda(), w_plus, *pairs, mask, settings)
    assert [far.step().handles for _ in range(4)] == [each.handles for each in steps]
