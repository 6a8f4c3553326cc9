"""One direction in the W space of one generator: what a slider moves a code by, and what is known about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.errors import BadInput

Vector = NDArray[np.float32]
"""float32 [w_dim], the same for every row of w_plus, or [num_ws, w_dim]."""

MOST_STRENGTH = 1000.0


@dataclass(frozen=True, eq=False)
class Direction:
    """How far one unit of a slider moves a code.

    Attributes:
        id: what the command line, HTTP and recipes call it; lower-case letters, digits and ``_``.
        generator: the generator whose W space it lies in, e.g. ``"puppets"``.
        vector: what is added to w (or to the rows of w_plus) per unit of strength.
        title, group: what the page calls it, and the heading it stands under.
        low, high, step: range of the strength; 0, which changes nothing, lies in it.
        rows: first row and the one after the last that it is made for, or None for all.
        unit: of the strength, e.g. ``"°"`` or ``"σ"`` (a standard deviation of the attribute's score in W).
        span: how much strength makes the attribute's whole range, or 0 where unknown.
        gain: measured change of the attribute per unit of strength, or None where nobody measured it.
        effects: measured changes of other attributes, each in shares of its own range, while this one goes through its
            whole range.
        facts: what else its card says: how it was fitted, from how many samples, its held-out accuracy…
        source: whose it is: ``"embedded"``, ``"own"``, or the name of the weights it came in.
        licence, attribution: of the file.
        sha256: of the file.
    """

    id: str
    generator: str
    vector: Vector
    title: str = ""
    group: str = "other"
    low: float = -3.0
    high: float = 3.0
    step: float = 0.1
    rows: tuple[int, int] | None = None
    unit: str = ""
    span: float = 0.0
    gain: float | None = None
    effects: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str = "own"
    licence: str = ""
    attribution: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", self.id):
            raise BadInput(
                "name", f"must be lower-case letters, digits and “_”, not “{self.id[:40]}”", "E.g. big_eyes."
            )
        object.__setattr__(self, "title", self.title or self.id.replace("_", " ").capitalize())
        object.__setattr__(self, "vector", checked_vector(self.vector, self.id))
        for name in ("low", "high", "step", "span"):
            object.__setattr__(self, name, float(getattr(self, name)))
        limits = (self.low, self.high, self.step)
        if not (np.isfinite(limits).all() and self.low <= 0 <= self.high and 0 < self.step <= self.high - self.low):
            raise BadInput(self.id, "has a range that does not hold 0, or no step that fits into it")
        if max(-self.low, self.high) > MOST_STRENGTH:
            raise BadInput(self.id, f"has a range beyond ±{MOST_STRENGTH:g}", "Scale the vector instead.")
        if self.rows is not None and not 0 <= self.rows[0] < self.rows[1]:
            raise BadInput(self.id, f"is made for rows {self.rows[0]} to {self.rows[1]}, which are none")

    @property
    def w_dim(self) -> int:
        """Length of a code."""
        return int(self.vector.shape[-1])

    @property
    def follows_spread(self) -> bool:
        """Whether the vector is Σ·n, n the normal of its attribute's boundary and Σ the covariance of W.

        The embedded directions, those fitted here to follow the spread, and text directions are; the boundaries that
        others publish are the normals themselves.
        """
        return self.source == "embedded" or bool(self.facts.get("follow")) or self.facts.get("method") == "text"

    def fit(self, latent: NDArray[np.float32], field: str) -> None:
        """Raise BadInput if the code [num_ws, w_dim] is of another generator's shape."""
        if self.w_dim != latent.shape[1] or (self.vector.ndim == 2 and len(self.vector) != len(latent)):
            mine = " × ".join(map(str, self.vector.shape))
            theirs = " × ".join(map(str, latent.shape))
            raise BadInput(field, f"“{self.id}” has {mine} numbers, and the code of this picture {theirs}", _OTHER)

    def weights_row(self) -> dict[str, Any]:
        """What a recipe says about the file that the direction came from, as it does about weights."""
        embedded = self.source == "embedded"
        row: dict[str, Any] = {
            "net": "directions" if embedded else f"direction {self.id}",
            "repo": "",
            "file": "directions.safetensors" if embedded else f"{self.id}.safetensors",
            "revision": "",
            "sha256": self.sha256,
            "licence": self.licence or "own",
            "embedded": embedded,
            "title": "Directions (embedded)" if embedded else self.title,
        }
        return row | ({"attribution": self.attribution} if self.attribution else {})

    def describe(self) -> dict[str, Any]:
        """As JSON, without the vector."""
        return {
            "id": self.id,
            "title": self.title,
            "group": self.group,
            "generator": self.generator,
            "low": self.low,
            "high": self.high,
            "step": self.step,
            "unit": self.unit,
            "rows": list(self.rows) if self.rows else None,
            "span": self.span,
            "gain": self.gain,
            "effects": dict(self.effects),
            "facts": dict(self.facts),
            "source": self.source,
            "licence": self.licence,
            "attribution": self.attribution,
            "sha256": self.sha256,
        }


_OTHER = "It belongs to another generator."


def checked_vector(found: Any, name: str) -> Vector:
    """A direction's numbers as float32 [w_dim] or [num_ws, w_dim]; leading axes of length 1 are dropped.

    Raises:
        BadInput: another shape, numbers that are not finite, or nothing but zeros.
    """
    array = np.asarray(found)
    while array.ndim > 1 and array.shape[0] == 1:
        array = array[0]
    shape = " × ".join(map(str, array.shape)) or "a single number"
    if array.dtype.kind not in "fiu" or array.ndim not in (1, 2) or not 8 <= array.shape[-1] <= 65536:
        raise BadInput(name, f"is no direction: it has the shape {shape}", "A direction is w_dim or num_ws × w_dim.")
    if array.ndim == 2 and len(array) > 64:
        raise BadInput(name, f"is no direction: it has the shape {shape}", "A generator has at most 64 rows.")
    vector = np.array(array, np.float32, order="C")  # a copy: the caller keeps their own
    if not np.isfinite(vector).all():
        raise BadInput(name, "holds numbers that are not finite (NaN or infinity)", "Fit or download it again.")
    if not vector.any():
        raise BadInput(name, "is zero everywhere and would move nothing", "Fit or download it again.")
    vector.setflags(write=False)
    return vector
