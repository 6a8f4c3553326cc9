"""Point tracking on a window of the features: the search of `method.track`, on the pixels that it looks at."""

from __future__ import annotations

import torch
from torch import Tensor

from editors.drag.fast_view import View
from editors.drag.method import confidence
from editors.drag.settings import Point


@torch.no_grad()
def search(view: View, reference: Tensor, handle: Point, reach: int, order: int) -> tuple[Point, float]:
    """Where within `reach` of the handle the features come nearest to the reference [C], and the confidence in it."""
    (x, y), (height, width) = (int(handle[0]), int(handle[1])), view.size
    left, top = max(x - reach, 0), max(y - reach, 0)
    rows, columns = (top, min(y + reach + 1, height) - top), (left, min(x + reach + 1, width) - left)
    distances = torch.linalg.vector_norm(view.pixels(rows, columns) - reference, order, dim=2)
    row, column = divmod(int(distances.argmin()), columns[1])
    return (left + column, top + row), confidence(distances, reference, order)
