"""What a metric is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
OTHER_THINGS = ("labels", "mask", "further")
"""What metrics compare besides single pictures."""

Function = Callable[..., float]
"""(result, other) → value; further arguments: the network, for metrics that judge with one, then what was aimed at."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What was painted: part numbers uint8 [h, w], and the names that they stand for."""

    indices: NDArray[np.uint8]
    names: tuple[str, ...]


METRICS: dict[str, Metric] = {}
"""All metrics by id, in the order of their definition."""


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        id: its key; title: how a table heads it; unit: ``""`` where it has none.
        better: whether ``"lower"`` or ``"higher"`` values are better.
        needs: what it compares: the picture ``"result"`` and one or two of the pictures ``"subject"`` and ``"style"``,
            ``"labels"`` (`Parts`), ``"mask"`` (bool [h, w]) and ``"further"`` (the other outputs, a list of pictures).
        home_of: ids of the editors that optimise this very number: it is their home metric, and a comparison marks it.
        doc: what it says, one sentence.
        function: computes it.
        net: name of the network that it judges with, ``""`` for none. Metrics read no files: who measures hands over
            the network, built by `metrics.NETS[net]`.
        aims: it tells what an edit aimed at from what changed besides, so it must know the aims.
    """

    id: str
    title: str
    unit: str
    better: Literal["lower", "higher"]
    needs: tuple[str, ...]
    home_of: tuple[str, ...]
    doc: str
    function: Function
    net: str = ""
    aims: bool = False

    def __call__(self, *, network: Any = None, aimed: Sequence[str] = (), **given: Any) -> float:
        """The value, for the pictures that `needs` names: uint8 RGB [h, w, 3] of any sizes.

        One with transparency is RGBA [h, w, 4]: its clear pixels take no part in statistics; other metrics see it on
        white.

        `aimed` names the attributes that the edit was to change, by the ids of their directions. NaN where the metric
        has nothing to say: a judge of puppets that sees none, or no aim that it knows.

        Raises:
            ValueError: one of them is no such picture, or the network is missing.
        """
        if self.net and network is None:
            raise ValueError(f"{self.id} judges with a network: give network={self.net}")
        compared = [given[name] for name in self.needs]
        for picture in (given[name] for name in self.needs if name not in OTHER_THINGS):
            if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4) or not picture.size:
                raise ValueError(
                    f"a picture must be uint8 [h, w, 3] or [h, w, 4], not {picture.dtype} {list(picture.shape)}"
                )
        further = [network] * bool(self.net) + [aimed] * self.aims
        return float(self.function(*compared, *further))


def metric(
    id: str,
    title: str,
    *,
    better: Literal["lower", "higher"],
    needs: tuple[str, ...],
    unit: str = "",
    home_of: tuple[str, ...] = (),
    net: str = "",
    aims: bool = False,
) -> Callable[[Function], Metric]:
    """Register the decorated function as a metric; its docstring's first line becomes `Metric.doc`.

    Raises:
        ValueError: the id is taken.
    """

    def register(function: Function) -> Metric:
        if id in METRICS:
            raise ValueError(f"two metrics are called {id!r}")
        doc = (function.__doc__ or "").strip().partition("\n")[0]
        METRICS[id] = Metric(id, title, unit, better, needs, home_of, doc, function, net, aims)
        return METRICS[id]

    return register


def measure(
    pictures: Mapping[str, Any], nets: Mapping[str, Any] | None = None, aimed: Sequence[str] = ()
) -> dict[str, float]:
    """All metrics whose pictures and networks are given, by id.

    Args:
        pictures: ``"result"``, and any of what `Metric.needs` names.
        nets: networks by name; metrics that judge with another one are left out, and so are those without an answer.
        aimed: the attributes that the edit was to change.
    """
    nets, found = nets or {}, {}
    for entry in METRICS.values():
        if all(name in pictures for name in entry.needs) and (not entry.net or entry.net in nets):
            shown = {name: pictures[name] for name in entry.needs}
            value = entry(network=nets.get(entry.net), aimed=aimed, **shown)
            if value == value:
                found[entry.id] = value
    return found
