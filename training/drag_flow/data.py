"""What the latent drag learns from: pairs of puppets that differ by known moves, as their w and their landmarks.

No picture is drawn. The controls give w, and the renderer says where every landmark of both puppets lies; the two
differ in pose, expression or shape alone, so that hair, colours, light and clothes have no reason to change.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from nets.drag_flow import DragFlow
from training.controls import ControlEncoder, features
from training.puppets import CONTROLS, INDEX, sample
from training.puppets.landmarks import COUNT

EXPRESSION = tuple(c.name for c in CONTROLS if c.group == "expression" and c.name != "tears")
KINDS = {
    "pose": tuple(c.name for c in CONTROLS if c.group == "pose"),
    "expression": (*EXPRESSION, "gaze_x", "gaze_y"),
    "identity": tuple(c.name for c in CONTROLS if c.group == "identity" and c.name not in ("age", "gender")),
}
"""What may differ together. Also "all" of these, and "some": each with a chance of `SOME`."""
SOME = 0.2
NOISE = 0.015  # of the picture's half side, about a pixel of 128: hands are not exact
BESIDE = 0.06  # how far from a landmark other points are chosen
ELSEWHERE = 0.3  # share of points that are no landmarks


class Puppets(NamedTuple):
    """Two codes [n, w_dim] and the landmarks [n, COUNT, 2] of each, in -1..1 of the picture's edges."""

    w: Tensor
    marks: Tensor
    moved_w: Tensor
    moved_marks: Tensor

    def take(self, index: Tensor | slice) -> Puppets:
        """Some of them, in single precision."""
        return Puppets(*(column[index].float() for column in self))


def moved(params: Tensor, others: Tensor, shares: dict[str, int], random: torch.Generator) -> Tensor:
    """Controls [n, k] with those of one kind, drawn by its share for each row, taken from other puppets."""
    names = list(shares)
    drawn = torch.multinomial(torch.tensor([float(shares[n]) for n in names]), len(params), True, generator=random)
    shape = [INDEX[name] for names_of_kind in KINDS.values() for name in names_of_kind]
    result = params.clone()
    for number, name in enumerate(names):
        rows = torch.nonzero(drawn == number).flatten()
        columns = [INDEX[each] for each in KINDS[name]] if name in KINDS else shape
        chosen = torch.zeros(len(rows), params.shape[1], dtype=torch.bool)
        chosen[:, columns] = True
        if name == "some":
            chosen &= torch.rand(chosen.shape, generator=random) < SOME
        result[rows] = torch.where(chosen, others[rows], params[rows])
    return result


@torch.no_grad()
def puppets(count: int, seed: int, controls: ControlEncoder, shares: dict[str, int]) -> Puppets:
    """So many pairs, in half precision; the same from the same seed."""
    random = torch.Generator().manual_seed(seed)
    first, other = sample(seed, 2 * count).chunk(2)
    columns: list[Tensor] = []
    for params in (first, moved(first, other, shares, random)):
        seen = features(params)
        columns += [controls(seen).half(), seen[:, -2 * COUNT :].unflatten(1, (COUNT, 2)).half()]
    return Puppets(*columns)


def kept(path: Path, count: int, seed: int, controls: ControlEncoder, shares: dict[str, int]) -> Puppets:
    """`puppets`, computed once and kept in a file."""
    if not path.exists():
        torch.save(tuple(puppets(count, seed, controls, shares)), path)
    return Puppets(*torch.load(path, weights_only=True))


def asked(examples: Puppets, net: DragFlow, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Handles and targets [n, count, 2]: landmarks and points beside them, and where they went; a hand's error in both.

    A point that is no landmark goes where the landmarks around it carry it.
    """
    n, marks = examples.marks.shape[:2]
    chosen = torch.rand(n, marks, generator=random).argsort(1)[:, :count, None].expand(-1, -1, 2)
    handles, targets = examples.marks.gather(1, chosen), examples.moved_marks.gather(1, chosen)
    beside = handles + BESIDE * torch.randn(handles.shape, generator=random)
    carried = beside + net.carried(beside, examples.marks) @ (examples.moved_marks - examples.marks)
    elsewhere = torch.rand(n, handles.shape[1], 1, generator=random) < ELSEWHERE
    shift = NOISE * torch.randn(handles.shape, generator=random)
    return torch.where(elsewhere, beside, handles) + shift, torch.where(elsewhere, carried, targets) + shift
