"""Further columns of a comparison as the page asks for them: an editor with settings of its own, or a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry.errors import BadInput
from registry.inputs import as_number
from registry.plugins import REQUIRED, EditorSpec, Input, Registry
from registry.subjects import collection
from surfaces.compare import MOST_COLUMNS, Method
from surfaces.compare.methods import crossed, evenly
from surfaces.page.controls import received

COLUMNS = "columns"
"""What refusals call them."""


def offered(specs: Sequence[EditorSpec]) -> dict[str, Any]:
    """What the widget needs: each editor with the settings that a column can have of its own."""
    editors = [{"id": spec.id, "title": spec.title, "settings": _settings(spec)} for spec in specs]
    return {"editors": editors, "most": MOST_COLUMNS}


def asked(registry: Registry, raw: Any) -> list[Method]:
    """The columns that the widget asks for: of each row every combination of its values. Raises BadInput."""
    rows = raw.get("rows") if isinstance(raw, Mapping) else None
    made: list[Method] = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, Mapping) or not isinstance(row.get("settings"), list):
            raise BadInput(COLUMNS, "are not what this page sends", "Load it again.")
        spec = registry.get(str(row.get("editor")))
        settings: dict[str, list[Any]] = {}
        for one in row["settings"]:
            entry = _entry(spec, one)
            if entry.name in settings:
                raise BadInput(COLUMNS, f"name “{entry.label}” of {spec.title} twice", "Remove one of them.")
            settings[entry.name] = _values(entry, one)
        made += crossed(registry, spec, settings, COLUMNS)
        if len(made) > MOST_COLUMNS:
            raise BadInput(COLUMNS, f"are {len(made)}, the most is {MOST_COLUMNS}", "Remove some.")
    return made


def _settings(spec: EditorSpec) -> list[dict[str, Any]]:
    found = []
    for entry in spec.inputs:
        kind, first = entry.kind, None if entry.default is REQUIRED else entry.default
        if _is_shown(entry):
            shelf = getattr(kind, "samples", "")
            pictures = shelf if shelf and collection(shelf) else "samples"
            found.append({"name": entry.name, "label": entry.label, "pictures": pictures})
            continue
        row = {"name": entry.name, "label": entry.label, "unit": getattr(kind, "unit", "")}
        if kind.span is not None:
            low, high = kind.span if not kind.fixes_run else (0, 3)
            whole = bool(getattr(kind, "whole", kind.fixes_run))
            start = first if isinstance(first, (int, float)) and first >= 0 else low
            found.append(row | {"low": low, "high": high, "whole": whole, "start": start})
        elif listed := kind.listed():
            options = [[value, label] for value, label in listed.items()]
            found.append(row | {"options": options, "start": first})
    return found


def _is_shown(entry: Input) -> bool:
    """Whether it is a further picture that any column may have for its own: a style, mostly."""
    kind = entry.kind
    return kind.is_picture and entry.name != "subject" and not kind.needs_latent and not kind.cut_from


def _entry(spec: EditorSpec, one: Any) -> Input:
    name = one.get("name") if isinstance(one, Mapping) else None
    found = next((entry for entry in spec.inputs if entry.name == name), None)
    if found is None or (found.kind.span is None and not found.kind.listed() and not _is_shown(found)):
        raise BadInput(COLUMNS, f"name a setting that {spec.title} does not have", "Choose another.")
    return found


def _values(entry: Input, one: Mapping[str, Any]) -> list[Any]:
    """The values of one setting, each judged."""
    if _is_shown(entry):
        return _pictures(entry, one.get("values"))
    if entry.kind.span is None:
        listed, values = entry.kind.listed(), one.get("values")
        sound = isinstance(values, list) and len(values) <= MOST_COLUMNS
        known = [value for value in listed if value in values] if sound and isinstance(values, list) else []
        if not known:
            raise BadInput(COLUMNS, f"have no value of “{entry.label}”", f"Choose 1 to {MOST_COLUMNS}.")
        return known
    first, last, count = (as_number(one.get(name)) for name in ("from", "to", "count"))
    if first is None or count is None or (last is None and count > 1) or count != int(count):
        raise BadInput(COLUMNS, f"have no number for “{entry.label}”", "Fill in from, to and how many.")
    counted = evenly(entry.kind, first, first if last is None else last, int(count), COLUMNS)
    return [entry.kind.check(value, entry.name) for value in counted]


def _pictures(entry: Input, sent: Any) -> list[Any]:
    """The pictures of one setting: bundled ones by their id, and uploads."""
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_COLUMNS:
        raise BadInput(COLUMNS, f"have no picture for “{entry.label}”", f"Choose 1 to {MOST_COLUMNS}.")
    return [entry.kind.check(received(entry, each), entry.name) for each in sent]
