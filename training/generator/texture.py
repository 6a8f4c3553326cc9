"""What hair looks like, wherever each strand lies, and how sharp an edge is, wherever it runs.

Which way a strand waves at a pixel follows from the controls through an angle in space, and a convolutional network has
no coordinates to work that out with: by any distance between pixels, plain hair is its best guess. So inside of hair,
beards and hats only the coarsest octaves are held to their place, and of the others the energy of each direction within
windows is compared: strands of the right strength, width and direction satisfy it, wherever they begin. Freckles ask
for the same, and everywhere else a little of it keeps edges from being drawn softer than they are, which is the best
guess of a network that knows their place to a pixel or two only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from training.puppets.paint import PARTS

RIM = 40
"""The inside of a part begins a 40th of the picture's side from its border: outlines stay where they are."""
WINDOW = 8
"""Cells along a window, about two periods of what an octave holds."""
SKIN = ["skin", "nose"]
"""Where freckles are."""


def inside(parts: Tensor, names: list[str]) -> Tensor:
    """1 where all pixels around belong to one of the named parts, [n, 1, s, s] from part numbers [n, s, s]."""
    chosen = torch.tensor([name in names for name in PARTS], device=parts.device)
    reach = max(1, parts.shape[-1] // RIM)
    outside = (~chosen[parts])[:, None].float()
    return 1 - functional.max_pool2d(outside, 2 * reach + 1, 1, reach)


def loosened(parts: Tensor, freckled: Tensor, wish: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Where textures count instead of places: how much textures do, and what is left of places, [n, 1, s, s] each.

    Inside of the parts that ``wish`` names it is 1 and ``bound``; on skin of the puppets that are ``freckled``
    (boolean, [n]), where ``wish`` has ``freckled``, its ``share`` and its ``bound``; elsewhere 0 and 1.
    """
    share = inside(parts, wish["parts"])
    left = 1 - (1 - wish["bound"]) * share
    if (skin := wish.get("freckled")) is not None:
        dotted = inside(parts, SKIN) * freckled[:, None, None, None]
        share, left = share + skin["share"] * dotted, left - (1 - skin["bound"]) * dotted
    return share, left


def energies(grey: Tensor, where: Tensor, corner: tuple[int, int]) -> list[Tensor]:
    """Root mean square of the steps to the right and downwards per window, [n, 1, rows, columns] each."""
    grey, where = (x[..., corner[0] :, corner[1] :] for x in (grey, where))
    share = functional.avg_pool2d(where, WINDOW) + 1e-3
    found = []
    for axis in (-1, -2):
        steps = functional.pad(grey.diff(dim=axis), [0, 1] if axis == -1 else [0, 0, 0, 1])
        found.append((functional.avg_pool2d(steps.square() * where, WINDOW) / share + 1e-5).sqrt())
    return found


def texture(made: Tensor, wanted: Tensor, where: Tensor, corner: tuple[int, int], octaves: int = 4) -> Tensor:
    """How far the energies of pictures [n, 3, s, s] differ, as much as ``where`` [n, 1, s, s] says, over all octaves.

    ``corner`` (row, column, each below `WINDOW`) is where the first window begins, in cells of each octave.
    """
    total = made.new_zeros(())
    made, wanted = made.mean(1, keepdim=True), wanted.mean(1, keepdim=True)
    for _ in range(octaves):
        ours, theirs = energies(made, where, corner), energies(wanted, where, corner)
        share = functional.avg_pool2d(where[..., corner[0] :, corner[1] :], WINDOW)
        total = total + sum(((a - b).abs() * share).mean() for a, b in zip(ours, theirs, strict=True))
        if made.shape[-1] < 4 * WINDOW:  # the next octave has no place for a window at every corner
            break
        made, wanted, where = (functional.avg_pool2d(x, 2) for x in (made, wanted, where))
    return total
