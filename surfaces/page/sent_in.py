"""The endpoint that takes what an edit has left elsewhere: a generator, a direction or a style, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from registry import artifacts
from registry.errors import EditorError
from surfaces.page.calls import from_owner
from surfaces.page.uploads import uploaded
from surfaces.page.visitors import headers_of
from surfaces.page.visits import HEADER, visit_named

FILE = "The safetensors file that an answer's “artifacts” has, or that “Export” under Yours wrote. Needed."


def import_artifact(file: Any) -> dict[str, Any]:
    """Take a generator, a direction or a style that an edit left elsewhere, to be used by its id in following calls.

    Args:
        file: The safetensors file that an answer's “artifacts” has, or that “Export” under Yours wrote.

    Returns:
        Its card: id, kind, name, generator, facts, licence, attribution, recipe, sha256, bytes.
    """
    try:
        if not from_owner() and not visit_named(headers_of(LocalContext.request.get(None))):
            raise EditorError(
                f"What a guest sends in is kept for their visit only. Name yours in the header {HEADER} of this call"
                " and of those that use it."
            )
        return artifacts.bring_in(Path(uploaded(file, "file"))).describe()
    except EditorError as error:
        raise gr.Error(str(error), print_exception=False) from None
