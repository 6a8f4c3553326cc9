"""What every drag does around its features: pairs, the code that moves, Adam, steps, going back, and pictures."""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from editors.drag.settings import DragSettings, Point
from nets.stylegan2 import Generator
from nets.stylegan2.axes import main_axes


class DragStep(NamedTuple):
    """One step, seen at the w_plus before its update.

    handles: where they were found. distances: from there to the targets, in pixels. loss: before the update.
    confidence: 0 (lost, or nothing there to hold on to) … 1, for each pair; see `confidence`.
    arrived: every handle is near its target, so that nothing was updated.
    """

    number: int
    handles: list[Point]
    distances: list[float]
    loss: float
    confidence: list[float]
    arrived: bool


def unit(handle: Point, target: Point) -> tuple[float, float, float]:
    """(dx, dy, distance): the direction from handle to target, about 1 px long, and how far that is."""
    dx, dy = target[0] - handle[0], target[1] - handle[1]
    distance = math.hypot(dx, dy)
    return dx / (distance + 1e-7), dy / (distance + 1e-7), distance


class DragSession(ABC):
    """A drag of one w_plus [num_ws, w_dim]: `step` until it says `arrived`, or as often as you like.

    handles, targets: (x, y) in image pixels, at least one and as many of each; handles are rounded to whole pixels, and
    both are kept within the image. mask: bool [height, width], True where the picture may change; None, all True and
    all False mean no mask. Raises ValueError, naming the argument, for what does not fit the generator.
    """

    def __init__(
        self, generator: Generator, w_plus: Tensor, handles: Sequence[Point], targets: Sequence[Point],
        mask: Tensor | None = None, settings: DragSettings | None = None,
    ) -> None:  # fmt: skip
        if any(each.requires_grad for each in generator.parameters()):
            generator = copy.deepcopy(generator).requires_grad_(False)
        self.generator, self.settings = generator, settings or DragSettings()
        self.scaled, self.size = self.settings.scaled(generator.config), generator.config.resolution
        const = generator.synthesis.const
        self._start = w_plus.detach().to(const, copy=True)
        if self._start.shape != (generator.config.num_ws, generator.config.w_dim):
            raise ValueError(f"w_plus: expected {[generator.config.num_ws, generator.config.w_dim]}")
        self._axes = main_axes(generator.mapping, self.settings.axes).to(self._start) if self.settings.axes else None
        self.fixed = self._fixed(mask)
        self.order = 2 if self.settings.variant == "official" else 1
        self.number, self.handles, self.targets = 0, list[Point](), list[Point]()
        self._references: list[Tensor | None] = []
        self.retarget(handles, targets)
        self.restore(self._start, self.handles)
        self._before: Tensor | None = None

    def _fixed(self, mask: Tensor | None) -> Tensor | None:
        if mask is None or bool(mask.all()) or not bool(mask.any()):
            return None
        if mask.shape != self.size:
            raise ValueError(f"mask: expected {list(self.size)}, got {list(mask.shape)}")
        return (~mask.bool()).to(self._start)

    @property
    def w_plus(self) -> Tensor:
        """The code as it stands after the last update, [num_ws, w_dim]."""
        return self._codes().detach()

    def _codes(self, moving: Tensor | None = None) -> Tensor:
        moving = self._moving if moving is None else moving
        rows = moving if self._axes is None else self._base + moving @ self._axes
        return torch.cat([rows.expand(self.scaled.rows, -1), self._start[self.scaled.rows :]])

    def retarget(self, handles: Sequence[Point], targets: Sequence[Point]) -> None:
        """Other pairs from now on. A handle that stands where one is now keeps that one's reference feature."""
        if not handles or len(handles) != len(targets):
            raise ValueError(f"handles: needs one target for each, got {len(handles)} and {len(targets)}")
        if not all(map(math.isfinite, (n for point in (*handles, *targets) for n in point))):
            raise ValueError("handles: coordinates must be numbers")
        known = list(zip(self.handles, self._references, strict=True))
        self.handles, self._references = [], []
        for x, y in (self._inside(*each) for each in handles):
            handle = round(x), round(y)
            same = next((pair for pair in known if pair[0] == handle), (handle, None))
            known = [pair for pair in known if pair is not same]
            self.handles.append(handle)
            self._references.append(same[1])
        self.targets = [self._inside(*each) for each in targets]

    def _inside(self, x: float, y: float) -> Point:
        return min(max(x, 0), self.size[1] - 1), min(max(y, 0), self.size[0] - 1)

    def restore(self, w_plus: Tensor, handles: Sequence[Point]) -> None:
        """Go back to a code [num_ws, w_dim] and where the handles were then; Adam forgets its moments."""
        if len(handles) != len(self.handles):
            raise ValueError(f"handles: this drag has {len(self.handles)} pairs, got {len(handles)}")
        self.handles = [self._inside(*each) for each in handles]
        rows = self.scaled.rows if self.settings.space == "w_plus" else 1
        self._base = w_plus[:rows].detach().to(self._start, copy=True)
        free = self._base.clone() if self._axes is None else self._base.new_zeros(rows, len(self._axes))
        self._moving = free.requires_grad_()
        self._adam = torch.optim.Adam([self._moving], lr=self.settings.learning_rate)

    def snapshot(self) -> dict[str, Any]:
        """All that a new session of the same drag needs to go on from here bit by bit, as plain data."""
        adam = {name: value.cpu().numpy().copy() for name, value in self._adam.state.get(self._moving, {}).items()}
        references = [None if each is None else each.cpu().numpy() for each in self._references]
        base, moving = (each.detach().cpu().numpy().copy() for each in (self._base, self._moving))
        codes = {"base": base, "moving": moving, "adam": adam}
        return {"number": self.number, "handles": list(self.handles), "references": references} | codes

    def resume(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a `snapshot` of a session that was made with the same arguments."""
        if self.fixed is not None:
            self._look()  # for the features that the mask keeps
        self.restore(torch.from_numpy(snapshot["base"]), snapshot["handles"])
        self._moving.data.copy_(torch.from_numpy(snapshot["moving"]))
        self.number = snapshot["number"]
        self._references = [
            None if each is None else torch.from_numpy(each).to(self._start) for each in snapshot["references"]
        ]
        state = {name: torch.from_numpy(value) for name, value in snapshot["adam"].items()}
        if state:
            moments = {name: value if name == "step" else value.to(self._moving) for name, value in state.items()}
            self._adam.state[self._moving] = moments

    def remember(self) -> None:
        """Look, and note the features of handles that are new."""
        self._look()
        known = zip(self.handles, self._references, strict=True)
        self._references = [self._feature(handle) if kept is None else kept for handle, kept in known]

    def step(self) -> DragStep:
        """Look, track, and unless all have arrived, supervise and update."""
        self.remember()
        found = [self._track(i) for i in range(len(self.handles))]
        self.handles = [handle for handle, _ in found]
        distances = [unit(*pair)[2] for pair in zip(self.handles, self.targets, strict=True)]
        arrived, loss = all(each <= self.scaled.near for each in distances), 0.0
        if not arrived:
            loss = self._update([i for i, distance in enumerate(distances) if distance > 1])
        self.number += 1
        return DragStep(self.number, list(self.handles), distances, loss, [sure for _, sure in found], arrived)

    def _update(self, moving: list[int]) -> float:
        total = self._loss(moving)
        self._adam.zero_grad()
        (self._moving.grad,) = torch.autograd.grad(total, self._moving)
        if not bool(self._moving.grad.isfinite().all()):
            raise ArithmeticError("The drag left the numbers that can be computed with: lower the learning rate.")
        self._adam.step()
        return float(total.detach())

    @abstractmethod
    def _look(self) -> None:
        """Compute features at the code as it stands."""

    @abstractmethod
    def _feature(self, handle: Point) -> Tensor:
        """The feature [C] at a handle."""

    @abstractmethod
    def _track(self, i: int) -> tuple[Point, float]:
        """Where pair i's handle is now, and the confidence in it."""

    @abstractmethod
    def _loss(self, moving: list[int]) -> Tensor:
        """The loss of these pairs and of the mask, differentiable to the code."""

    @torch.no_grad()
    def preview(self, height: int = 128) -> Tensor:
        """The picture at the height of a block, `height` or the next lower, [channels, h, w] in 0..1.

        A generator without skip connections to RGB has no such small picture and paints the whole one.
        """
        image = None
        for stage in self.generator.synthesis.walk(self.w_plus[None]):
            if image is not None and stage.height > height:
                break
            image = stage.image
        assert image is not None, "the last block always has an RGB layer"
        return (image[0].float() / 2 + 0.5).clamp(0, 1)

    def picture(self) -> Tensor:
        """The whole picture of the code as it stands, [channels, height, width] in 0..1."""
        return self.preview(self.size[0])
