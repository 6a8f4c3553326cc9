"""What an edit did, as far as anybody can tell: numbers for the result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from editors.attributes.method import Move
from facet import Context, Net
from facet.stylegan import Direction
from facet.weights import PUPPETS_JUDGES, card
from nets import judges as puppet_judges
from nets.judges import Judges, read

JUDGES = Net("puppets_judges", puppet_judges.from_contents, (PUPPETS_JUDGES,), "Says what changed in a puppet.")
AIDS = (JUDGES,) if card(PUPPETS_JUDGES) else ()
"""The judges, where they come with this installation."""


def judges_of(ctx: Context, space: str) -> Judges | None:
    """The judges of pictures in a W space; None where nobody can judge them."""
    judges: Judges | None = ctx.net(JUDGES.name) if AIDS and space == "puppets" else None
    return judges


def plain(before: Tensor, after: Tensor, found: Sequence[Move], kept: bool) -> dict[str, float]:
    """Numbers that need no judge: mean change of the pixels in 0..255, and what keeping left of each slider."""
    numbers = {"pixels_changed": float(255 * (after - before).abs().mean())}
    if kept:
        numbers |= {f"{move.name}_left": round(move.share, 3) for move in found}
    return numbers


@torch.no_grad()
def judged(
    judges: Judges | None, before: Tensor, after: Tensor, strengths: Mapping[Direction, float]
) -> dict[str, float]:
    """What the judges read in both pictures [3, H, W] in 0..1; empty where they see no puppet.

    By slider the change in its own unit, unless both lie at the end of what the judges can say; then the mean change
    of all other controls in percent of their ranges, and the cosine of the two faces' shapes.
    """
    if judges is None:
        return {}
    device = next(judges.parameters()).device
    found = read(judges, (2 * torch.stack([before, after]) - 1).to(device))
    if found.present.min() < 0.5:
        return {}
    config = judges.config
    change = (found.controls[1] - found.controls[0]).cpu()
    moved = {each.id: each.unit for each in strengths if each.id in config.controls}
    at = {name: config.controls.index(name) for name in moved}
    scale = {name: math.degrees(1) if unit == "°" else 1.0 for name, unit in moved.items()}
    ends = torch.stack([torch.tensor(config.low), torch.tensor(config.high)])
    stuck = ((found.controls[None].cpu() - ends[:, None]).abs() < 1e-6).all(1).any(0)  # both at one end of the range
    numbers = {f"{name}_read": float(change[at[name]]) * scale[name] for name in moved if not stuck[at[name]]}
    others = torch.ones(len(change), dtype=torch.bool)
    others[list(at.values())] = False
    share = change.abs() / (torch.tensor(config.high) - torch.tensor(config.low))
    identity = float((found.identity[0] * found.identity[1]).sum())
    return numbers | {"others_changed_percent": 100 * float(share[others].mean()), "identity": identity}
