"""The room of what edits have left: listed, renamed, deleted, saved as files, brought in from files."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from registry import artifacts
from registry.artifacts import Kept
from registry.errors import EditorError
from registry.weights import size_text
from surfaces.page.direction_list import generators_view
from surfaces.page.session import Session
from surfaces.page.uploads import uploaded
from surfaces.page.views import data_url
from surfaces.page.widgets import Widget

_AT_ONCE: Mapping[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
_numbers = itertools.count(1)
MOST_FACTS = 6

Answer = tuple[dict[str, Any], dict[str, Any]]
"""For the list, and for the widget that tells all lists of generators."""


def yours_tab(session: gr.State, news: Widget) -> None:
    """The tab, brought up to date each time it is opened. What `news` gets, all lists of generators show."""
    with gr.Tab("Yours", id="yours") as tab:
        table = Widget("yours", value={"rows": []}, elem_id="facet-yours")
    tab.select(lambda session: answer(), [session], [table, news], **_AT_ONCE)
    table.input(handle, [session, table], [table, news], **_AT_ONCE)


def answer(**more: Any) -> Answer:
    """All that whoever asks has kept, and the generators that they may use now."""
    kept = artifacts.own()
    total = f"{len(kept)} kept, {size_text(sum(each.size for each in kept))}" if kept else ""
    return {"rows": [_row(each) for each in kept], "total": total, **more}, generators_view()


def handle(session: Session, request: Any) -> Answer:
    """Do what the list asks for; a refusal is one sentence above the list. The session says whose things they are."""
    asked: Mapping[str, Any] = request if isinstance(request, Mapping) else {}
    try:
        if isinstance(name := asked.get("rename"), str):
            kept = artifacts.rename(artifacts.find(name), str(asked.get("name", ""))[:200])
            return answer(said=f"It is called “{kept.name}” now.")
        if isinstance(name := asked.get("remove"), str):
            artifacts.delete(kept := artifacts.find(name))
            return answer(said=f"“{kept.name}” is deleted.")
        if isinstance(name := asked.get("export"), str):
            return _exported(artifacts.find(name))
        if "bring" in asked:
            kept = artifacts.bring_in(Path(uploaded(asked["bring"], "file")))
            return answer(said=f"“{kept.name}” is here now.")
    except EditorError as problem:
        return answer(error=str(problem))
    return answer()


def _exported(kept: Kept) -> Answer:
    """Written where Gradio can serve it, under an address that only who knows its content can guess."""
    name = artifacts.file_name(kept)
    path = artifacts.export(kept, Path(get_upload_folder()) / kept.sha256 / name)
    return answer(file={"path": path.as_posix(), "name": name, "number": next(_numbers)})


def _row(kept: Kept) -> dict[str, Any]:
    facts = {"of": kept.generator, "licence": kept.licence, "size": size_text(kept.size)}
    if kept.made:
        facts["made"] = datetime.fromtimestamp(kept.made, timezone.utc).strftime("%Y-%m-%d")
    if editor := str(kept.recipe.get("editor", "")):
        facts["by"] = editor.replace("_", " ")
    told = {name.replace("_", " "): value for name, value in kept.facts.items() if isinstance(value, (str, int, float))}
    facts |= {name: text for name, value in list(told.items())[:MOST_FACTS] if (text := _short(name, value))}
    return {
        "id": kept.id,
        "name": kept.name,
        "kind": kept.kind.replace("_", " "),
        "thumb": data_url(kept.thumb) if kept.thumb else "",
        "facts": [[name, text] for name, text in facts.items() if text],
    }


def _short(name: str, value: str | int | float) -> str:
    if "sha256" in name:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:80]
