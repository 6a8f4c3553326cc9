"""Gradio's document without what only clients of the API use, who read it at /config."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, MutableMapping
from typing import Any

API_PARTS = ("api_info", "api_info_as_input", "api_info_as_output", "example_inputs")
"""What the settings say of each component for clients of the API."""

ENDPOINTS = "facet-endpoints"
"""The group of components that are the arguments and answers of calls over HTTP, and nothing that is shown."""

_BEFORE, _BEHIND = b"<script>window.gradio_config = ", b";</script>"
"""What stands around the settings in Gradio's document."""


def slim(page: bytes) -> bytes:
    """The document without what only clients of the API use, who read it at /config. One that looks otherwise stays.

    That is a third of the components, and an eighth of the listeners: the browser looks for each among all others.
    """
    begin = page.find(_BEFORE) + len(_BEFORE)
    end = page.find(_BEHIND, begin)
    if begin < len(_BEFORE) or end < 0:
        return page
    settings = json.loads(page[begin:end])
    if "layout" not in settings:  # it asks for a login
        return page
    hidden = {each["id"] for each in settings["components"] if each["props"].get("elem_id") == ENDPOINTS}
    gone = {id for shown in (settings, *settings["page"].values()) for id in _cut(shown["layout"], hidden)}
    settings["components"] = [each for each in settings["components"] if each["id"] not in gone]
    calls = {each["id"] for each in settings["dependencies"] if _only_on(each, gone)}
    settings["dependencies"] = [each for each in settings["dependencies"] if each["id"] not in calls]
    for shown in settings["page"].values():
        shown["components"] = [id for id in shown["components"] if id not in gone]
        shown["dependencies"] = [id for id in shown["dependencies"] if id not in calls]
    for component in settings["components"]:
        for name in API_PARTS:
            component.pop(name, None)
    return page[:begin] + _inline(settings) + page[end:]


def _only_on(listener: Mapping[str, Any], gone: Collection[int]) -> bool:
    """Whether nothing but components that were taken out sets it off."""
    return bool(listener["targets"]) and all(id in gone for id, _ in listener["targets"])


def _cut(layout: MutableMapping[str, Any], hidden: Collection[int]) -> list[int]:
    """Take these and what is in them out of a layout; gives the ids of all that were taken."""
    children = layout.get("children", [])
    layout["children"] = [child for child in children if child["id"] not in hidden]
    gone = [id for child in children if child["id"] in hidden for id in _ids(child)]
    return gone + [id for child in layout["children"] if child.get("children") for id in _cut(child, hidden)]


def _ids(node: Mapping[str, Any]) -> list[int]:
    return [node["id"], *(id for child in node.get("children", ()) for id in _ids(child))]


def _inline(value: Mapping[str, Any]) -> bytes:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode()
