"""What comes from a visitor as a file: only what was uploaded, nothing the server would have to fetch itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import gradio as gr
from gradio.utils import get_upload_folder, is_in_or_equal

from registry.errors import BadInput

_ADDRESSES = ("http://", "https://", "ftp://", "file:", "//")


class Upload(gr.File):
    """A file chooser that takes files only."""

    def get_block_name(self) -> str:
        """It looks like Gradio's own."""
        return "file"


def uploaded(raw: Any, field: str) -> str:
    """The path of a file that a visitor uploaded, from Gradio's file object.

    Raises:
        BadInput: it is no file object, or names a file outside the folder of uploads, or a web address.
    """
    path = raw.get("path") if isinstance(raw, Mapping) else raw
    if isinstance(path, str) and is_address(path):
        raise address_refused(field)
    ours = isinstance(raw, Mapping) and isinstance(path, str) and is_in_or_equal(path, get_upload_folder())
    if not ours or not Path(path).is_file():
        raise BadInput(field, "must be an uploaded file", "Choose a file.")
    return str(path)


def own_upload(address: str) -> str | None:
    """The uploaded file that an address of this server means: MCP clients name uploads so. Nothing is fetched."""
    _, found, path = address.partition("/gradio_api/file=")
    path = unquote(path)
    return path if found and is_in_or_equal(path, get_upload_folder()) and Path(path).is_file() else None


def is_address(text: str) -> bool:
    """Whether a text is an address rather than a file."""
    return text.strip().lower().startswith(_ADDRESSES)


def address_refused(field: str) -> BadInput:
    """The one sentence for all addresses."""
    return BadInput(field, "is a web address", "Save the picture first and choose the file.")
