"""Another way to find a handle again: by following it from frame to frame, as optical flow does.

The paper compares its nearest feature with trackers that look at frames (table 1: RAFT, PIPs). This one is the pyramid
of Lucas and Kanade (1981; Bouguet 2000), which needs no weights. It pays for a whole frame at every step, and what it
loses it never finds again; that is what the comparison is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from editors.drag.method import PlainDrag
from editors.drag.settings import Point

WINDOW = 7  # half the side of the square that has to look alike, in pixels of each level
LEVELS = 3
ROUNDS = 8
STILL = 0.01  # pixels; a shorter correction is the last one of its level
HALF = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def lucas_kanade(before: Tensor, after: Tensor, points: Tensor, guess: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Where points [n, 2] (x, y) of one grey frame [h, w] are in the next.

    Returns them, and for each how alike the squares are there: 1 the same, 0 as unlike as two squares can be that have
    nothing in common. `guess`: where they may be, [n, 2].
    """
    pyramid = [(before, after)]
    while len(pyramid) < LEVELS and min(pyramid[-1][0].shape) >= 4 * WINDOW:
        pyramid.append(tuple(_halved(frame) for frame in pyramid[-1]))
    flow = torch.zeros_like(points) if guess is None else guess - points
    for level in range(len(pyramid) - 1, -1, -1):
        scale = 0.5**level
        flow, alike = _refine(*pyramid[level], points * scale, flow * scale)
        flow = flow / scale
    return points + flow, alike


def _refine(before: Tensor, after: Tensor, points: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """Newton steps of one level: the flow that makes the squares alike, by least squares over their gradients."""
    dx, dy = _gradients(before)
    patch, gx, gy = (_squares(each, points) for each in (before, dx, dy))
    a, b, d = (gx * gx).sum(1), (gx * gy).sum(1), (gy * gy).sum(1)
    even = 1e-4 * patch.shape[1]  # keeps a handle on even ground where it is
    determinant = (a + even) * (d + even) - b * b
    for _ in range(ROUNDS):
        error = patch - _squares(after, points + flow)
        ex, ey = (gx * error).sum(1), (gy * error).sum(1)
        move = torch.stack([(d + even) * ex - b * ey, (a + even) * ey - b * ex], 1) / determinant[:, None]
        flow = flow + move.clamp(-WINDOW, WINDOW)
        if float(move.abs().max()) < STILL:
            break
    error = (patch - _squares(after, points + flow)).square().mean(1)
    return flow, (1 - error / (2 * patch.var(1) + 1e-4)).clamp(0, 1)


def _squares(frame: Tensor, points: Tensor) -> Tensor:
    """The squares of a frame [h, w] around points [n, 2], bilinear: [n, (2 WINDOW + 1)²]."""
    height, width = frame.shape
    reach = torch.arange(-WINDOW, WINDOW + 1, dtype=points.dtype, device=points.device)
    x = (points[:, 0, None, None] + reach).expand(-1, len(reach), -1)
    y = (points[:, 1, None, None] + reach[:, None]).expand(-1, -1, len(reach))
    grid = torch.stack([x / max(width - 1, 1), y / max(height - 1, 1)], -1) * 2 - 1
    stack = frame[None, None].expand(len(points), -1, -1, -1)
    return F.grid_sample(stack, grid, padding_mode="border", align_corners=True).flatten(1)


def _gradients(frame: Tensor) -> tuple[Tensor, Tensor]:
    padded = F.pad(frame[None, None], (1, 1, 1, 1), mode="replicate")[0, 0]
    return (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2, (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2


def _halved(frame: Tensor) -> Tensor:
    """Blurred and every second pixel, whose centre stays where it was."""
    taps = HALF.to(frame)
    smooth = F.conv2d(F.pad(frame[None, None], (2, 2, 2, 2), mode="replicate"), torch.outer(taps, taps)[None, None])
    return smooth[0, 0, ::2, ::2]


class FlowDrag(PlainDrag):
    """The drag of the paper with handles that are followed through the frames instead of found by their feature."""

    _frame: Tensor | None = None

    def _look(self) -> None:
        super()._look()
        before, self._frame = self._frame, self._image.detach().mean((0, 1)).float()
        points = torch.tensor(self.handles).to(self._frame)
        found, alike = (
            (points, torch.ones(len(points))) if before is None else lucas_kanade(before, self._frame, points)
        )
        self._found = [self._inside(*each) for each in found.tolist()]
        self._alike: Sequence[float] = alike.tolist()

    def _track(self, i: int) -> tuple[Point, float]:
        return self._found[i], self._alike[i]

    def restore(self, w_plus: Tensor, handles: Sequence[Point]) -> None:
        """As for every drag; the next frame is the first one to follow the handles from."""
        super().restore(w_plus, handles)
        self._frame = None

    def snapshot(self) -> dict[str, Any]:
        """As for every drag, with the frame that the handles were last seen in."""
        return super().snapshot() | {"frame": None if self._frame is None else self._frame.cpu().numpy()}

    def resume(self, snapshot: Mapping[str, Any]) -> None:
        """As for every drag."""
        super().resume(snapshot)
        if snapshot["frame"] is not None:
            self._frame = torch.from_numpy(snapshot["frame"]).to(self._start)
