"""What every part of the page shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from surfaces.page.widgets import Widget


@dataclass(frozen=True)
class PageState:
    """The components that every part of the page shares."""

    session: gr.State
    bar: Widget
    stage: Widget
    strip: Widget
    download: gr.DownloadButton

    @property
    def views(self) -> list[Any]:
        """In the order of `answers.Views`."""
        return [self.stage, self.bar, self.strip, self.download]
