"""FreeDrag (Ling et al. 2024, "FreeDrag: Feature Dragging for Reliable Point-based Image Editing"), on the same task.

Nothing is tracked. Each handle has a template T, the features around it, and a location h on the line to its target;
updates of w_plus make F(h) like T, up to five of them in one sub-motion. Then, with L the mean distance of F(h) from T,
before the sub-motion L₀ and after it L₁, and with l the distance that a sub-motion should start with:

    L₁ ≤ l / 2    T ← λ F(h) + (1 - λ) T, λ = 1 / (1 + exp(α (L₁ - β)))    h ← S(d ahead, l)      well done
    L₁ ≤ L₀       T stays, for some more updates                            h stays                freeze
    else          T stays                                                   h ← S(2 d around, 0)   go back

with α = ln 9 / (0.6 l), β = 0.2 l, so that λ is 1/2 at 0.2 l and 1/10 at 0.8 l. S(reach, goal) searches the line: of
ten places within reach the one whose distance from T is nearest to the goal. It is over when every location is within a
pixel of the map of its target and every L is below l / 4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from editors.drag.method_session import DragSession, DragStep
from editors.drag.settings import DragSettings, Point
from nets.stylegan2 import Generator

INNER = 5  # updates of one sub-motion, at most
PLACES = 10  # on the line, that a search looks at
START = 0.5  # l where nobody has published one: so much of the distance between places that have nothing in common
GRID = 12  # places in a row and in a column, that this distance is measured over


class FreeDrag(DragSession):
    """The update above; `difference` is l, or 0 to measure one; `reach` is d in pixels of the feature map.

    What a step calls its handles are the locations h, a claim like that of a tracker; its confidence is 1 - L₁ / l at
    the last judgement. The mask is held at the features' own size.
    """

    def __init__(
        self, generator: Generator, w_plus: Tensor, handles: Sequence[Point], targets: Sequence[Point],
        mask: Tensor | None = None, settings: DragSettings | None = None, *,
        difference: float = 0.0, reach: float = 3.0,
    ) -> None:  # fmt: skip
        super().__init__(generator, w_plus, handles, targets, mask, settings)
        self.difference, self.reach = difference, reach
        self._templates: list[Tensor] = []
        self._inner, self._first = 0, [0.0] * len(self.handles)
        self._sure = [1.0] * len(self.handles)

    @property
    def pixel(self) -> float:
        """How many pixels of the image one of the feature map is wide."""
        return self.size[0] / self.scaled.block

    def step(self) -> DragStep:
        """Look; when a sub-motion is over, judge it and go on or back; then one update."""
        self._look()
        if not self._templates:
            self._templates = [self._patch(handle).detach() for handle in self.handles]
            self.difference = self.difference or self._measured()
            self.handles = [self._search(i, self.difference) for i in range(len(self.handles))]
            self._begin()
        losses = self._losses()
        if self._inner >= INNER or max(losses) <= self.difference / 2:
            self._sure = [max(0.0, 1 - loss / self.difference) for loss in losses]
            self._judge(losses)
            self._begin()
            losses = self._losses()
        distances = [math.dist(*pair) for pair in zip(self.handles, self.targets, strict=True)]
        arrived = max(distances) <= self.pixel and max(losses) < self.difference / 4
        if not arrived:
            self._inner += 1
            self._update(list(range(len(self.handles))))
        self.number += 1
        return DragStep(self.number, list(self.handles), distances, sum(losses), list(self._sure), arrived)

    def _look(self) -> None:
        self._features = self.generator.synthesis.features(self._codes()[None], self.scaled.block)
        if self.fixed is not None and self._before is None:
            self._before = self._features.detach().clone()
            self._held = F.adaptive_avg_pool2d(self.fixed[None, None], self._features.shape[2:])

    def _patch(self, centre: Point) -> Tensor:
        """Features [C, places] on the disc around a point of the image, bilinear on the map as it is."""
        reach = torch.arange(-self.scaled.radius, self.scaled.radius + 1.0)
        dy, dx = torch.meshgrid(reach, reach, indexing="ij")
        near = dx.square() + dy.square() < self.scaled.radius**2 + 0.5
        x, y = ((dx[near] + centre[0] + 0.5) / self.size[1], (dy[near] + centre[1] + 0.5) / self.size[0])
        grid = torch.stack([x, y], -1)[None, None] * 2 - 1
        return F.grid_sample(
            self._features, grid.to(self._features), padding_mode="border", align_corners=False
        )[0, :, 0]  # fmt: skip

    def _losses(self) -> list[float]:
        with torch.no_grad():
            return [self._distance(self._patch(handle), i) for i, handle in enumerate(self.handles)]

    def _distance(self, patch: Tensor, i: int) -> float:
        return float((patch.detach() - self._templates[i]).abs().mean())

    def _measured(self) -> float:
        """A share of how far the templates are from the features all over the picture."""
        rows, columns = (torch.linspace(0, n - 1, GRID).tolist() for n in self.size)
        places = [(x, y) for y in rows for x in columns]
        apart = [self._distance(self._patch(place), i) for place in places for i in range(len(self.handles))]
        return max(START * sum(apart) / len(apart), 1e-6)

    def _begin(self) -> None:
        self._inner, self._first = 0, self._losses()

    def _judge(self, losses: Sequence[float]) -> None:
        """The three cases, for each pair by itself."""
        alpha, beta = math.log(9) / (0.6 * self.difference), 0.2 * self.difference
        for i, loss in enumerate(losses):
            if loss <= self.difference / 2:
                share = 1 / (1 + math.exp(alpha * (loss - beta)))
                here = self._patch(self.handles[i]).detach()
                self._templates[i] = share * here + (1 - share) * self._templates[i]
                self.handles[i] = self._search(i, self.difference)
            elif loss > self._first[i]:
                self.handles[i] = self._search(i, 0.0, back=2 * self.reach)

    @torch.no_grad()
    def _search(self, i: int, goal: float, back: float = 0.0) -> Point:
        """The place on the line through handle and target whose distance from the template is nearest to the goal."""
        (x, y), (to_x, to_y) = self.handles[i], self.targets[i]
        whole = math.dist((x, y), (to_x, to_y))
        if whole < 1e-6:
            return self.targets[i]
        ahead = min((back or self.reach) * self.pixel, whole)
        behind = back * self.pixel
        places = [(-behind + (ahead + behind) * n / PLACES) / whole for n in range(0 if back else 1, PLACES + 1)]
        points = [self._inside(x + t * (to_x - x), y + t * (to_y - y)) for t in places]
        return min(points, key=lambda point: abs(self._distance(self._patch(point), i) - goal))

    def _loss(self, moving: list[int]) -> Tensor:
        total = self._start.new_zeros(())
        for i in moving:
            total = total + (self._patch(self.handles[i]) - self._templates[i]).abs().mean()
        if self.fixed is not None and self._before is not None:
            total = total + self.settings.mask_weight * ((self._features - self._before).abs() * self._held).mean()
        return total

    def snapshot(self) -> dict[str, Any]:
        """As for every drag, with the templates and where the sub-motion stands."""
        templates = [each.cpu().numpy() for each in self._templates]
        return super().snapshot() | {
            "templates": templates, "inner": self._inner, "first": list(self._first), "sure": list(self._sure),
            "difference": self.difference,
        }  # fmt: skip

    def resume(self, snapshot: Mapping[str, Any]) -> None:
        """As for every drag."""
        super().resume(snapshot)
        self._templates = [torch.from_numpy(each).to(self._start) for each in snapshot["templates"]]
        self._inner, self._first, self._sure = (snapshot[name] for name in ("inner", "first", "sure"))
        self.difference = snapshot["difference"]

    def _feature(self, handle: Point) -> Tensor:
        return self._patch(handle).detach().mean(1)

    def _track(self, i: int) -> tuple[Point, float]:
        return self.handles[i], 1.0
