"""Headers of every answer: what the browser may load, and where the page may be shown."""

from __future__ import annotations

from collections.abc import Mapping

from registry.settings import text
from surfaces.settings import API

API_HEADER = "X-Facet-API"
"""Which version of HTTP and MCP answers; a caller that sends it gets that version, or a refusal."""

POLICY: Mapping[str, str] = {
    "default-src": "'self'",
    # Gradio's page holds its settings as an inline script, and its HTML component makes functions out of templates.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}

SPACE_FRAMES = "https://huggingface.co https://*.huggingface.co https://*.hf.space"
"""Who shows a Space in a frame."""


def headers(environ: Mapping[str, str]) -> dict[str, str]:
    """Name → value. ``FACET_FRAME_ANCESTORS`` names the pages that may show this one in a frame; a Space has its own.

    Only the page itself may otherwise.
    """
    frames = text("FRAME_ANCESTORS", environ) or (SPACE_FRAMES if "SPACE_ID" in environ else "")
    allowed = " ".join(["'self'", *(part for part in frames.split() if not set(part) & set(";,\r\n"))])
    policy = {**POLICY, "frame-ancestors": allowed}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        API_HEADER: str(API),
    }
