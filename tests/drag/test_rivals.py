"""Rivals of the drag: other trackers and other updates."""

import torch
import torch.nn.functional as F

from editors.drag.trackers import lucas_kanade


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
