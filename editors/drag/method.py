"""Drag editing (Pan et al. 2023, "Drag Your GAN"), computed on whole maps with no short cuts: the oracle.

Let F be the features after one block of the generator, enlarged bilinearly to the size of the image. One step is

    track       p_i ← argmin ‖F(q) - f_i‖ over q within r2 of p_i, where f_i = F0(p_i) at the start     (equation 2)
    supervise   L = Σ_i Σ_{q within r1 of p_i} ‖F(q) - F(q + d_i)‖₁ + λ ‖(F - F0) · (1 - M)‖₁           (equation 1)
                with d_i the unit vector from p_i to its target, F(q) taken as a constant
    update      one step of Adam on the first rows of w_plus

The authors' code departs from the paper, and so does the variant "official", the default: it tracks with the L2 norm,
takes means instead of sums, measures the disc on coordinates stretched by h / (h - 1), and stops at 2 pixels of 512.
The variant "paper" tracks with the L1 norm, sums, counts whole pixels, and stops at 1 pixel. Both leave a handle alone
within 1 pixel of its target. Pictures that are not square (whole persons) lie in the middle of a padded square in the
authors' code: "official" measures its discs there and takes the mask's mean over all of it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from editors.drag.method_session import DragSession, DragStep, unit
from editors.drag.settings import Point

__all__ = ["DragStep", "PlainDrag"]

FLAT = 0.05  # distances below this share of a feature's norm tell no place from another


def confidence(distances: Tensor, reference: Tensor, order: int) -> float:
    """How much closer the best match is than the average of the searched pixels, relative to that average.

    About 1 where one place fits and the others do not, 0 where all fit equally well or badly. An average below 5 % of
    the reference's own norm counts as 5 %, so that a flat region, where every place fits, has no confidence either.
    """
    mean, scale = float(distances.mean()), float(torch.linalg.vector_norm(reference, order))
    return max(0.0, (mean - float(distances.min())) / max(mean, FLAT * scale, 1e-12))


def disc(
    centre: Point, radius: int, size: tuple[int, int], variant: str, around: int | None = None
) -> tuple[Tensor, Tensor]:
    """Rows and columns of the pixels closer than `radius` to the centre, in an image of size (height, width).

    around: how many pixels each way from the centre are looked at; None, all of the image.
    """
    y, x = (coordinates(n, max(size), variant) for n in size)
    top, left = (0 if around is None else max(int(each) - around, 0) for each in (centre[1], centre[0]))
    if around is not None:
        y, x = y[top : int(centre[1]) + around + 1], x[left : int(centre[0]) + around + 1]
    far = ((y[:, None] - centre[1]) ** 2 + (x[None, :] - centre[0]) ** 2).sqrt()
    rows, columns = torch.where(far < radius)
    return rows + top, columns + left


def coordinates(count: int, side: int, variant: str) -> Tensor:
    """Where the pixels of an axis are, [count]: whole numbers, or as the authors stretch a padded square of `side`."""
    if variant != "official":
        return torch.arange(float(count))
    margin = (side - count) // 2
    return torch.linspace(0, side, side)[margin : margin + count] - margin


def track(features: Tensor, reference: Tensor, handle: Point, search: int, order: int) -> tuple[Point, float]:
    """The pixel of features [C, h, w] nearest to reference [C] around the handle, and the confidence in it."""
    (x, y), (height, width) = (int(handle[0]), int(handle[1])), features.shape[1:]
    left, top = max(x - search, 0), max(y - search, 0)
    near = features.detach()[:, top : min(y + search + 1, height), left : min(x + search + 1, width)]
    distances = torch.linalg.vector_norm(near - reference[:, None, None], order, dim=0)
    row, column = divmod(int(distances.argmin()), distances.shape[1])
    return (left + column, top + row), confidence(distances, reference, order)


def motion_loss(features: Tensor, handle: Point, target: Point, radius: int, variant: str) -> Tensor:
    """The pull of one pair on features [C, h, w]: what lies one pixel nearer the target should become what is here."""
    height, width = features.shape[1:]
    dx, dy, _ = unit(handle, target)
    rows, columns = (each.to(features.device) for each in disc(handle, radius, (height, width), variant))
    x, y = (columns.to(features) + dx) / max(width - 1, 1), (rows.to(features) + dy) / max(height - 1, 1)
    grid = torch.stack([x, y], 1)[None, None] * 2 - 1
    ahead = F.grid_sample(features[None], grid, align_corners=True)[0, :, 0]
    residuals = (ahead - features.detach()[:, rows, columns]).abs()
    return residuals.mean() if variant == "official" else residuals.sum()


def mask_loss(features: Tensor, before: Tensor, fixed: Tensor, variant: str) -> Tensor:
    """How much features [C, h, w] have changed since `before` where `fixed` [h, w] is 1."""
    return mask_share(features.shape[0], fixed, variant) * ((features - before) * fixed).abs().sum()


def mask_share(channels: int, fixed: Tensor, variant: str) -> float:
    """What a sum over maps of so many channels and the size of `fixed` [h, w] is multiplied with: 1, or for a mean."""
    return 1 / (channels * max(fixed.shape) ** 2) if variant == "official" else 1.0


class PlainDrag(DragSession):
    """The drag above, read off one whole pass to the image at every step, as the authors' code does."""

    def _map(self) -> Tensor:
        self._image, maps = self.generator.synthesis.image_and_features(self._codes()[None], [self.scaled.block])
        return maps[self.scaled.block]

    def _look(self) -> None:
        self._features = F.interpolate(self._map(), self.size, mode="bilinear")[0]
        if self.fixed is not None and self._before is None:
            self._before = self._features.detach().clone()

    def _feature(self, handle: Point) -> Tensor:
        return self._features.detach()[:, int(handle[1]), int(handle[0])].clone()

    def _track(self, i: int) -> tuple[Point, float]:
        reference = self._references[i]
        assert reference is not None, "every pair has got one by now"
        return track(self._features, reference, self.handles[i], self.scaled.search, self.order)

    def _loss(self, moving: list[int]) -> Tensor:
        kind = self.settings.variant
        pairs = [(self.handles[i], self.targets[i]) for i in moving]
        total = self._start.new_zeros(())
        for handle, target in pairs:
            total = total + motion_loss(self._features, handle, target, self.scaled.radius, kind)
        if self.fixed is not None and self._before is not None:
            total = total + self.settings.mask_weight * mask_loss(self._features, self._before, self.fixed, kind)
        return total
