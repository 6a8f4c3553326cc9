"""What is known about single generators besides their weights: how they frame a face, how they like to be dragged."""

from __future__ import annotations

from collections.abc import Mapping

OWN = "file:"
"""How the id of a generator in a file of the user's own begins."""

_FACES = ("ffhq", "nada_", "jojo_", "metfaces", OWN)

_QUICK = {"learning_rate": 2e-3}
_WIDE = {"difference": 0.4, "reach": 4.0}
DRAG: Mapping[str, Mapping[str, float]] = {
    **dict.fromkeys(("ffhq_1024", "afhqcat_512", "car_512"), _QUICK),
    **dict.fromkeys(("lions_512", "elephants_512"), _WIDE),
}
"""Where papers depart from their own defaults: Pan et al. 2023, section 4 (faces, cats, cars); FreeDrag's code."""


def framing(generator: str, space: str) -> str:
    """``"puppets"`` or ``"ffhq"``, as pictures of that generator frame a face; empty for one that draws none.

    Files of the user's own count as faces.
    """
    if space == "puppets":
        return "puppets"
    return "ffhq" if generator.startswith(_FACES) else ""
