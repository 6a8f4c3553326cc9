"""Which strengths of sliders explain a way in w_plus."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from registry.directions.catalogue import directions_of

UNEXPLAINED = 0.2  # share of the way that sliders may leave over
STIFF = 1e-6  # of the largest square, so that sliders which do the same share it

Explain = Callable[[NDArray[np.float32]], "dict[str, float] | None"]
"""From a code, float32 [num_ws, w_dim], to strengths by the names of directions, or None: they do not explain it."""


def explained_by(generator: str, first: NDArray[np.float32]) -> Explain:
    """What explains codes by the directions that a generator offers, as strengths on the way from its `first` code.

    It is least squares among all of them, so that sliders which go together get what each has alone; a drag is no sum
    of them, and has none.
    """
    offered, rows = directions_of(generator), []
    for direction in offered.values():
        start, end = direction.rows or (0, len(first))
        move = np.zeros(first.shape)
        move[start:end] = direction.vector[start:end] if direction.vector.ndim == 2 else direction.vector
        rows.append(move.ravel())
    if not rows:
        return lambda code: None
    moves = np.stack(rows)
    squares = moves @ moves.T
    squares += STIFF * squares.max() * np.eye(len(squares))

    def explain(code: NDArray[np.float32]) -> dict[str, float] | None:
        if code.shape != first.shape:
            return None
        way = (code.astype(np.float64) - first).ravel()
        strengths = np.linalg.solve(squares, moves @ way)
        if np.linalg.norm(way - strengths @ moves) > UNEXPLAINED * np.linalg.norm(way):
            return None
        return dict(zip(offered, strengths.tolist(), strict=True))

    return explain
