"""Repainting with pieces of the style picture.

Matching statistics of features leaves a picture with the right strokes but with specks of colours the painter never
mixed. Here every small patch is replaced by its nearest neighbour among the patches of the style picture, and where
patches overlap they vote with robust weights (Elad and Milanfar 2017, "Style transfer via texture synthesis"; Kwatra et
al. 2005 for the re-weighting). So every colour and every stroke end of the result comes from the style picture.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

PATCH = 8
_COMPONENTS = 24  # of the patches' principal components; enough to tell strokes apart
_ROWS = 64
_ROBUST = 0.8  # the norm ||.||^r that overlapping patches are averaged in


class StylePatches:
    """The patches of one style picture, also mirrored and turned, ready to be searched.

    Args:
        style: RGB [1, 3, h, w] in 0..1 at the size the strokes shall have; smaller sides are padded to a patch.
        most: about how many patches to keep; a large picture is sampled on a coarser grid.
        check_stop: called several times a second while patches are searched; what it raises ends the search.
        seen: [1, 1, h, w], 1 where the style is and 0 where it is clear: only patches that are wholly seen are kept, or
            where it is too thin for any, those that are seen best. None: all of it is there.
    """

    def __init__(
        self,
        style: Tensor,
        most: int = 32_000,
        seen: Tensor | None = None,
        check_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self.check_stop = check_stop
        views = _views(style)
        style = views[0]
        there = style.shape[2] * style.shape[3] * (1.0 if seen is None else seen.mean().item())
        self.pace = max(1, round((4 * there / most) ** 0.5))
        shares = None if seen is None else [_cut(view, self.pace).mean(1) for view in _views(seen)]
        best = 1.0 if shares is None else max(share.max().item() for share in shares)
        whole = [slice(None)] * 4 if shares is None else [share >= min(0.999, best - 1e-6) for share in shares]
        sample = _cut(style, self.pace)[whole[0]]
        self.mean = sample.mean(0)
        centred = sample - self.mean
        check_stop()
        components = torch.linalg.eigh((centred.T @ centred / len(sample)).cpu())[1][:, -_COMPONENTS:].to(style)
        self.basis = components.T.reshape(-1, 3, PATCH, PATCH).contiguous()
        check_stop()
        keys = torch.cat([self._project(view, self.pace)[kept] for view, kept in zip(views, whole, strict=True)])
        half_norm = keys.square().sum(1, keepdim=True) / 2
        self.keys = torch.cat([keys, -half_norm], 1).T.contiguous()  # x.k - |k|^2 / 2 in one product
        check_stop()
        self.pixels = torch.cat([_cut(view, self.pace)[kept] for view, kept in zip(views, whole, strict=True)])

    def _project(self, picture: Tensor, pace: int) -> Tensor:
        """Principal components of all patches [count, components], without cutting them out."""
        offset = (self.basis.flatten(1) @ self.mean)[None, :]
        return F.conv2d(picture, self.basis, stride=pace).flatten(2)[0].T - offset

    def nearest(self, picture: Tensor, pace: int) -> Tensor:
        """Index of the nearest style patch for every patch of the picture, on a grid of `pace` pixels."""
        wanted = self._project(picture, pace)
        wanted = torch.cat([wanted, torch.ones_like(wanted[:, :1])], 1)
        scores = wanted.new_empty(min(_ROWS, len(wanted)), self.keys.shape[1])  # small enough to stay in the cache
        found = []
        for number, rows in enumerate(wanted.split(_ROWS)):
            if number % 16 == 0:
                self.check_stop()
            likeness = torch.mm(rows, self.keys, out=scores[: len(rows)])
            found.append(likeness.max(1)[1])
        return torch.cat(found)

    def repaint(self, picture: Tensor, pace: int = 3, votes: int = 2) -> Tensor:
        """The picture [1, 3, h, w] made of style patches.

        Args:
            pace: pixels from one patch to the next; smaller is smoother and slower.
            votes: rounds of the robust average; 1 is the plain one.
        """
        height, width = picture.shape[2:]
        right = max(PATCH - width, -(width - PATCH) % pace)
        below = max(PATCH - height, -(height - PATCH) % pace)
        padded = F.pad(picture, (0, right, 0, below), mode="replicate")
        chosen = self.pixels[self.nearest(padded, pace)]
        window = _window(picture)
        weight = torch.ones(len(chosen), 1).to(picture)
        for round_ in range(votes):
            self.check_stop()
            if round_:
                distance = (_cut(padded, pace) - chosen).square().mean(1, keepdim=True)
                weight = (distance + 1e-4) ** (_ROBUST / 2 - 1)
            total = _lay((chosen * window * weight).T, padded, pace)
            padded = total / _lay((window[:, : PATCH * PATCH] * weight).T, padded, pace)
        return padded[:, :, :height, :width]


def _views(style: Tensor) -> list[Tensor]:
    """The picture, padded to a patch, as it is, mirrored, turned, and both."""
    height, width = style.shape[2:]
    style = F.pad(style, (0, max(0, PATCH - width), 0, max(0, PATCH - height)), mode="replicate")
    turned = style.transpose(2, 3)
    return [style, style.flip(3), turned, turned.flip(3)]


def _cut(picture: Tensor, pace: int) -> Tensor:
    return F.unfold(picture, PATCH, stride=pace)[0].T.contiguous()


def _lay(columns: Tensor, like: Tensor, pace: int) -> Tensor:
    return F.fold(columns[None], like.shape[2:], PATCH, stride=pace)


def _window(like: Tensor) -> Tensor:
    """Gaussian weights inside a patch, for three channels: [1, 3 * PATCH * PATCH]."""
    line = torch.exp(-(((torch.arange(PATCH) - (PATCH - 1) / 2) / (PATCH / 3)) ** 2) / 2)
    return torch.outer(line, line).flatten().repeat(3)[None].to(like)
