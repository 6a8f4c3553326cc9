"""What a comparison measures, with a mark on a number that the method itself optimised."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.errors import EditorError
from registry.plugins import EditorSpec, Result
from registry.subjects import LabelMap, Subject
from registry.weights import PUPPETS_JUDGES, VGG16_EDGES, Net, cached_path, entries, get, known_pin, load_net, size_text

_SOURCES = {
    "puppets_judges": PUPPETS_JUDGES,
    "vgg16_edges": VGG16_EDGES,
    "vgg16": get("vgg16"),
    "arcface": get("arcface_ir_se50"),
}
"""Where the networks lie that metrics judge with. Those of the Hub are used if they are here, and never downloaded."""

_PACKAGES = {"lpips_heads": "the Python package lpips (BSD-2-Clause, “pip install lpips”)"}
"""What brings along those parts that `metrics.INSTALLED` finds, in words."""


@dataclass(frozen=True)
class Measure:
    """One number of one column.

    Attributes:
        id: the metric's id.
        title: what the table calls it.
        unit: ``""`` where it has none.
        doc: what it says, one sentence.
        value: the number.
        better: ``"higher"`` or ``"lower"``.
        home: the method optimised this very number, so it says little about how good the picture is.
    """

    id: str
    title: str
    unit: str
    doc: str
    value: float
    better: str
    home: bool = False


def measure(spec: EditorSpec, values: Mapping[str, Any], result: Result) -> dict[str, Measure]:
    """All metrics whose pictures are there (the subject, the result, the editor's other pictures by input name), and
    what the editor measured itself.

    None for a film whose still is the subject itself: it would seem to have changed nothing.
    """
    from metrics import METRICS, REPORTED  # brings nets along; only a finished column needs them

    subjects = {name: value for name, value in values.items() if isinstance(value, Subject)}
    still = result.subject.pixels
    if result.film is not None and any(np.array_equal(each.pixels, still) for each in subjects.values()):
        return {}
    pictures: dict[str, Any] = {name: _measured(each) for name, each in (subjects | {"result": result.subject}).items()}
    pictures |= _other_things(values, result)
    aimed = _aims(spec, result)
    found: dict[str, Measure] = {}
    for metric in METRICS.values():
        if not all(name in pictures for name in metric.needs):
            continue
        judge = network(metric.net)
        if metric.net and judge is None:
            continue
        value = metric(network=judge, aimed=aimed, **{name: pictures[name] for name in metric.needs})
        if math.isfinite(value):
            home = spec.id in metric.home_of
            found[metric.id] = Measure(metric.id, metric.title, metric.unit, metric.doc, value, metric.better, home)
    for name, each in REPORTED.items():
        if math.isfinite(value := result.metrics.get(name, math.nan)):
            found[name] = Measure(name, each.title, each.unit, each.doc, value, each.better)
    return found


def _other_things(values: Mapping[str, Any], result: Result) -> dict[str, Any]:
    """What metrics compare besides pictures: painted labels, a mask, and the other outputs for the same input."""
    from metrics import Parts

    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, LabelMap):
            found[name] = Parts(value.indices, value.palette.names)
        elif isinstance(value, np.ndarray) and value.dtype == bool and value.ndim == 2:
            found[name] = value
    others = [each for each in result.further.values() if each.latent is not None and each.size == result.subject.size]
    return found | ({"further": [_measured(each) for each in others]} if others else {})


def _measured(subject: Subject) -> NDArray[np.uint8]:
    """A picture as metrics take it: RGB, or RGBA if it has transparency."""
    return subject.pixels if subject.alpha is None else np.dstack([subject.colours, subject.alpha])


def _aims(spec: EditorSpec, result: Result) -> list[str]:
    """The directions that an edit moved along: what it aimed at, as far as that has a name."""
    inputs = result.recipe["inputs"]
    return [name for entry in spec.inputs for name in entry.kind.moved(inputs.get(entry.name))]


def network(name: str) -> Any:
    """The network that a metric names, from the cache of loaded ones; None if it has none, or it is not here."""
    from metrics import INSTALLED, JOINED, NETS

    if name in JOINED:
        join, names = JOINED[name]
        parts = [network(part) for part in names]
        return None if any(part is None for part in parts) else join(*parts)
    if name in INSTALLED:
        try:
            return INSTALLED[name]()
        except ValueError:
            return None
    source = _SOURCES.get(name)
    if source is None or not (source.embedded or cached_path(source, known_pin(source))):
        return None
    try:
        return load_net(Net(name, NETS[name], (source,))).module
    except EditorError:
        return None  # a comparison is worth having without it


def lacking() -> list[str]:
    """One sentence for each metric that is not measured here: what it needs, under which licence, how to get it."""
    from metrics import JOINED, METRICS

    found = []
    for metric in METRICS.values():
        parts = JOINED[metric.net][1] if metric.net in JOINED else (metric.net,) if metric.net in _SOURCES else ()
        wanted = [_wanted(part) for part in parts if not _there(part)]
        if wanted:
            found.append(f"{metric.title} is not measured: it needs {' and '.join(wanted)}.")
    return found


def _there(part: str) -> bool:
    """Whether a part of a network is on this machine, by its file alone."""
    source = _SOURCES.get(part)
    if source is None:
        return network(part) is not None
    return source.embedded or cached_path(source, known_pin(source)) is not None


def _wanted(part: str) -> str:
    if part in _PACKAGES:
        return _PACKAGES[part]
    source = _SOURCES[part]
    name = next(name for name, entry in entries().items() if entry.weights == source)
    about = ", ".join(filter(None, (size_text(source.size) if source.size else "", source.licence)))
    return f"{source.label} ({about}; “facet weights fetch {name}”)"


def best_of(measures: Iterable[Mapping[str, Measure]]) -> dict[str, float]:
    """The best value of each metric over several columns, where there are at least two to choose from."""
    values: dict[str, list[Measure]] = {}
    for row in measures:
        for entry in row.values():
            values.setdefault(entry.id, []).append(entry)
    best = {}
    for name, same in values.items():
        if len(same) > 1:
            pick = max if same[0].better == "higher" else min
            best[name] = pick(entry.value for entry in same)
    return best
