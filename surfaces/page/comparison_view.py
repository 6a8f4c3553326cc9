"""What the page shows of a comparison: its columns, and the metrics that any of them has. Gradio-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.errors import BadInput
from registry.subjects import Subject, sample
from surfaces.compare import Column, own_pictures
from surfaces.compare.difference import difference, difference_map
from surfaces.compare.measures import best_of, lacking
from surfaces.page.history.entry import Entry
from surfaces.page.keeping import remembered
from surfaces.page.picture_urls import data_url, picture_url, thumb_url
from surfaces.page.words import facts_of, film_view, number, plain
from surfaces.settings import FRAME_SIDE


def columns_view(
    columns: Sequence[Column],
    films: Mapping[int, Path],
    *,
    running: bool = False,
    error: str = "",
    original: Subject | None = None,
    told: bool = False,
    of: Entry | None = None,
) -> dict[str, Any]:
    """All columns and the metrics that any of them has.

    Args:
        columns: as far as they are.
        films: where those of the columns lie, by index.
        running: more is to come.
        error: a sentence, or empty.
        original: the picture that was compared on.
        told: the page has the original already.
        of: where in the history that picture stands.
    """
    best = best_of(column.measures for column in columns)
    metrics = {entry.id: entry for column in columns for entry in column.measures.values()}
    current = next((column for column in columns if column.state == "running"), None)
    finished = sum(column.finished for column in columns)
    return {
        "running": running,
        "original": None if told else _shown_url(original) if original is not None else "",
        "of": None if of is None else [of.number, of.called],
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
        "title": column.spec.title,
        "variant": variant_of(column),
        "own": [_thumb(picture) for picture in own_pictures(column)],
        "state": column.state,
        "done": round(column.done, 3),
        "note": column.note,
        "error": _error(column),
        "seconds": facts_of(column.result)["time"] if column.result else "",
        "time": column.seconds,
        "identical": column.identical,
        "usable": column.result is not None,
        "picture": _picture(column),
        "film": film_view(column.result.film, film, title_of(column)) if column.result else None,
        "measures": {
            entry.id: {
                "text": number(entry.value),
                "value": entry.value,
                "home": entry.home,
                "best": best.get(entry.id) == entry.value,
            }
            for entry in column.measures.values()
        },
    }


def _error(column: Column) -> str:
    """Why there is no picture, with the input as the page calls it."""
    name, joint, why = column.error.partition(": ")
    label = next((entry.label for entry in column.spec.inputs if entry.name == name and joint), "")
    return plain(f"“{label}”: {why}" if label else column.error)


def variant_of(column: Column) -> str:
    """A column's own settings as the page calls them: “Strength 0.25, Style Glass mosaic”."""
    labels = {entry.name: entry.label for entry in column.spec.inputs}
    told = []
    for part in filter(None, column.variant.split(",")):
        name, joint, value = part.partition("=")
        told.append(f"{labels.get(name, name)} {_called(value)}" if joint else name)
    return ", ".join(told)


def _called(value: str) -> str:
    """A value as the page calls it: a bundled picture by its title."""
    id = value.removeprefix("sample:")
    if id == value:
        return "your picture" if value.startswith("picture ") else value
    try:
        return sample(id, "sample").title
    except BadInput:  # of a file that somebody wrote
        return value


def title_of(column: Column) -> str:
    """The method, with its own settings in brackets."""
    variant = variant_of(column)
    return f"{column.spec.title} ({variant})" if variant else column.spec.title


def differences_view(columns: Sequence[Column], original: Subject | None) -> list[dict[str, str] | None]:
    """For each column a map of where it differs from the original, with how much in words; None where there is none."""
    return [None if original is None or each.shown is None else _difference(original, each.shown) for each in columns]


def _difference(original: Subject, shown: Subject) -> dict[str, str]:
    changed = difference(original, shown, FRAME_SIDE)
    words = f"differs by {number(float(changed.mean()))} levels on average"
    return {"picture": picture_url(difference_map(changed)), "note": words}


def _picture(column: Column) -> str:
    if (shown := column.shown) is not None:
        return _shown_url(shown)
    return data_url(column.preview) if column.preview else ""


@remembered
def _thumb(picture: Subject) -> str:
    return thumb_url(picture.pixels)


@remembered
def _shown_url(shown: Subject) -> str:
    return picture_url(shown.pixels)
