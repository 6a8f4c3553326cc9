"""What a listener answers with: views for the stage, the subject bar, the history strip and the download button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from surfaces.page import photograph
from surfaces.page.saved import download, film_file
from surfaces.page.session import Session
from surfaces.page.views import Positions, bar_view, stage_view, strip_view, unfinished_view

Views = tuple[Any, Any, Any, Any]
"""For the stage, the subject bar, the history strip and the download button."""


def only_stage(view: Mapping[str, Any]) -> Views:
    """A change that only the stage shows."""
    return dict(view), gr.skip(), gr.skip(), gr.skip()


def seen(session: Session, note: str = "", reached: Positions | None = None) -> Views:
    """A result at once: the strip then asks for what takes longer, the file to download.

    `reached`: where the run that has just ended took its points.
    """
    stage, bar, _ = _shown(session, note, reached)
    return stage, bar, unfinished_view(session), gr.update(interactive=False)


def everything(session: Session, note: str = "", reached: Positions | None = None) -> Views:
    """All of the page that depends on the session; `reached` as in `seen`."""
    return *_shown(session, note, reached), download(session)


def _shown(session: Session, note: str, reached: Positions | None) -> tuple[Any, Any, Any]:
    note = photograph.ready(session) or note
    stage = stage_view(session, note, reached, film=film_file(session))
    return stage, bar_view(session), strip_view(session)


NOTHING: Views = (gr.skip(), gr.skip(), gr.skip(), gr.skip())
"""No change at all."""
