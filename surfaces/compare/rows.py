"""A comparison as rows of plain data: for JSON, with the recipe of each picture, and for a table of numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from registry.bounds import shown
from registry.errors import BadInput
from surfaces.compare.columns import Column


def ranked(columns: Sequence[Column], by: str) -> list[Column]:
    """The columns, the best first, by a metric's id or ``"seconds"``; those without that number come last.

    Raises:
        BadInput: no column has that number.
    """
    found: dict[int, float] = {}
    for column in columns:
        measure = column.measures.get(by)
        if by == "seconds" and column.seconds is not None:
            found[column.index] = column.seconds
        elif measure is not None:
            found[column.index] = -measure.value if measure.better == "higher" else measure.value
    if not found:
        known = sorted({name for column in columns for name in column.measures})
        raise BadInput("sort", f"{shown(by)} was not measured", f"There are: {', '.join(['seconds', *known])}.")
    return sorted(columns, key=lambda column: found.get(column.index, float("inf")))


def rows(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """One JSON object for each column."""
    return [
        {
            "method": column.label,
            "state": column.state,
            "error": column.error,
            "seconds": None if column.seconds is None else round(column.seconds, 3),
            "peak_memory_bytes": column.result.peak_memory_bytes if column.result else None,
            "measures": {entry.id: {"value": entry.value, "home": entry.home} for entry in column.measures.values()},
            "recipe": dict(column.result.recipe) if column.result else None,
            "stood_in": column.result.stood_in if column.result else [],
            **({} if column.identical is None else {"identical": column.identical}),
        }
        for column in columns
    ]


def table(columns: Sequence[Column]) -> str:
    """CSV: a line for each method, a column for each metric that any of them has, as “title (unit)”."""
    metrics = {entry.id: entry for column in columns for entry in column.measures.values()}
    named = [f"{each.title} ({each.unit})" if each.unit else each.title for each in metrics.values()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["method", "state", "seconds", *named])
    for column in columns:
        seconds = "" if column.seconds is None else f"{column.seconds:.3f}"
        found = [f"{column.measures[name].value:.6g}" if name in column.measures else "" for name in metrics]
        writer.writerow([column.label, column.state, seconds, *found])
    return text.getvalue()
