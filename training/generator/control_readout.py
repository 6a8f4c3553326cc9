"""Keeps the controls legible in w while the network that makes w learns.

A control that moves few pixels sends little gradient to E, so that its trace in w stays faint, and synthesis, which
sees only w, never learns to draw it well. Here every control must be told from w by a straight line of bounded slope: a
turned knob then moves w by a step of a certain length, and what synthesis makes of it is for the pictures to teach.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.controls import ControlEncoder
from training.puppets import CONTROLS

STEEPEST = 0.7
"""Longest row of the linear map: a standard deviation of a control spans at least this length in w."""
RATE = 0.02


def _standardised(net: ControlEncoder, seen: Tensor) -> Tensor:
    """The controls among features [n, WIDTH], which come first, at unit variance."""
    return ((seen - net.mean) / net.deviation)[:, : len(CONTROLS)]


class Reading(nn.Module):
    """w [n, w_dim] → the standardised controls [n, len(CONTROLS)], by rows no longer than `STEEPEST`."""

    def __init__(self, w_dim: int) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.zeros(len(CONTROLS), w_dim))
        self.bias = nn.Parameter(torch.zeros(len(CONTROLS)))
        self.optimiser = torch.optim.Adam(self.parameters(), RATE, betas=(0.9, 0.99))

    @torch.no_grad()
    def start(self, net: ControlEncoder, seen: Tensor) -> None:
        """Begins with the regression of controls on the w of features [n, WIDTH], shortened to the bound."""
        w, known = net(seen), _standardised(net, seen)
        centre = w.mean(0)
        gram = (w - centre).T @ (w - centre) / len(w) + 0.1 * torch.eye(w.shape[1], device=w.device)
        self.rows.copy_(torch.linalg.solve(gram, (w - centre).T @ known / len(w)).T)
        self.bias.copy_(known.mean(0) - self.bounded() @ centre)

    def bounded(self) -> Tensor:
        """The map's rows, at most `STEEPEST` long."""
        length = self.rows.norm(dim=1, keepdim=True)
        return self.rows * (STEEPEST / length.clamp(min=STEEPEST))

    def forward(self, w: Tensor) -> Tensor:
        """What is read."""
        return w @ self.bounded().T + self.bias

    def loss(self, net: ControlEncoder, seen: Tensor) -> Tensor:
        """Mean Huber distance between what is read from the w of features [n, WIDTH] and their controls."""
        return nn.functional.huber_loss(self(net(seen)), _standardised(net, seen))

    @torch.no_grad()
    def explained(self, net: ControlEncoder, seen: Tensor) -> float:
        """Share of the controls' variance that is read from w, 0..1: the mean over controls."""
        known = _standardised(net, seen)
        error = (self(net(seen)) - known).square().mean(0) / known.var(0).clamp(min=0.05)
        return 1 - error.clamp(max=1).mean().item()

    def update(self) -> None:
        """One step of the map itself, after the gradient has been gathered."""
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
