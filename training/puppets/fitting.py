"""The exact-label judge: fits the renderer's controls to a picture of a puppet, drawn or edited.

Networks that were trained to read controls share the habits of what they were trained on. Here the renderer itself is
asked which puppet it would have to draw: Gauss-Newton steps within the controls' ranges, damped after Levenberg and
Marquardt, with differences of pictures for derivatives. The answer is in the renderer's own units: degrees, shares of a
control's range, millimetres of landmarks, each with how far the picture leaves it open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from training.generator.losses import part_weights
from training.puppets.camera import Renderer
from training.puppets.landmarks import world
from training.puppets.parameters import CONTROLS, IDENTITY, INDEX, NAMES, neutral

SIZE, LEVELS = 64, 3
"""Pictures are compared at this size and twice at half of the one before, where a far start still overlaps."""
NOISE = 0.03
"""Of what is compared: as much of a drawn puppet as no controls explain. Chosen so that errors are as large as told."""
STEP = 0.04
"""Of a control's range, for differences: less is lost in the edges' anti-aliasing."""
MOST_TRIED, MOST_TAKEN, WORTH = 12, 8, 0.01
"""With derivatives taken once: so many steps are tried, so many taken, while each gains such a share of the cost."""
WORLD_MM = 95.0
"""Millimetres per unit of the renderer's world: a skull's radius of 0.8 units is a head's half width of 76 mm."""

LOW = torch.tensor([control.low for control in CONTROLS])
SPAN = torch.tensor([control.high - control.low for control in CONTROLS])


class Fitted(NamedTuple):
    """What the renderer would have to draw: controls [k] as shares 0..1 of their ranges.

    uncertain: standard deviations [k] in the same unit; near the prior's where the picture does not show a control at
    all (the colour of glasses that are not worn). residual: root mean square of what is compared. centre, slope: where
    the prior lies [k] and the derivatives [m, k], for `Fitter.follow`.
    """

    shares: Tensor
    uncertain: Tensor
    residual: float
    centre: Tensor
    slope: Tensor

    @property
    def controls(self) -> Tensor:
        """Controls [k] in their own units."""
        return LOW + SPAN * self.shares


