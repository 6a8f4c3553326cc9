"""Answers of MCP tools: the picture to look at, and one JSON text with the addresses of all files.

Gradio's own answer to a tool with several outputs is the text of a Python tuple.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from registry.subjects import jpeg_bytes, to_pixels
from surfaces.settings import API, FRAME_SIDE

ANSWERS = ("picture", "recipe", "measured", "film")
ARTIFACT = "artifact"
"""The one answer to a file that was sent in."""


def answer_tools(server: Any) -> None:
    """Have Gradio's MCP server (`gradio.mcp.GradioMCPServer`) answer so; None where there is none."""
    if server is None:
        return

    def content(data: Any, root_url: str) -> list[Any]:
        outputs = data[0] if len(data) == 1 and isinstance(data[0], Sequence) else data
        answers = dict(zip(ANSWERS if len(outputs) > 1 else (ARTIFACT,), outputs, strict=False))
        text = json.dumps({"api": API, **_addressed(answers, root_url.rstrip("/"))}, ensure_ascii=False)
        shown = server.types.TextContent(type="text", text=text)
        return [*_images(server, answers.get("picture")), shown]

    server.postprocess_output_data = content


def _images(server: Any, picture: Any) -> list[Any]:
    """A JPEG of at most 1024 px: tools are called by programs that look at pictures at about that size."""
    path = picture.get("path") if isinstance(picture, Mapping) else None
    if not path or not Path(path).is_file():
        return []
    with Image.open(path) as image:
        image.thumbnail((FRAME_SIDE, FRAME_SIDE))
        data = base64.b64encode(jpeg_bytes(to_pixels(image, "picture"))).decode()
    return [server.types.ImageContent(type="image", data=data, mimeType="image/jpeg")]


def _addressed(value: Any, root: str) -> Any:
    """`value` with the address of each file in its place, as the caller reaches this server."""
    if isinstance(value, Mapping):
        if value.get("meta", {}) and value["meta"].get("_type") == "gradio.FileData":
            return f"{root}/gradio_api/file={quote(str(value['path']), safe='/')}"
        return {name: _addressed(each, root) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_addressed(each, root) for each in value]
    return value
