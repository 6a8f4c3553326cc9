"""What a listener answers with: views for the stage, the subject bar, the history strip and the download button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from surfaces.page import photograph
from surfaces.page.saved import download, film_file
from surfaces.page.session import Session
from surfaces.page.views import Positions, bar_view, stage_view, strip_view

Views = tuple[Any, Any, Any, Any]
"""For the stage, the subject bar, the history strip and the download button."""


def only_stage(view: Mapping[str, Any]) -> Views:
    """A change that only the stage shows."""
    return dict(view), gr.skip(), gr.skip(), gr.skip()


def everything(session: Session, note: str = "", reached: Positions | None = None) -> Views:
    """All of the page that depends on the session; `reached`: where the run that has just ended took its points."""
    note = photograph.ready(session) or note
    return (
        stage_view(session, note, reached, film=film_file(session)),
        bar_view(session),
        strip_view(session),
        download(session),
    )


NOTHING: Views = (gr.skip(), gr.skip(), gr.skip(), gr.skip())
"""No change at all."""
