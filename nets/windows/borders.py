"""Cutting windows out of maps and adding them back. Maps here are [N, height, width, C], pixels before channels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.windows.fields import Windows


def validity(windows: Windows, size: tuple[int, int], like: Tensor) -> Tensor | None:
    """1 on the map of this size and 0 beyond it, [N, h, w, 1]; None when nothing lies beyond."""
    if windows.within(*size):
        return None
    rows, columns = indices(windows, like.device)
    on_rows = ((rows >= 0) & (rows < size[0])).to(like.dtype)
    on_columns = ((columns >= 0) & (columns < size[1])).to(like.dtype)
    return (on_rows[:, :, None] * on_columns[:, None, :])[..., None]


def indices(windows: Windows, device: torch.device) -> tuple[Tensor, Tensor]:
    """Rows [N, h] and columns [N, w] of the windows' pixels."""
    corners = torch.tensor(windows.places, device=device)
    rows = corners[:, :1] + torch.arange(windows.height, device=device)
    return rows, corners[:, 1:] + torch.arange(windows.width, device=device)


def read(image: Tensor, at: Windows, wanted: Windows) -> Tensor:
    """The `wanted` windows of a map of which `image` is what lies at the single window `at`; 0 elsewhere."""
    (top, left), (_, height, width, _) = at.places[0], image.shape
    if len(wanted.places) == 1:
        return _framed(image, wanted.places[0][0] - top, wanted.places[0][1] - left, wanted.height, wanted.width)
    moved = Windows(tuple((y - top, x - left) for y, x in wanted.places), wanted.height, wanted.width)
    rows, columns = indices(moved, image.device)
    found = image[0][rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None, :]]
    valid = validity(moved, (height, width), image)
    return found if valid is None else found * valid


def _framed(image: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    """Rows top … top + height - 1 and the same of columns, with zeros where there are none."""
    bottom, right = top + height - image.shape[1], left + width - image.shape[2]
    cut = image[:, max(top, 0) : image.shape[1] + min(bottom, 0), max(left, 0) : image.shape[2] + min(right, 0)]
    edges = [max(-left, 0), max(right, 0), max(-top, 0), max(bottom, 0)]
    return F.pad(cut, [0, 0, *edges]) if any(edges) else cut


def spread(parts: Tensor, at: Windows, onto: Windows) -> Tensor:
    """The adjoint of `read`: windows `at` added up on the single window `onto`, what lies beyond it left out."""
    if len(at.places) == 1:
        (top, left), (y, x) = onto.places[0], at.places[0]
        return _framed(parts, top - y, left - x, onto.height, onto.width)
    moved = Windows(tuple((y - onto.places[0][0], x - onto.places[0][1]) for y, x in at.places), at.height, at.width)
    valid = validity(moved, (onto.height, onto.width), parts)
    rows, columns = indices(moved, parts.device)
    flat = rows.clamp(0, onto.height - 1)[:, :, None] * onto.width + columns.clamp(0, onto.width - 1)[:, None, :]
    total = parts.new_zeros(onto.height * onto.width, parts.shape[3])
    total.index_add_(0, flat.flatten(), (parts if valid is None else parts * valid).flatten(0, 2))
    return total.view(1, onto.height, onto.width, -1)


def cut(parts: Tensor, at: Windows, inner: Windows) -> Tensor:
    """From each of the windows `at`, the smaller window of the same number."""
    if at == inner:
        return parts
    pieces = [
        part[y - top : y - top + inner.height, x - left : x - left + inner.width]
        for part, (top, left), (y, x) in zip(parts, at.places, inner.places, strict=True)
    ]
    return pieces[0][None] if len(pieces) == 1 else torch.stack(pieces)


class Read(torch.autograd.Function):
    """`read`, differentiable: (image, at, wanted)."""

    @staticmethod
    def forward(ctx, image: Tensor, at: Windows, wanted: Windows) -> Tensor:  # noqa: ANN001
        """See `read`."""
        ctx.at, ctx.wanted = at, wanted
        return read(image, at, wanted).clone()

    @staticmethod
    def backward(ctx, g: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN001
        """See `spread`."""
        return spread(g, ctx.wanted, ctx.at), None, None
