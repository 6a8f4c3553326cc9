"""A declared input as a component of the page, and what comes back from it as a value that `EditorSpec.check` judges.

`WIDGETS` is the one table from kinds to components; a plugin adds to it with the hook `register_widgets`. Nothing is
judged here: components are used without Gradio's own preprocessing, so that a wrong value is refused in the same words
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from registry.decoding import shared_pool
from registry.inputs import (
    Choice,
    DirectionNames,
    GeneratorChoice,
    KeptChoice,
    Kind,
    LabelMapInput,
    Labels,
    Mask,
    MaskInput,
    Picture,
    Points,
    Seed,
    Slider,
    Strengths,
    Switch,
    Text,
    WeightsFile,
)
from registry.plugins import REQUIRED, Input, PageWidget
from registry.saved import subject_with_lineage
from registry.subjects import Layers, Subject, collection
from surfaces.page.arguments import is_needed
from surfaces.page.uploads import Upload, uploaded
from surfaces.page.visitors import asking
from surfaces.page.widgets import Widget

Build = Callable[[Input, Any], gr.components.Component]


def control(entry: Input, staged: bool = True) -> gr.components.Component:
    """The component for an input: its kind's, else that of the nearest kind it is derived from, else a line of text.

    `staged`: marks are made on the picture that the stage shows; else points are typed, and masks and maps are files.
    """
    for kind in type(entry.kind).__mro__:
        if not staged and kind in UNSTAGED:
            return UNSTAGED[kind](entry, entry.kind)
        if kind in WIDGETS:
            return WIDGETS[kind](entry, entry.kind)
    return gr.Textbox(label=entry.label, info=entry.kind.doc, value=_default(entry))


def received(entry: Input, raw: Any) -> Any:
    """What a component or an HTTP client sent, as a value for `EditorSpec.check`.

    Raises:
        BadInput: it is not what this kind of input is sent as; a path that was not uploaded is one such case.
    """
    return entry.kind.received(raw, entry.name, UPLOADS)


class PageUploads:
    """Files that visitors hand in: only what was uploaded, decoded in the pool and never in this process."""

    def path(self, raw: Any, field: str) -> str:
        """As `Uploads`."""
        return uploaded(raw, field)

    def picture(self, raw: Any, field: str) -> Subject:
        """As `Uploads`."""
        path = uploaded(raw, field)
        return subject_with_lineage(path, field, shared_pool().picture(path, field, asking().who))

    def layers(self, source: str | bytes, field: str) -> Layers:
        """As `Uploads`."""
        return shared_pool().picture(source, field, asking().who)

    def mask(self, source: str | bytes, field: str) -> Mask:
        """As `Uploads`."""
        return shared_pool().mask(source, field, asking().who)


UPLOADS = PageUploads()


def add_widget(widget: PageWidget) -> None:
    """Show inputs of a plugin's kind with the plugin's own widget; its files become part of the page's head."""
    WIDGETS[widget.kind] = lambda entry, kind: Widget(widget.function, _labelled(entry) | widget.options(entry))


def _labelled(entry: Input) -> dict[str, Any]:
    return {"label": entry.label, "doc": entry.kind.doc}


def _default(entry: Input) -> Any:
    return None if entry.default is REQUIRED else entry.default


def _slider(entry: Input, kind: Slider) -> gr.components.Component:
    step = kind.step or (1 if kind.whole else _fine_step(kind.high - kind.low))
    unit = f" ({kind.unit})" if kind.unit else ""
    value = kind.low if entry.default is REQUIRED else entry.default
    return gr.Slider(kind.low, kind.high, value=value, step=step, label=entry.label + unit, info=kind.doc)


def _fine_step(span: float) -> float:
    return float(f"{span / 200:.0e}")  # about two hundred stops, at a round number


def _choice(entry: Input, kind: Choice) -> gr.components.Component:
    options = [(label, value) for value, label in kind.labels.items()]
    value = options[0][1] if entry.default is REQUIRED else entry.default
    few = len(options) <= 4 and sum(len(label) for label, _ in options) <= 44
    make = gr.Radio if few else gr.Dropdown
    return make(options, value=value, label=entry.label, info=kind.doc)


