"""Rivals of the drag: other trackers and other updates."""

import pytest
import torch
import torch.nn.functional as F

from editors.drag import free_drag
from editors.drag.free_drag import FreeDrag
from editors.drag.settings import DragSettings
from editors.drag.trackers import lucas_kanade
from facet.testing import Conformance
from nets.stylegan2 import Generator, GeneratorConfig


class TestFreeDrag(Conformance):
    editor = free_drag


def texture(seed=0, size=96):
    noise = torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(seed))
    taps = torch.hann_window(11, periodic=False)
    kernel = torch.outer(taps, taps)[None, None]
    smooth = F.conv2d(noise, kernel / kernel.sum(), padding=5)[0, 0]
    return smooth / smooth.std()


def shifted(frame, dx, dy):
    """The frame moved by (dx, dy), exactly, by the Fourier shift theorem."""
    height, width = frame.shape
    fy, fx = torch.fft.fftfreq(height)[:, None], torch.fft.fftfreq(width)[None]
    phase = torch.exp(-2j * torch.pi * (fx * dx + fy * dy))
    return torch.fft.ifft2(torch.fft.fft2(frame) * phase).real


def test_optical_flow_follows_a_shift_to_a_tenth_of_a_pixel():
    frame = texture()
    points = torch.tensor([[30.0, 40.0], [60.0, 50.0], [48.0, 30.0]])
    for shift in ((0.3, -0.7), (4.4, 2.5), (-6.0, 5.0)):
        found, alike = lucas_kanade(frame, shifted(frame, *shift), points)
        assert (found - points - torch.tensor(shift)).abs().max() < 0.1
        assert alike.min() > 0.95


def test_optical_flow_knows_when_it_has_lost_a_point():
    points = torch.tensor([[48.0, 48.0]])
    _, alike = lucas_kanade(texture(0), texture(1), points)
    assert alike.max() < 0.7


def test_optical_flow_leaves_a_point_on_even_ground_where_it_is():
    even = torch.full((64, 64), 0.5)
    found, _ = lucas_kanade(even, even, torch.tensor([[20.0, 20.0]]))
    assert torch.equal(found, torch.tensor([[20.0, 20.0]]))


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    channels = {4: 16, 8: 16, 16: 16, 32: 8, 64: 8}
    return Generator(GeneratorConfig(64, channels, z_dim=16, w_dim=16, mapping_layers=2)).eval().requires_grad_(False)


def free(tiny, difference, rate=0.02, pairs=(((20, 30), (32, 30)),), mask=None, **more):
    w_plus = tiny.mapping(tiny.z([1]), truncation_psi=0.7)[0]
    handles, targets = zip(*pairs, strict=True)
    settings = DragSettings(learning_rate=rate, block=32, radius=16)
    return FreeDrag(tiny, w_plus, handles, targets, mask, settings, difference=difference, **more)


def test_free_drag_goes_along_the_line_to_the_target_and_arrives(tiny):
    drag = free(tiny, difference=0.0, rate=0.02)
    before = drag.picture()
    seen = [drag.step()]
    assert 0 < drag.difference < 1
    while not seen[-1].arrived and len(seen) < 200:
        seen.append(drag.step())
    assert seen[-1].arrived
    assert all(abs(step.handles[0][1] - 30) < 1e-6 and 20 <= step.handles[0][0] <= 32 for step in seen)
    assert (drag.picture() - before).abs().mean() > 0.01


def test_free_drag_blends_its_template_by_how_well_a_sub_motion_ended(tiny):
    for loss, share in ((0.2, 0.5), (0.4, 1 / (1 + 3 ** (2 / 3)))):
        drag = free(tiny, difference=1.0)
        drag.step()
        old, here = drag._templates[0].clone(), drag._patch(drag.handles[0]).detach()
        drag._judge([loss])
        assert torch.allclose(drag._templates[0], share * here + (1 - share) * old, atol=1e-5)


def test_free_drag_waits_where_it_is_not_well_done_and_goes_back_where_it_got_worse(tiny):
    drag = free(tiny, difference=1.0)
    drag.step()
    template, handle = drag._templates[0].clone(), drag.handles[0]
    drag._first = [0.9]
    drag._judge([0.8])  # better than it began, not good: freeze
    assert drag.handles[0] == handle
    drag._judge([1.2])  # worse than it began: the place that fits best
    assert torch.equal(drag._templates[0], template)
    best = drag._distance(drag._patch(drag.handles[0]), 0)
    assert best <= drag._distance(drag._patch(handle), 0)


def test_free_drag_starts_each_stretch_with_the_wanted_difference(tiny):
    drag = free(tiny, difference=0.5, reach=6.0)
    drag.step()
    drag._look()
    choices = [abs(drag._distance(drag._patch((20 + n * 1.2, 30.0)), 0) - 0.5) for n in range(1, 11)]
    drag.handles = [(20.0, 30.0)]
    x, _ = drag._search(0, 0.5)
    assert abs(drag._distance(drag._patch((x, 30.0)), 0) - 0.5) == pytest.approx(min(choices), abs=1e-5)


def test_free_drag_holds_what_the_mask_fixes(tiny):
    mask = torch.zeros(64, 64, dtype=torch.bool)
    mask[:, :36] = True
    changes = []
    for chosen in (None, mask):
        drag = free(tiny, difference=0.0, rate=0.02, mask=chosen)
        before = drag.picture()
        for _ in range(25):
            drag.step()
        changes.append(float((drag.picture() - before)[:, :, 44:].abs().mean()))
    assert changes[1] < 0.8 * changes[0]


def test_free_drag_goes_on_from_a_snapshot_to_the_bit(tiny):
    whole, first, second = (free(tiny, difference=0.0) for _ in range(3))
    for _ in range(9):
        whole.step()
    for _ in range(4):
        first.step()
    second.resume(first.snapshot())
    for _ in range(5):
        second.step()
    assert torch.equal(whole.w_plus, second.w_plus)
    assert whole.handles == second.handles
