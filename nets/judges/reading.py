"""Judging pictures of any size."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.judges.mirror import mirror_order
from nets.judges.network import Judges, Reading

NEARER = 0.075
"""What a nearer look cuts off at each side, as a share of it."""


def to_square(pictures: Tensor) -> tuple[Tensor, tuple[int, int]]:
    """Pictures [N, 3, h, w] made square by repeating their rims; and what was added at the left and the top."""
    height, width = pictures.shape[2:]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    padding = (left, side - width - left, top, side - height - top)
    return F.pad(pictures, padding, mode="replicate"), (left, top)


def resample(pictures: Tensor, size: int) -> Tensor:
    """Square pictures at another size: averaged when smaller, interpolated when larger. Differentiable."""
    if pictures.shape[-1] == size:
        return pictures
    if pictures.shape[-1] % size == 0:
        return F.avg_pool2d(pictures, pictures.shape[-1] // size)
    return F.interpolate(pictures, (size, size), mode="bilinear", antialias=True, align_corners=False)


def read(judges: Judges, pictures: Tensor, careful: bool = False) -> Reading:
    """What the judges say of pictures [N, 3, h, w] in -1..1, of any size.

    Landmarks and their errors are in pixels of the pictures given; parts belong to the square that repeats their rims.
    Where ``careful``, landmarks and their visibility are means of four looks, at the picture, its mirror image, and
    both from a little nearer, which takes four times as long: errors of a network are its own at every look, and a mean
    has a fifth less of them. All else is said at the first look.

    Raises:
        ValueError: something else than colour pictures.
    """
    if pictures.ndim != 4 or pictures.shape[1] != 3 or not pictures.numel():
        raise ValueError(f"pictures: expected [N, 3, h, w], got {list(pictures.shape)}")
    square, (left, top) = to_square(pictures)
    found = _look(judges, square)
    if careful:
        cut = round(NEARER * square.shape[-1])
        order = mirror_order(judges.config.landmarks)
        looks = [found, _look(judges, square, cut)]
        looks += [] if order is None else [_unmirrored(judges, square, near, order) for near in (0, cut)]
        columns = {name: [getattr(look, name) for look in looks] for name in ("landmarks", "visibility", "error")}
        found = found._replace(**{name: torch.stack(column).mean(0) for name, column in columns.items()})
    return found._replace(landmarks=found.landmarks - torch.tensor([left, top]).to(found.landmarks))


def _look(judges: Judges, square: Tensor, cut: int = 0) -> Reading:
    """One look at a square without ``cut`` pixels at each side; landmarks and errors in the square's pixels."""
    side = square.shape[-1]
    found: Reading = judges(resample(square[..., cut : side - cut, cut : side - cut], judges.config.size))
    scale = (side - 2 * cut) / judges.config.size
    return found._replace(landmarks=found.landmarks * scale + cut, error=found.error * scale)


def _unmirrored(judges: Judges, square: Tensor, cut: int, order: list[int]) -> Reading:
    """A look in the mirror, with every landmark back on its own side; parts and controls stay those of the mirror."""
    found = _look(judges, square.flip(-1), cut)
    points = found.landmarks * found.landmarks.new_tensor([-1, 1]) + found.landmarks.new_tensor([square.shape[-1], 0])
    return found._replace(
        landmarks=points[:, order], visibility=found.visibility[:, order], error=found.error[:, order]
    )


@torch.no_grad()
def landmarks(judges: Judges, picture: Tensor, careful: bool = True) -> tuple[Tensor, Tensor, float]:
    """Landmarks of one picture [3, h, w] in -1..1: places [L, 2] in pixels, visibility [L], and confidence; see `read`.

    The confidence is 0..1: the probability that there is a puppet, times that of its landmarks lying within a
    thirtieth of the picture's larger side.
    """
    found = read(judges, picture[None], careful)
    within = 1 - torch.exp(-(max(picture.shape[1:]) / 30) / found.error[0].clamp(min=1e-6))
    return found.landmarks[0], found.visibility[0], (found.present[0] * within.mean()).item()
