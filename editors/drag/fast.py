"""The same drag from small windows of the features only."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from editors.drag.method import PlainDrag
from editors.drag.method_session import DragSession
from editors.drag.settings import DragSettings, Point
from nets.stylegan2 import Generator


def drag_session(
    generator: Generator, w_plus: Tensor, handles: Sequence[Point], targets: Sequence[Point],
    mask: Tensor | None = None, settings: DragSettings | None = None,
) -> DragSession:  # fmt: skip
    """The quickest session for this drag."""
    return PlainDrag(generator, w_plus, handles, targets, mask, settings)