def _generators(entry: Input, kind: GeneratorChoice) -> gr.components.Component:
    """A list in groups. The page is every visitor's, so that what edits have left comes later, by the page's views."""
    groups = kind.groups(yours=False)
    first = groups[0]["options"][0][0] if entry.default is REQUIRED else entry.default
    return Widget("generators", _labelled(entry) | {"groups": groups, "first": first, "spaces": list(kind.spaces)})


def _kept(entry: Input, kind: KeptChoice) -> gr.components.Component:
    """A list of the words; what edits have left of that kind comes later, by the page's views."""
    first = next(iter(kind.options)) if entry.default is REQUIRED else entry.default
    options = [[value, label, ""] for value, label in kind.options.items()]
    groups = [{"title": "Here", "options": options}]
    return Widget("kept", _labelled(entry) | {"groups": groups, "first": first, "of": kind.of})


def _picker(entry: Input, kind: Picture) -> gr.components.Component:
    shelf = collection(kind.samples) or collection("samples")
    name = kind.samples if collection(kind.samples) else "samples"
    optional = entry.optional or entry.default is not REQUIRED
    coded = kind.needs_latent  # no bundled picture has a code, but what was made in this session may have one
    options = {"name": entry.name, "collection": name, "optional": optional, "coded": coded}
    first = None if optional or coded or not shelf else {"sample": shelf[0].id, "rev": 0}
    return Widget("picker", _labelled(entry) | options, first)


def _point_rows(entry: Input, kind: Points, staged: bool = True) -> gr.components.Component:
    options = {"most": kind.most, "staged": staged and on_stage(entry), "needed": kind.least > 0}
    return Widget("points", _labelled(entry) | options)


def _painted(entry: Input, kind: MaskInput) -> gr.components.Component:
    if not on_stage(entry):
        return _file(entry, kind, file_types=["image"])
    return Widget("paint", _labelled(entry))


def _file(entry: Input, kind: Kind, **how: Any) -> gr.components.Component:
    return Upload(label=f"{entry.label}: {kind.doc}", height=120, **how)


def _names(entry: Input, kind: DirectionNames) -> gr.components.Component:
    """A button for each direction, pressed or not; at first those of the declared default."""
    chosen = list(entry.default) if isinstance(entry.default, (list, tuple)) else []
    return Widget("names", _labelled(entry) | {"start": chosen})


def on_stage(entry: Input) -> bool:
    """Whether an input is marked on the picture that the stage shows."""
    return entry.kind.is_mark and "subject" in entry.kind.depends_on


def _painter(entry: Input, kind: LabelMapInput) -> gr.components.Component:
    options = {
        "palette": kind.palette.describe(),
        "parsed": bool(kind.read_by),
        "size": list(kind.size),
        "first": kind.first,
    }
    how = {"staged": "subject" in kind.depends_on, "needed": is_needed(entry)}
    return Widget("painter", _labelled(entry) | options | how)


WIDGETS: dict[type[Kind], Build] = {
    Slider: _slider,
    Choice: _choice,
    GeneratorChoice: _generators,
    KeptChoice: _kept,
    Seed: lambda entry, kind: gr.Number(label=entry.label, info=kind.doc, value=_default(entry) or 0, precision=0),
    Switch: lambda entry, kind: gr.Checkbox(label=entry.label, info=kind.doc, value=bool(_default(entry))),
    Text: lambda entry, kind: gr.Textbox(label=entry.label, info=kind.doc, value=_default(entry) or ""),
    Picture: _picker,
    Points: _point_rows,
    MaskInput: _painted,
    LabelMapInput: _painter,
    WeightsFile: _file,
    Strengths: lambda entry, kind: Widget("sliders", _labelled(entry)),
    DirectionNames: _names,
    Labels: lambda entry, kind: Widget("labels", _labelled(entry) | {"least": kind.least}),
}
"""Kind → what makes its component."""

UNSTAGED: dict[type[Kind], Build] = {
    Points: lambda entry, kind: _point_rows(entry, kind, staged=False),
    MaskInput: lambda entry, kind: _file(entry, kind, file_types=["image"]),
    LabelMapInput: lambda entry, kind: _file(entry, kind, file_types=["image"]),
}
"""What makes it where there is no stage."""
