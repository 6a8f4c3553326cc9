"""What a tab says of weights that its editor needs and that are not here yet. Gradio-free."""

from __future__ import annotations

import html

from registry.plugins import EditorSpec
from registry.weights import needs


def needed_html(spec: EditorSpec) -> str:
    """One paragraph per net that has to be downloaded; empty where all is here. The run says the same if it cannot."""
    return "".join(f'<p class="ft-doc ft-needs">{html.escape(text)}</p>' for text in needs(spec.nets))
