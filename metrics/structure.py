"""How much of the subject is still there: its structure, its edges, its pixels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from metrics.pictures import luma, pair
from metrics.registry import Pixels, metric

KEPT = ("result", "subject")


@metric("ssim", "Structure kept (SSIM)", better="higher", needs=KEPT)
def ssim(result: Pixels, subject: Pixels) -> float:
    """Structural similarity of the luminance, 1 for equal pictures.

    Wang et al. 2004, equation 13, with a 7x7 window and sample covariances, averaged where the window fits, as
    scikit-image does by default. Pictures smaller than the window get a smaller one.
    """
    x, y = (luma(picture).double() for picture in pair(result, subject))
    side = min(7, *x.shape[2:])
    window = side * side

    def mean(a: Tensor) -> Tensor:
        return F.avg_pool2d(a, side, stride=1)

    mx, my = mean(x), mean(y)
    scale = window / max(1, window - 1)
    vx, vy, cov = (scale * (mean(a * b) - ma * mb) for a, b, ma, mb in ((x, x, mx, mx), (y, y, my, my), (x, y, mx, my)))
    c1, c2 = 0.01**2, 0.03**2
    value = ((2 * mx * my + c1) * (2 * cov + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return float(value.mean().item())


@metric("psnr", "Signal to noise", unit="dB", better="higher", needs=KEPT)
def psnr(result: Pixels, subject: Pixels) -> float:
    """Peak signal-to-noise ratio over all channels, at most 100 dB (equal pictures)."""
    x, y = pair(result, subject)
    error = (x - y).double().square().mean().clamp_min(1e-10)
    return float((-10 * error.log10()).item())


@metric("mad", "Mean difference", unit="levels", better="lower", needs=KEPT)
def mad(result: Pixels, subject: Pixels) -> float:
    """Mean absolute difference over all channels, 0 to 255."""
    x, y = pair(result, subject)
    return float(255 * (x - y).abs().mean().item())


@metric("edge_f1", "Edges kept (F1)", better="higher", needs=KEPT)
def edge_f1(result: Pixels, subject: Pixels) -> float:
    """Agreement of the strongest edges, 0 to 1, with two pixels of tolerance.

    Edges are the tenth of the pixels with the steepest smoothed luminance; precision and recall count those that have
    an edge of the other picture within two pixels.
    """
    x, y = (_edges(luma(picture)) for picture in pair(result, subject))
    if not x.any() or not y.any():
        return float(x.any() == y.any())
    precision = (x & _grow(y)).sum() / x.sum()
    recall = (y & _grow(x)).sum() / y.sum()
    return float((2 * precision * recall / (precision + recall).clamp_min(1e-9)).item())


def _edges(grey: Tensor) -> Tensor:
    line = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    smooth = F.conv2d(F.pad(grey, [2] * 4, mode="replicate"), torch.outer(line, line)[None, None])
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    filters = torch.stack([sobel, sobel.T])[:, None]
    slope = F.conv2d(F.pad(smooth, [1] * 4, mode="replicate"), filters).norm(dim=1)
    threshold = torch.quantile(slope.flatten()[: 1 << 24], 0.9) if slope.numel() < 1 << 24 else slope.mean() * 2
    return slope > threshold.clamp_min(1e-3)


def _grow(mask: Tensor) -> Tensor:
    return F.max_pool2d(mask.float()[None], 5, stride=1, padding=2)[0] > 0
