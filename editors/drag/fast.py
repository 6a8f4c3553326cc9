"""The same drag from small windows of the features only: as exact as `method`, tens of times quicker.

A step looks at no more of the features than the squares that tracking searches and the discs that are supervised. The
windows of `nets.windows` compute just these, at a cost that does not depend on the size of the image: no later block,
no RGB, nothing enlarged to the image. A mask needs the whole map of the features: at every step ("exact"), or at every
fourth one, and between these a coarser layer's ("corrected"); see `masks`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from editors.drag import masks
from editors.drag.method import mask_share
from editors.drag.method_session import DragSession, DragStep
from editors.drag.settings import DragSettings, Point
from editors.drag.windowed import Span, View, ahead_of, pull, search, span_of
from nets.stylegan2 import Generator
from nets.windows import Read, Windows, WindowSynthesis, cut, whole

COARSE = 32  # height of the block whose first layer stands in for the features in the mask term


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One processor thread, and afterwards as many as before.

    Windows are hundreds of small products. Two threads gain a third on an idle machine, and lose several times as much
    whenever one of them has to wait for its core; and the same number everywhere makes the same bits everywhere.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class FastDrag(DragSession):
    """`PlainDrag` by other means: same arguments, same steps up to rounding. Masks follow `settings.mask_mode`."""

    def __init__(
        self, generator: Generator, w_plus: Tensor, handles: Sequence[Point], targets: Sequence[Point],
        mask: Tensor | None = None, settings: DragSettings | None = None,
    ) -> None:  # fmt: skip
        super().__init__(generator, w_plus, handles, targets, mask, settings)
        config, scaled = self.generator.config, self.scaled
        coarser = scaled.block > COARSE and COARSE in config.channels
        self._exact = self.fixed is not None and not (self.settings.mask_mode == "corrected" and coarser)
        # the stand-in is the first layer of its block; in a residual block that has not met the shortcut yet
        first = None if self.fixed is None or self._exact else 2 * config.heights.index(COARSE) - 1
        tap = None if first is None else first + (config.architecture == "resnet")
        self._net = WindowSynthesis(self.generator.synthesis, self._start, scaled.rows, scaled.block, tap)
        # a handle that moves a little is still supervised inside the windows that were searched for it
        self._reach = max(scaled.search, scaled.radius + 1 + max(1, scaled.search // 6))

    def step(self) -> DragStep:
        """Look, track, and unless all have arrived, supervise and update; windows by one thread, whole maps by all."""
        with contextlib.nullcontext() if self._due else one_thread():
            step = super().step()
        self._correction.age += 1
        return step

    def restore(self, w_plus: Tensor, handles: Sequence[Point]) -> None:
        """As for every drag; the mask's stand-in is measured anew."""
        super().restore(w_plus, handles)
        self._correction = masks.Correction()

    def snapshot(self) -> dict[str, Any]:
        """As for every drag, with what the mask's stand-in lacks."""
        return super().snapshot() | {"correction": self._correction.snapshot()}

    def resume(self, snapshot: Mapping[str, Any]) -> None:
        """As for every drag."""
        super().resume(snapshot)
        self._correction.resume(snapshot["correction"], self._moving)

    @property
    def _due(self) -> bool:
        """Whether this step needs the whole map."""
        return self._exact or (self.fixed is not None and self._correction.due)

    def _look(self) -> None:
        self._whole = self._due
        windows = whole(*self._net.size) if self._whole else self._windows(self.handles, self._reach)
        self._styles = self._net.styles(self._codes())
        self._pass = self._net.evaluate(self._styles, windows)
        self._looked_at = list(self.handles)
        if self.fixed is not None and self._before is None:
            self._remember(self.fixed)

    def _windows(self, centres: Sequence[Point], reach: int) -> Windows:
        """Windows of the features with all image pixels within `reach` of the centres."""
        spans = [self._spans(centre, reach) for centre in centres]
        return Windows(tuple((down[0], across[0]) for down, across in spans), spans[0][0][1], spans[0][1][1])

    def _spans(self, centre: Point, reach: int) -> tuple[Span, Span]:
        (height, width), (rows, columns) = self.size, self._net.size
        return span_of(int(centre[1]), reach, height, rows), span_of(int(centre[0]), reach, width, columns)

    def _at(self, features: Tensor, centre: Point, reach: int) -> View:
        return View(features, *self._spans(centre, reach), self.size, self._net.size)

    def _view(self, handle: Point, reach: int) -> View:
        """What the last look has around one of the handles."""
        i = 0 if self._whole else self._looked_at.index(handle)
        seen = self._pass.windows._replace(places=(self._pass.windows.places[i],))
        return self._at(cut(self._pass.features[i : i + 1], seen, self._windows([handle], reach))[0], handle, reach)

    def _feature(self, handle: Point) -> Tensor:
        return self._view(handle, 0).pixels((int(handle[1]), 1), (int(handle[0]), 1))[0, 0]

    def _track(self, i: int) -> tuple[Point, float]:
        reference, reach = self._references[i], self.scaled.search
        assert reference is not None, "every pair has got one by now"
        return search(self._view(self.handles[i], reach), reference, self.handles[i], reach, self.order)

    def _loss(self, moving: list[int]) -> Tensor:
        radius = self.scaled.radius
        if not self._whole and not self._pass.windows.contains(self._windows(self.handles, radius + 1)):
            self._look()  # a handle went far; the same features, around where it is now
        self._looked_at = list(self.handles)  # each inside the window of its number
        centres = [ahead_of(*pair) for pair in zip(self.handles, self.targets, strict=True)]
        focus = self._windows(centres, radius)
        seen = focus.hull(*self._net.size) if self._whole else focus
        features, tapped = self._net.recall(self._pass, self._styles, seen)
        windows = Read.apply(features, seen, focus) if self._whole else features
        total = self._start.new_zeros(())
        for i in moving:
            here, ahead = self._view(self.handles[i], radius), self._at(windows[i], centres[i], radius)
            total = total + pull(here, ahead, self.handles[i], self.targets[i], radius, self.settings.variant)
        if self.fixed is None:
            return total
        share = mask_share(features.shape[3], self.fixed, self.settings.variant)
        return total + self.settings.mask_weight * share * self._held(tapped)

    def _held(self, tapped: Tensor | None) -> Tensor:
        """The mask term's sum."""
        assert self._before is not None, "it is remembered at the first look"
        exact = None
        if self._whole:
            features, _ = self._net.recall(self._pass, self._styles, self._pass.windows)
            exact = masks.Exact.apply(features[0], self._before, self._cells)
        if tapped is None:
            return exact
        stand_in = masks.weighed(tapped[0], self._coarse, self._share)
        if exact is None:
            return self._correction.corrected(stand_in, self._moving)
        return self._correction.exact(exact, stand_in, self._moving)

    def _remember(self, fixed: Tensor) -> None:
        """What the mask holds on to: the features, and the coarser layer that stands in for them."""
        self._before, self._cells = self._pass.features[0], masks.Cells(fixed, self._net.size)
        if self._pass.tapped is not None:
            self._coarse = self._pass.tapped[0]
            self._share = masks.carried(fixed, self._coarse.shape[:2])


def drag_session(
    generator: Generator, w_plus: Tensor, handles: Sequence[Point], targets: Sequence[Point],
    mask: Tensor | None = None, settings: DragSettings | None = None,
) -> DragSession:  # fmt: skip
    """The quickest session for a drag. It chooses between windows, one window around all, and whole maps at every
    block of the network and at every step, by the work that each would be."""
    return FastDrag(generator, w_plus, handles, targets, mask, settings)
