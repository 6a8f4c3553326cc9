"""How far an edit was to close eyes and to open the mouth: what its code went along the sliders for that.

A generator that draws a likeness badly closes its eyes less than it was asked to, and one alone. The photograph has
lids of its own, which can do better.
"""

from __future__ import annotations

import numpy as np

from facet import Subject
from facet.stylegan import directions_of, first_of
from nets.carry import Asked

SLIDERS = {"eyes": "eyes_closed", "mouth": "mouth_open"}
"""By what was asked, the name of its slider."""
UNEXPLAINED = 0.2  # share of the way that sliders may leave over
STIFF = 1e-6  # of the largest square, so that sliders which do the same share it


def asked_of(subject: Subject) -> Asked | None:
    """The strengths of those sliders, -1..1, to a hundredth; by least squares among all that the generator offers.

    None where nobody knows: no generator, no slider of that name, not a first picture to compare with, or an edit that
    sliders do not explain, such as a drag.
    """
    first = first_of(subject)
    if first is None or subject.latent is None or subject.generator is None or first.code.shape != subject.latent.shape:
        return None
    offered = directions_of(subject.generator.id)
    if not set(SLIDERS.values()) & set(offered):
        return None
    rows = []
    for direction in offered.values():
        start, end = direction.rows or (0, len(first.code))
        move = np.zeros(first.code.shape)
        move[start:end] = direction.vector[start:end] if direction.vector.ndim == 2 else direction.vector
        rows.append(move.ravel())
    moves, way = np.stack(rows), (subject.latent.astype(np.float64) - first.code).ravel()
    squares = moves @ moves.T
    squares += STIFF * squares.max() * np.eye(len(squares))
    strengths = np.linalg.solve(squares, moves @ way)
    if np.linalg.norm(way - strengths @ moves) > UNEXPLAINED * np.linalg.norm(way):
        return None
    found = dict(zip(offered, strengths, strict=True))
    return Asked(
        **{what: round(float(min(1.0, max(-1.0, found.get(slider, 0.0)))), 2) for what, slider in SLIDERS.items()}
    )
