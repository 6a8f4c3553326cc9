"""Global directions of a text (Patashnik et al. 2021, "StyleCLIP", section 6): which style channels do what it says.

    Δt   = E(target) - E(neutral), of unit length; E is CLIP's mean over many sentences
    Δi_c = mean over pictures of E(G(s + 5σ_c)) - E(G(s - 5σ_c)), each of unit length, and again of unit length
    Δs_c = Δi_c · Δt where |Δi_c · Δt| ≥ β, else 0; scaled so that the strongest channel moves by one σ

Here Δs becomes a direction in W+, by least squares through the affines (`nets.stylegan2.styles.towards`), because W+ is
what codes, sliders and films are made of. What that loses is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.stylegan2 import Generator
from nets.stylegan2.styles import StyleRow, towards

REACH = 5.0
"""How far a channel is moved to see what it does, in its standard deviations: the paper's value."""

_PIXELS_AT_ONCE = 2**20
_MOST_AT_ONCE = 32
_NOTHING = 1e-6  # a channel that changes CLIP's vector less than this does nothing

Embed = Callable[[Tensor], Tensor]
"""Pictures [N, 3, H, W] in 0..1 → unit vectors [N, embedding]."""


@dataclass(frozen=True)
class Found:
    """A direction [num_ws, w_dim] per σ of the strongest channel, how many channels it moves, the share it loses."""

    vector: Tensor
    channels: int
    left_over: float


def effects(
    generator: Generator, embed: Embed, w_plus: Tensor, row: StyleRow, sigma: Tensor, check: Callable[[], None]
) -> Tensor:
    """What each channel of one row does to one picture, as CLIP sees it: unit vectors [channels, embedding].

    Args:
        generator: draws the pictures.
        embed: sees them.
        w_plus: the picture's code [1, num_ws, w_dim].
        row: whose channels are moved.
        sigma: their standard deviations [channels].
        check: called between batches; what it raises ends the search.
    """
    height, width = generator.config.size_at(generator.config.heights[-1])
    pairs = max(1, min(_MOST_AT_ONCE, _PIXELS_AT_ONCE // (height * width)) // 2)
    found = []
    for chunk in torch.arange(len(sigma)).split(pairs):
        check()
        moves = torch.zeros(len(chunk), len(sigma))
        moves[torch.arange(len(chunk)), chunk] = REACH * sigma[chunk].float()
        seen = embed(shifted(generator, w_plus, {row.row: torch.cat([moves, -moves])}))
        change = seen[: len(chunk)] - seen[len(chunk) :]
        length = change.norm(dim=1, keepdim=True)
        found.append(torch.where(length > _NOTHING, change / length.clamp(min=_NOTHING), torch.zeros_like(change)))
    return torch.cat(found).float().cpu()


@torch.no_grad()
def shifted(generator: Generator, w_plus: Tensor, shift: Mapping[int, Tensor]) -> Tensor:
    """Images [N, 3, H, W] in 0..1 of one code [1, num_ws, w_dim], the styles of some rows moved by [N, channels]."""
    device = generator.mapping.w_avg.device
    count = len(next(iter(shift.values())))
    codes = w_plus.to(device).expand(count, -1, -1)
    on_device = {row: change.to(device) for row, change in shift.items()}
    image = [stage.image for stage in generator.synthesis.walk(codes, shift=on_device)][-1]
    assert image is not None  # the last block always has an RGB layer
    return (image.float() / 2 + 0.5).clamp(0, 1).expand(-1, 3, -1, -1)


def relevance(seen: Mapping[int, Tensor], text: Tensor) -> dict[int, Tensor]:
    """Δi_c · Δt of every channel, by row, in -1..1.

    Args:
        seen: by row, the unit vectors [pictures, channels, embedding] of `effects`.
        text: Δt, a unit vector [embedding].
    """
    return {row: F.normalize(each.float().mean(0), dim=1) @ text.float().cpu() for row, each in seen.items()}


def strongest(relevances: Mapping[int, Tensor]) -> float:
    """The largest |Δi_c · Δt|."""
    return max((float(each.abs().max()) for each in relevances.values()), default=0.0)


def direction(
    relevances: Mapping[int, Tensor], threshold: float, rows: list[StyleRow], covariance: Tensor, num_ws: int
) -> Found | None:
    """The direction in W+ of the channels whose relevance reaches the threshold β; None where none does."""
    most = strongest(relevances)
    if most < max(threshold, _NOTHING):
        return None
    wanted = {row: torch.where(each.abs() >= threshold, each / most, 0.0) for row, each in relevances.items()}
    vector, left_over = towards(rows, wanted, covariance, num_ws)
    return Found(vector, sum(int((each != 0).sum()) for each in wanted.values()), left_over)
