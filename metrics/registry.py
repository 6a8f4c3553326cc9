"""What a metric is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Function = Callable[..., float]
"""(result, other) → value; with a third argument, the network, for metrics that judge with one."""

METRICS: dict[str, Metric] = {}
"""All metrics by id, in the order of their definition."""


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        id: its key; title: how a table heads it; unit: ``""`` where it has none.
        better: whether ``"lower"`` or ``"higher"`` values are better.
        needs: the two pictures it compares, ``("result", "subject")`` or ``("result", "style")``.
        home_of: ids of the editors that optimise this very number: it is their home metric, and a comparison marks it.
        doc: what it says, one sentence.
        function: computes it.
        net: name of the network that it judges with, ``""`` for none. Metrics read no files: who measures hands over
            the network, built by `metrics.NETS[net]`.
    """

    id: str
    title: str
    unit: str
    better: Literal["lower", "higher"]
    needs: tuple[str, str]
    home_of: tuple[str, ...]
    doc: str
    function: Function
    net: str = ""

    def __call__(self, *, network: Any = None, **pictures: Pixels) -> float:
        """The value, for the pictures that `needs` names: uint8 RGB [h, w, 3] of any sizes.

        NaN where the metric has nothing to say: a judge of puppets that sees none.

        Raises:
            ValueError: one of them is no such picture, or the network is missing.
        """
        if self.net and network is None:
            raise ValueError(f"{self.id} judges with a network: give network={self.net}")
        result, other = (pictures[name] for name in self.needs)
        for picture in (result, other):
            if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
                raise ValueError(f"a picture must be uint8 [h, w, 3], not {picture.dtype} {list(picture.shape)}")
        return float(self.function(result, other, network) if self.net else self.function(result, other))


def metric(
    id: str,
    title: str,
    *,
    better: Literal["lower", "higher"],
    needs: tuple[str, str],
    unit: str = "",
    home_of: tuple[str, ...] = (),
    net: str = "",
) -> Callable[[Function], Metric]:
    """Register the decorated function as a metric; its docstring's first line becomes `Metric.doc`.

    Raises:
        ValueError: the id is taken.
    """

    def register(function: Function) -> Metric:
        if id in METRICS:
            raise ValueError(f"two metrics are called {id!r}")
        doc = (function.__doc__ or "").strip().partition("\n")[0]
        METRICS[id] = Metric(id, title, unit, better, needs, home_of, doc, function, net)
        return METRICS[id]

    return register


def measure(pictures: Mapping[str, Pixels], nets: Mapping[str, Any] | None = None) -> dict[str, float]:
    """All metrics whose pictures and networks are given, by id.

    Args:
        pictures: ``"result"`` and any of ``"subject"`` and ``"style"``.
        nets: networks by name; metrics that judge with another one are left out, and so are those without an answer.
    """
    nets, found = nets or {}, {}
    for entry in METRICS.values():
        if all(name in pictures for name in entry.needs) and (not entry.net or entry.net in nets):
            value = entry(network=nets.get(entry.net), **{name: pictures[name] for name in entry.needs})
            if value == value:
                found[entry.id] = value
    return found
