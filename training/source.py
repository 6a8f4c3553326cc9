"""Batches for training: a rendered set that may still grow, its features, and its mirror image."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.controls import WIDTH, features
from training.dataset import Dataset
from training.generator.losses import part_weights
from training.puppets import INDEX, mirrored
from training.puppets.paint import PARTS
from training.shares import control_shares

KEPT = "features.pt"
FAINT = 0.1
"""Below it freckles are too faint to matter."""


def one_sided(params: Tensor, parts: Tensor) -> Tensor:
    """Where the mirror shows what the renderer would not draw of the mirrored controls [n, k]: [n, 1, s, s], boolean.

    The waves of strands and curls are odd in x, so that a picture and its mirror image have dark where the other one
    has light. A network that learned from both would learn plain hair. Freckles are a pattern without any symmetry.
    """
    hair = (parts == PARTS.index("hair")) | (parts == PARTS.index("beard"))
    freckled = (params[:, INDEX["freckles"]] > FAINT)[:, None, None]
    skin = (parts == PARTS.index("skin")) | (parts == PARTS.index("nose"))
    return (hair | (skin & freckled))[:, None]


class Source:
    """Pictures of a set from number ``held_out`` on; the share ``mirror`` of the batches is seen in the mirror.

    Features take minutes for a large set, so they are kept beside it, and made anew where `features` has changed.
    ``oftener`` names controls that pictures are drawn oftener for (see `training.shares`), ``weights`` how much a pixel
    of a part counts where that differs from `training.generator.losses.WEIGHTS`.
    """

    def __init__(
        self,
        data: Dataset,
        held_out: int,
        mirror: float,
        oftener: Mapping[str, float] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.data, self.held_out, self.mirror, self.weights = data, held_out, float(mirror), weights
        self.wish = control_shares(data.params, oftener or {})
        self.size = data.images.shape[-1]
        self.seen = torch.zeros(2 if self.mirror else 1, len(data), WIDTH)
        self.known = np.zeros(len(data), bool)
        self.usable, self.chance = np.zeros(0, np.int64), np.zeros(0)
        self._recall()

    def _recall(self) -> None:
        """Takes over what an earlier run kept, if one picture's features still come out the same."""
        path = self.data.folder / KEPT
        kept = torch.load(path, weights_only=True) if path.exists() else None
        if kept is None or kept["seen"].shape[1:] != self.seen.shape[1:] or len(kept["seen"]) < len(self.seen):
            return
        first = kept["known"].nonzero()[:1, 0]
        if torch.allclose(kept["seen"][0, first], features(self.data.params[first]), atol=1e-5):
            self.seen, self.known = kept["seen"][: len(self.seen)], kept["known"].numpy()

    def _keep(self) -> None:
        """Leaves the features for later runs; a set that may not be written to goes without."""
        path = self.data.folder / KEPT
        try:
            torch.save({"seen": self.seen, "known": torch.from_numpy(self.known)}, path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)
        except OSError:
            path.with_suffix(".new").unlink(missing_ok=True)

    def refresh(self) -> None:
        """Takes in what was rendered since the last time."""
        finished = self.data.finished()
        fresh = torch.from_numpy(finished[~self.known[finished]])
        if len(fresh):
            params = self.data.params[fresh]
            self.seen[0, fresh] = features(params)
            if self.mirror:
                self.seen[1, fresh] = features(mirrored(params))
            self.known[fresh.numpy()] = True
            self._keep()
        self.usable = finished[finished >= self.held_out]
        self.chance = self.wish[self.usable] / self.wish[self.usable].sum()

    def batch(self, random: np.random.Generator, count: int, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features [n, WIDTH], pictures [n, 3, size, size] in -1..1 and weight maps of random members.

        The fourth are their part numbers [n, s, s], at the size of the set.
        """
        index = np.sort(random.choice(self.usable, count, p=self.chance))
        side = int(random.random() < self.mirror)
        params, images, parts = self.data.batch(index)
        weight = part_weights(parts, self.weights)
        if side:
            weight = weight * ~one_sided(params, parts)
            images, weight, parts = images.flip(-1), weight.flip(-1), parts.flip(-1)
        if (fold := self.size // size) > 1:
            images, weight = functional.avg_pool2d(images, fold), functional.avg_pool2d(weight, fold)
        return self.seen[side, torch.from_numpy(index)], images, weight, parts
