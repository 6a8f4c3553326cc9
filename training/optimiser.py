"""Muon (Jordan et al. 2024) for weight matrices and convolutions, Adam for all else.

The momentum of a matrix is replaced by the nearest semi-orthogonal matrix, found by five Newton-Schulz iterations, so
that directions that gradients rarely take are learnt as fast as the common ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic iteration, chosen by Jordan et al. for a steep start; singular values end within 0.7..1.2."""


def orthogonal(x: Tensor, rounds: int = 5) -> Tensor:
    """The semi-orthogonal matrix nearest to x [a, b], roughly, in bfloat16."""
    a, b, c = COEFFICIENTS
    tall = x.shape[0] > x.shape[1]
    y = (x.t() if tall else x).bfloat16()
    y = y / (y.norm() * 1.01 + 1e-7)
    for _ in range(rounds):
        gram = y @ y.t()
        y = torch.addmm(y, torch.addmm(gram, gram, gram, beta=b, alpha=c), y, beta=a)
    return y.t() if tall else y


class Muon(torch.optim.Optimizer):
    """Steps of root mean square 0.2 · lr per weight, like Adam's, so that both share a learning rate."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                average = state["momentum"].lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(average, group["momentum"])  # Nesterov's look ahead
                one = weight.ndim != 3  # else matrices of several networks, side by side
                for part, moved in zip(*((ahead[None], weight[None]) if one else (ahead, weight)), strict=True):
                    found = orthogonal(part.flatten(1))
                    scale = 0.2 * max(found.shape) ** 0.5
                    moved.add_(found.view_as(moved), alpha=-group["lr"] * scale)


class Optimisers:
    """Muon for matrices and convolutions with more than three outputs, Adam for constants, biases and RGB layers.

    `several`: weights of three axes are matrices of several networks, side by side, and not constants.
    """

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, several: bool = False) -> None:
        weights = list(weights)
        matrices = [p for p in weights if p.ndim in (2, 4) and p.shape[0] > 3]
        matrices += [p for p in weights if several and p.ndim == 3 and p.shape[1] > 3]
        known = {id(p) for p in matrices}
        others = [p for p in weights if id(p) not in known]
        fused = {"fused": True} if weights[0].device.type in ("cpu", "cuda") else {}
        self.members = Muon(matrices, lr), torch.optim.Adam(others, lr, betas=(0.9, 0.99), **fused)

    def step(self, lr: float) -> None:
        """Updates all weights at this learning rate and forgets their gradients."""
        for member in self.members:
            for group in member.param_groups:
                group["lr"] = lr
            member.step()
            member.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, Any]]:
        """What a checkpoint keeps."""
        return [member.state_dict() for member in self.members]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Continues from a checkpoint."""
        for member, state in zip(self.members, states, strict=True):
            member.load_state_dict(state)
