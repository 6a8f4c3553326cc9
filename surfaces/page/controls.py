"""A declared input as a component of the page, and what comes back from it as a value that `EditorSpec.check` judges.

Nothing is judged here: components are used without Gradio's own preprocessing, so that a wrong value is refused in the
same words everywhere. One thing is: text from a browser is never taken for a path. Pictures and masks that visitors
hand in are decoded in the pool, never in this process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from registry.decoding.pool import shared_pool
from registry.errors import BadInput
from registry.files import WeightsFile
from registry.inputs import Choice, Kind, Latent, Picture, Seed, Slider, Switch, Text
from registry.marks import Paint, Points, png_of
from registry.recipe import subject_with_lineage
from registry.samples import collection
from registry.signature import REQUIRED, Input
from registry.subject import Subject
from surfaces.page import directions
from surfaces.page.uploads import Upload, address_refused, is_address, uploaded
from surfaces.page.visitors import asking
from surfaces.page.widgets import Widget
from surfaces.settings import MASK_BYTES


def control(entry: Input) -> gr.components.Component:
    """The component for an input."""
    for kind, build in _BUILDERS.items():
        if isinstance(entry.kind, kind):
            return build(entry)
    return gr.Textbox(label=entry.label, info=entry.kind.doc, value=_default(entry))  # a kind brought by a plugin


def received(entry: Input, raw: Any) -> Any:
    """What a component or an HTTP client sent, as a value for `EditorSpec.check`.

    Raises:
        BadInput: it is not what this kind of input is sent as; a path that was not uploaded is one such case.
    """
    if isinstance(entry.kind, Picture):
        return _picture(raw, entry.name)
    if isinstance(entry.kind, WeightsFile):
        return None if raw is None else uploaded(raw, entry.name)
    if isinstance(entry.kind, Paint):
        return _mask(raw, entry.name)
    if isinstance(entry.kind, Points):
        return _points(raw)
    if isinstance(entry.kind, tuple(directions.KINDS)):
        return directions.received(entry, raw)
    if isinstance(entry.kind, Seed) and raw in (None, ""):
        return -1
    return raw


def _slider(entry: Input) -> gr.components.Component:
    kind = entry.kind
    assert isinstance(kind, Slider)
    step = kind.step or (1 if kind.whole else _fine_step(kind.high - kind.low))
    unit = f" ({kind.unit})" if kind.unit else ""
    value = kind.low if entry.default is REQUIRED else entry.default
    return gr.Slider(kind.low, kind.high, value=value, step=step, label=entry.label + unit, info=kind.doc)


def _fine_step(span: float) -> float:
    return float(f"{span / 200:.0e}")  # about two hundred stops, at a round number


def _choice(entry: Input) -> gr.components.Component:
    kind = entry.kind
    assert isinstance(kind, Choice)
    options = [(label, value) for value, label in kind.labels.items()]
    value = options[0][1] if entry.default is REQUIRED else entry.default
    few = len(options) <= 4 and sum(len(label) for label, _ in options) <= 44
    make = gr.Radio if few else gr.Dropdown
    return make(options, value=value, label=entry.label, info=kind.doc)


def _picker(entry: Input) -> gr.components.Component:
    kind = entry.kind
    assert isinstance(kind, Picture)
    shelf = collection(kind.samples) or collection("samples")
    name = kind.samples if collection(kind.samples) else "samples"
    optional = entry.optional or entry.default is not REQUIRED
    coded = isinstance(kind, Latent)  # no bundled picture has a code, but what was made in this visit may have one
    options = {"label": entry.label, "doc": kind.doc, "collection": name, "optional": optional, "coded": coded}
    first = None if optional or coded or not shelf else {"sample": shelf[0].id, "rev": 0}
    return Widget("picker", options, first)


def _point_rows(entry: Input) -> gr.components.Component:
    kind = entry.kind
    assert isinstance(kind, Points)
    options = {
        "label": entry.label,
        "doc": kind.doc,
        "most": kind.most,
        "staged": on_stage(entry),
        "needed": kind.least > 0,
    }
    return Widget("points", options)


def _painted(entry: Input) -> gr.components.Component:
    label = f"{entry.label}: {entry.kind.doc}"
    if not on_stage(entry):
        return Upload(label=label, file_types=["image"], height=120)
    return Widget("paint", {"label": entry.label, "doc": entry.kind.doc})


def on_stage(entry: Input) -> bool:
    """Whether an input is marked on the picture that the stage shows."""
    return isinstance(entry.kind, (Points, Paint)) and entry.kind.on == "subject"


def _default(entry: Input) -> Any:
    return None if entry.default is REQUIRED else entry.default


_BUILDERS: Mapping[type[Kind], Callable[[Input], gr.components.Component]] = {
    Slider: _slider,
    Choice: _choice,
    Seed: lambda entry: gr.Number(label=entry.label, info=entry.kind.doc, value=_default(entry) or 0, precision=0),
    Switch: lambda entry: gr.Checkbox(label=entry.label, info=entry.kind.doc, value=bool(_default(entry))),
    Text: lambda entry: gr.Textbox(label=entry.label, info=entry.kind.doc, value=_default(entry) or ""),
    Picture: _picker,
    Points: _point_rows,
    Paint: _painted,
    WeightsFile: lambda entry: Upload(label=f"{entry.label}: {entry.kind.doc}", height=120),
    **directions.KINDS,
}


def _picture(raw: Any, field: str) -> Any:
    """A picker's value, a file object, or None; a `Subject` is one of the visit's own, which no browser can send."""
    if not raw or isinstance(raw, Subject):
        return raw or None
    if isinstance(raw, Mapping) and isinstance(raw.get("sample"), str):
        return f"sample:{raw['sample']}"
    if isinstance(raw, Mapping) and isinstance(raw.get("text"), str):
        refuse_text(raw["text"], field)
    file = raw["file"] if isinstance(raw, Mapping) and "file" in raw else raw
    path = uploaded(file, field)
    return subject_with_lineage(path, field, shared_pool().picture(path, field, asking()))


def refuse_text(text: str, field: str) -> None:
    """Text is no picture, whatever it says. Raises BadInput."""
    if is_address(text):
        raise address_refused(field)
    raise BadInput(field, "must be a picture, not text", "Choose a file.")


def _mask(raw: Any, field: str) -> Any:
    """What the canvas painted, a mask file, an editor's layers, or the base64 of a PNG."""
    if isinstance(raw, Mapping) and ("png" in raw or "file" in raw):
        raw = raw.get("png") or raw.get("file")
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        if not raw.startswith(("png:", "data:image/png;base64,")):
            raise BadInput(field, "must be a mask: a picture, or base64 of a PNG", "White may change, black may not.")
        if len(raw) * 3 / 4 > MASK_BYTES:
            size, most = (f"{count / 2**20:.1f}".removesuffix(".0") for count in (len(raw) * 3 / 4, MASK_BYTES))
            raise BadInput(field, f"has {size} MB, the most is {most}", "Paint a simpler one.")
        content = png_of("png:" + raw.removeprefix("png:").removeprefix("data:image/png;base64,"), field)
        return shared_pool().mask(content, field, asking())
    return shared_pool().mask(uploaded(raw, field), field, asking())


def _points(raw: Any) -> Any:
    """The page's rows without the empty ones, or what a client sent."""
    if raw is None:
        return []
    rows = raw.get("points", []) if isinstance(raw, Mapping) else raw
    if not isinstance(rows, list):
        return rows
    return [row for row in rows if not (isinstance(row, list) and all(cell == "" for cell in row))]
