"""What the page shows of a comparison: its columns, and the metrics that any of them has. Gradio-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.subjects import Subject
from surfaces.compare import Column
from surfaces.compare.measures import best_of, lacking
from surfaces.page.keeping import remembered
from surfaces.page.picture_urls import data_url, picture_url
from surfaces.page.words import facts_of, film_view, number


def columns_view(
    columns: Sequence[Column], films: Mapping[int, Path], *, running: bool = False, error: str = "", original: str = ""
) -> dict[str, Any]:
    """All columns and the metrics that any of them has; `films`: where those of the columns lie, by index.

    `original`: the picture that was compared on, as an address.
    """
    best = best_of(column.measures for column in columns)
    metrics = {entry.id: entry for column in columns for entry in column.measures.values()}
    current = next((column for column in columns if column.state == "running"), None)
    finished = sum(column.finished for column in columns)
    return {
        "running": running,
        "original": original,
        "error": error,
        "note": f"{current.spec.title} ({finished + 1} of {len(columns)})" if running and current else "",
        "columns": [_card(column, best, films.get(column.index)) for column in columns],
        "metrics": [
            {"id": entry.id, "title": entry.title, "unit": entry.unit, "doc": entry.doc, "better": entry.better}
            for entry in metrics.values()
        ],
        "lacking": [] if running or not metrics else lacking(),
    }


def _card(column: Column, best: Mapping[str, float], film: Path | None) -> dict[str, Any]:
    return {
        "title": title_of(column),
        "state": column.state,
        "done": round(column.done, 3),
        "note": column.note,
        "error": column.error,
        "seconds": facts_of(column.result)["time"] if column.result else "",
        "usable": column.result is not None,
        "picture": _picture(column),
        "film": film_view(column.result.film, film, title_of(column)) if column.result else None,
        "measures": {
            entry.id: {"text": number(entry.value), "home": entry.home, "best": best.get(entry.id) == entry.value}
            for entry in column.measures.values()
        },
    }


def title_of(column: Column) -> str:
    """The method, with its variant in brackets."""
    _, _, variant = column.label.partition(":")
    return f"{column.spec.title} ({variant})" if variant else column.spec.title


def _picture(column: Column) -> str:
    if (shown := column.shown) is not None:
        return _shown_url(shown)
    return data_url(column.preview) if column.preview else ""


@remembered
def _shown_url(shown: Subject) -> str:
    return picture_url(shown.pixels)
