"""What a fast style network learns from: content and style by features of photographs, for several styles at once.

As in Johnson, Alahi and Fei-Fei 2016, with four changes. Means and covariances, in units of the style's deviations,
take the place of Gram matrices, which a few strong channels would rule. They are compared for each of a few colours of
the style on its own: what becomes the style's sky is to look like its sky, and need not hold all of the style at once,
which could be had by one loud pattern alone. Pictures are looked at three times: at a quarter and half of the size,
where strokes are as large as the features, and a piece at full size, where their edges are. And the mean colours of
places as large as a stroke are to be the palette's, for the trunk hardly sees them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.fast_style.colours import CELL, Colours
from nets.features import FeatureNet
from nets.seen import among

TAPS = 3
"""relu1_1 … relu3_1 for style; the last of them for content as well."""


@dataclass(frozen=True)
class Weights:
    """How much each loss counts: content at relu3_1, style, mean colours, total variation, and colours beyond -1..1."""

    content: float = 1.0
    style: float = 6.0
    colour: float = 6.0
    smooth: float = 0.05
    range: float = 2.0


SHRUNK = {4: 0.4, 2: 0.4, 1: 0.2}
"""How many times smaller pictures are looked at, and how much their style counts there; at 1 a piece of them."""


def shrunk(pictures: Tensor, times: int) -> Tensor:
    """Means over squares of that many pixels; a side that is shorter stays one pixel."""
    return F.avg_pool2d(pictures, (min(times, pictures.shape[2]), min(times, pictures.shape[3])))


LINES, LEAST, MOST = 32, 12, 1024
"""Directions that features are compared along, and the fewest and most places of a colour that are looked at."""


class Objective:
    """The losses of painted pictures.

    Args:
        trunk: features that know photographs.
        styles: a style picture [1, 3, h, w] in -1..1 each, and which of its pixels are there ([1, 1, h, w]; None: all).
        weights: of the losses.
    """

    def __init__(
        self, trunk: FeatureNet, styles: Sequence[tuple[Tensor, Tensor | None]], weights: Weights | None = None
    ) -> None:
        self.trunk, self.weights = trunk, weights or Weights()
        with torch.no_grad():
            self.colours = [Colours(style, there) for style, there in styles]
            self.targets = [
                [Target([self._seen(n, *each, tap) for n, each in enumerate(sights)]) for tap in range(TAPS)]
                for sights in ([(shrunk(style, n), there) for style, there in styles] for n in SHRUNK)
            ]

    def _seen(self, number: int, style: Tensor, there: Tensor | None, tap: int) -> tuple[Tensor, Tensor]:
        features = self.trunk(style, tap + 1)[-1].float()
        shares = self.colours[number].of_itself(features.shape[2:])
        return among(features, there).flatten(2), among(shares, there).flatten(2)

    def __call__(
        self,
        made: Tensor,
        content: Tensor,
        styles: Tensor,
        at: tuple[int, int] | None = None,
        seed: int = 0,
        coloured: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Each loss, weighted; their sum is what is minimised.

        Args:
            made, content: painted pictures, and the photographs they are of in their styles' colours, [N, 3, h, w] in
                -1..1.
            styles: the number of each picture's style, [N].
            at: row and column of the piece, half as high and wide, that is looked at in full size; None: the middle.
            seed: of the directions that features are compared along.
            coloured: pictures whose mean colours are to be kept; None: those of `content`.
        """
        shares = torch.cat([self.colours[n](each[None]) for n, each in zip(styles.tolist(), content, strict=True)])
        half = [length // 2 // CELL * CELL for length in made.shape[2:]]
        top, left = at or (half[0] // 2, half[1] // 2)
        piece = (..., slice(top, top + half[0]), slice(left, left + half[1]))
        fine = F.interpolate(shares, content.shape[2:], mode="bilinear")
        sights: list[tuple[Tensor, Tensor | None, Tensor]]
        sights = [(shrunk(made, n), shrunk(content, n), shares) for n in list(SHRUNK)[:-1]]
        sights.append((made[piece], None, fine[piece]))  # what is finer than strokes is theirs alone
        found, style = made.new_zeros(()), made.new_zeros(())
        for (seen, wanted, share), targets, counts in zip(sights, self.targets, SHRUNK.values(), strict=True):
            taps = [tap.float() for tap in self.trunk(seen.clamp(-1.2, 1.2), TAPS)]
            if wanted is not None:
                with torch.no_grad():
                    kept = self.trunk(wanted, TAPS)[-1].float()
                found = found + _relative(taps[-1], kept) / (len(sights) - 1)
            style = style + counts * self.style(taps, share, styles, targets, seed).mean()
        coloured = content if coloured is None else coloured
        across, down = made[..., 1:] - made[..., :-1], made[..., 1:, :] - made[..., :-1, :]
        return {
            "content": self.weights.content * found,
            "style": self.weights.style * style,
            "colour": self.weights.colour * (shrunk(made, CELL) - shrunk(coloured, CELL)).square().mean(),
            "range": self.weights.range * (made.abs() - 1).clamp(min=0).mean(),
            "smooth": self.weights.smooth * (across.abs().mean() + down.abs().mean()),
        }

    @staticmethod
    def style(taps: Sequence[Tensor], shares: Tensor, styles: Tensor, targets: Sequence[Target], seed: int) -> Tensor:
        """Distance of the features relative to the style's own spread, a mean over taps: [N]."""
        apart = []
        for tap, target in zip(taps, targets, strict=True):
            here = F.interpolate(shares, tap.shape[2:], mode="bilinear").flatten(2)
            apart.append(target.apart(tap.flatten(2), here, styles, seed))
        return torch.stack(apart).mean(0)


def _relative(features: Tensor, wanted: Tensor) -> Tensor:
    """Squared error in units of each picture's own variance: a pale style's content counts as much as a bold one's."""
    return ((features - wanted).square().mean((1, 2, 3)) / wanted.var((1, 2, 3)).clamp(min=1e-3)).mean()


class Target:
    """How features of several styles are spread at one tap, for each colour, each channel in units of its deviation.

    `seen`: of each style, features [1, C, P] and how much of each colour is at their places [1, K, P].
    """

    def __init__(self, seen: Sequence[tuple[Tensor, Tensor]]) -> None:
        self.units, self.known = list[Tensor](), list[list[Tensor]]()
        for features, shares in seen:
            deviation = features[0].std(1, correction=0)  # a tiny style has one place only
            floor = (0.5 * deviation.mean()).clamp(min=0.01)  # so that silent channels do not shout
            self.units.append(1 / deviation.maximum(floor)[:, None])
            self.known.append(by_colour(features[0] * self.units[-1], shares[0]))

    def apart(self, features: Tensor, shares: Tensor, styles: Tensor, seed: int = 0) -> Tensor:
        """How far features [N, C, P] with colours [N, K, P] are from these styles: [N], 0 for the style itself.

        The sliced Wasserstein distance (Heitz, Vanhoey, Chambon and Belcour 2021): values along random directions, in
        order, beside the style's; `seed` is that of the directions.
        """
        random = torch.Generator().manual_seed(seed)
        lines = torch.nn.functional.normalize(torch.randn(LINES, features.shape[1], generator=random), dim=1)
        found = []
        with torch.autocast(features.device.type, enabled=False):
            for here, share, style in zip(features.float(), shares, styles.tolist(), strict=True):
                own = by_colour(here * self.units[style], share)
                rows = [_sliced(a, b, lines.to(a)) for a, b in zip(own, self.known[style], strict=True)]
                found.append(torch.stack(rows).sum() / share.shape[1])
        return torch.stack(found)


def by_colour(features: Tensor, shares: Tensor) -> list[Tensor]:
    """Features [C, P] at the places of each colour, of which there is most there: [C, n] each; shares [K, P]."""
    main = shares.argmax(0)
    return [features[:, main == colour] for colour in range(len(shares))]


def _sliced(own: Tensor, known: Tensor, lines: Tensor) -> Tensor:
    """How far apart two sets of features [C, n] and [C, m] are, times n; 0 where one is too small to tell."""
    count = own.shape[1]
    if min(count, known.shape[1]) < LEAST:
        return own.sum() * 0
    own, known = (each[:, :: max(1, math.ceil(each.shape[1] / MOST))] for each in (own, known))
    ours, theirs = ((lines @ each).sort(1)[0] for each in (own, known))
    beside = (torch.arange(own.shape[1], device=own.device) + 0.5) / own.shape[1] * known.shape[1]
    away = (ours - theirs[:, beside.long()]).square().mean() / theirs.var(1).mean().clamp(min=0.05)
    return count * away.log1p()  # else the worst would be all that is heard