class Fitter:
    """Fits square pictures [3, s, s] in -1..1, with s a multiple of 64.

    open_by: how far controls may lie from where a fit starts, in shares of their ranges: the standard deviation of a
    normal prior about the start. only: names of the controls that are looked for; the others stay where they are.
    """

    def __init__(
        self, compiled: bool = False, open_by: float = 0.3, noise: float = NOISE, only: Iterable[str] = NAMES
    ) -> None:
        self.renderer, self.noise = Renderer(compiled=compiled, supersample=1), noise
        self.precision = torch.full((len(CONTROLS),), open_by**-2)
        self.columns = sorted(INDEX[name] for name in only)

    def draw(self, shares: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures [n, 3, SIZE, SIZE] in -1..1 of controls as shares [n, k], and the weights of their pixels."""
        frame = self.renderer(LOW + SPAN * shares, 2 * SIZE)
        weight = functional.avg_pool2d(part_weights(frame.parts.long()), 2)
        return functional.avg_pool2d(frame.rgb * 2 - 1, 2), weight

    def fit(self, picture: Tensor, start: Tensor, rounds: int = 6) -> Fitted:
        """Fit a picture from controls ``start`` [k], with derivatives taken anew in every round.

        Raises ValueError for a picture that is not square or whose side is no multiple of `SIZE`.
        """
        centre = ((start - LOW) / SPAN).clamp(0, 1)
        wanted, shares, damping = _small(picture), centre, 1.0
        weight = self.draw(shares[None])[1]
        slope = self.slopes(shares, weight)
        for number in range(rounds):
            if number:
                weight = self.draw(shares[None])[1]
                slope = self.slopes(shares, weight)
            at = _At(centre, slope, weight, damping)
            shares, damping, fell = self._descend(wanted, shares, at)
            if fell < WORTH:
                break
        return self._said(wanted, shares, centre, slope, weight)

    def follow(self, base: Fitted, picture: Tensor, starts: Tensor | None = None, rounds: int = 2) -> Fitted:
        """Fit an edited picture of a puppet whose own picture was fitted, from there and under the same prior.

        starts: further places to begin at, shares [n, k], for changes too large to see one's way from the base; that
        with the lowest cost serves. The first round keeps the first fit's derivatives, corrected by what its steps
        show; later ones take them anew, without which small changes beside a large one go unseen.
        """
        wanted = _small(picture)
        places = base.shares[None] if starts is None else torch.cat([base.shares[None], starts.clamp(0, 1)])
        weight = self.draw(base.shares[None])[1]
        left = _stacked(self.draw(places)[0] - wanted, weight).square().sum(1) / self.noise**2
        best = int((left + ((places - base.centre).square() * self.precision).sum(1)).argmin())
        shares, slope, damping = places[best], base.slope, 0.1
        for number in range(rounds):
            if number:
                weight = self.draw(shares[None])[1]
                slope, damping = self.slopes(shares, weight), 0.1
            shares, damping, _ = self._descend(wanted, shares, _At(base.centre, slope, weight, damping))
        return self._said(wanted, shares, base.centre, slope, weight)

    def slopes(self, shares: Tensor, weight: Tensor) -> Tensor:
        """Derivatives [m, k] of what is compared, by differences towards the middle of each control's range."""
        step = torch.where(shares > 0.5, -STEP, STEP)
        drawn = self.draw(torch.cat([shares[None], (shares + torch.diag(step))[self.columns]]))[0]
        known = _stacked((drawn[1:] - drawn[:1]) / step[self.columns, None, None, None], weight)
        slope = known.new_zeros(known.shape[1], len(shares))
        slope[:, self.columns] = known.T
        return slope

    def _descend(self, wanted: Tensor, shares: Tensor, at: _At) -> tuple[Tensor, float, float]:
        """Steps, each correcting the derivatives by what it showed (Broyden 1965).

        Also the damping it ends with, and the share by which the cost fell.
        """
        slope, damping = at.slope, at.damping

        def cost(tried: Tensor) -> tuple[float, Tensor]:
            left = _stacked(self.draw(tried[None])[0] - wanted, at.weight)[0]
            pulled = ((tried - at.centre).square() * self.precision).sum()
            return float(left.square().sum() / self.noise**2 + pulled), left

        (value, left), taken = cost(shares), 0
        first = value
        for _ in range(MOST_TRIED):
            gradient = slope.T @ left / self.noise**2 + self.precision * (shares - at.centre)
            gram = slope.T @ slope / self.noise**2 + torch.diag(self.precision)
            step = boxed(gram + damping * torch.diag(gram.diagonal()), gradient, -shares, 1 - shares)
            if step.norm() < 1e-4:
                break
            tried = shares + step
            now, rest = cost(tried)
            slope = slope + torch.outer(rest - left - slope @ step, step / step.square().sum())
            if now >= value:
                damping *= 4
                continue
            gained, value, shares, left = value - now, now, tried, rest
            damping, taken = max(damping / 3, 0.01), taken + 1
            if taken == MOST_TAKEN or gained < WORTH * value:
                break
        return shares, damping, (first - value) / max(first, 1e-9)

    def _said(self, wanted: Tensor, shares: Tensor, centre: Tensor, slope: Tensor, weight: Tensor) -> Fitted:
        left = _stacked(self.draw(shares[None])[0] - wanted, weight)[0]
        system = slope.T @ slope / self.noise**2 + torch.diag(self.precision)
        uncertain = torch.linalg.inv(system).diagonal().sqrt()
        return Fitted(shares, uncertain, left.square().mean().sqrt().item(), centre, slope)


class _At(NamedTuple):
    centre: Tensor
    slope: Tensor
    weight: Tensor
    damping: float


def boxed(system: Tensor, gradient: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """The step [k] that lowers a quadratic the most within a box: what would leave it is held at its side.

    system [k, k] is the quadratic's second derivative, positive definite; low <= 0 <= high are the box's sides [k].
    """
    free, step = torch.ones_like(low, dtype=torch.bool), torch.zeros_like(low)
    while free.any():
        held = -(gradient + system[:, ~free] @ step[~free])[free]
        step[free] = torch.linalg.solve(system[free][:, free], held)
        leaving = free & ((step < low) | (step > high))
        step = torch.maximum(torch.minimum(step, high), low)
        if not leaving.any():
            break
        free &= ~leaving
    return step


def _small(picture: Tensor) -> Tensor:
    side = picture.shape[-1]
    if picture.ndim != 3 or picture.shape[-2] != side or side % SIZE:
        raise ValueError(f"picture: expected [3, s, s] with s a multiple of {SIZE}, got {list(picture.shape)}")
    return functional.avg_pool2d(picture[None], side // SIZE) if side > SIZE else picture[None]


def _stacked(difference: Tensor, weight: Tensor) -> Tensor:
    """Weighted differences [n, 3, s, s] of all levels as rows [n, m], each level of equal weight."""
    rows = []
    for level in range(LEVELS):
        rows.append((difference * weight.sqrt()).flatten(1) * 2**level / math.sqrt(LEVELS))
        if level + 1 < LEVELS:
            difference, weight = functional.avg_pool2d(difference, 2), functional.avg_pool2d(weight, 2)
    return torch.cat(rows, 1) / math.sqrt(difference[0].numel())


def moved_mm(before: Tensor, after: Tensor) -> float:
    """How far the shape of the face moved between two rows of controls [k]: mean over landmarks, in millimetres.

    Only the controls of identity count: pose, gaze and expression are set to neutral in both.
    """
    kept = [INDEX[name] for name in IDENTITY]
    points = []
    for row in (before, after):
        plain = neutral()
        plain[0, kept] = row[kept]
        points.append(world(plain)[0])
    return WORLD_MM * (points[1] - points[0]).norm(dim=1).mean().item()
