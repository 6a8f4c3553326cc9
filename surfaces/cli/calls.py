"""Calls of an editor's endpoint and tool that work as they stand: Python, JavaScript, curl, MCP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from facet.app import EditorSpec, Input
from surfaces.cli.examples import is_shown, value_of
from surfaces.page.arguments import arguments, is_file
from surfaces.settings import API

FACE = "face.png"
"""A picture with a latent code."""
URL = "http://127.0.0.1:7860"


@dataclass(frozen=True)
class File:
    """A value of an argument that is a file beside the program."""

    name: str


def example_values(spec: EditorSpec) -> dict[str, Any]:
    """Argument → a value of the right kind, for those without which a call says nothing."""
    return {entry.name: _value(spec, entry) for entry in arguments(spec) if is_shown(spec, entry)}


def _value(spec: EditorSpec, entry: Input) -> Any:
    if is_file(entry):
        with_code = entry.kind.needs_latent or (entry.kind.is_picture and spec.task == "parse")
        names = {"subject": "photo.png"} if entry.kind.is_picture else {}
        return File(FACE if with_code else names.get(entry.name, f"{entry.name}.png"))
    text = value_of(spec, entry, FACE)
    if entry.kind.schema().get("type") == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return spec.trial.get(entry.name, text)


def python(spec: EditorSpec, url: str) -> str:
    """With `gradio_client`."""
    values = example_values(spec)
    files = any(isinstance(value, File) for value in values.values())
    given = "".join(f"    {name}={_python(value)},\n" for name, value in values.items())
    answers = "picture, recipe, measured" + (", film" if spec.film else "")
    return f"""from gradio_client import Client{", handle_file" if files else ""}

client = Client("{url}", headers={{"X-Facet-API": "{API}"}}, verbose=False)
{answers} = client.predict(
{given}    api_name="/{spec.id}",
)
print(picture, measured["seconds"])
"""


def _python(value: Any) -> str:
    return f'handle_file("{value.name}")' if isinstance(value, File) else repr(value)


def javascript(spec: EditorSpec, url: str) -> str:
    """With nothing but `fetch`: Node 18 and newer; in a page, files come from an input instead of the disk."""
    values = example_values(spec)
    files = any(isinstance(value, File) for value in values.values())
    reading = "readFile, writeFile" if files else "writeFile"
    uploading = """
async function uploaded(file) {
  const form = new FormData();
  form.append("files", new Blob([await readFile(file)]), file);
  const [path] = await (await fetch(`${page}/gradio_api/upload`, { method: "POST", body: form })).json();
  return { path, meta: { _type: "gradio.FileData" } };
}
"""
    given = ", ".join(f"{name}: {_javascript(value)}" for name, value in values.items())
    return f"""import {{ {reading} }} from "node:fs/promises";

const page = "{url}";
{uploading if files else ""}
const headers = {{ "Content-Type": "application/json", "X-Facet-API": "{API}" }};
const body = JSON.stringify({{ {given} }});
const asked = await fetch(`${{page}}/gradio_api/call/v2/{spec.id}`, {{ method: "POST", headers, body }});
if (!asked.ok) throw new Error(await asked.text());
const {{ event_id }} = await asked.json();
const events = await (await fetch(`${{page}}/gradio_api/call/{spec.id}/${{event_id}}`)).text();
const [, kind, data] = events.trim().split("\\n\\n").pop().match(/^event: (\\w+)\\ndata: (.*)$/s);
if (kind !== "complete") throw new Error(JSON.parse(data).error);
const [picture, recipe, measured] = JSON.parse(data);
await writeFile("{spec.id}.png", new Uint8Array(await (await fetch(picture.url)).arrayBuffer()));
console.log(measured.seconds);
"""


def _javascript(value: Any) -> str:
    return f'await uploaded("{value.name}")' if isinstance(value, File) else json.dumps(value, ensure_ascii=False)


def curl(spec: EditorSpec, url: str) -> str:
    """With curl and sed."""
    values = example_values(spec)
    lines = [f"page={url}"]
    lines += [
        f"{name}=$(curl -sf -F files=@{value.name} $page/gradio_api/upload | sed 's/^\\[\"//; s/\"\\]$//')"
        for name, value in values.items()
        if isinstance(value, File)
    ]
    body = ", ".join(f'"{name}": {_curl(name, value)}' for name, value in values.items())
    lines += [
        f"event=$(curl -sS --fail-with-body $page/gradio_api/call/v2/{spec.id} \\",
        f"  -H 'Content-Type: application/json' -H 'X-Facet-API: {API}' \\",
        f'  -d \'{{{body}}}\' | sed \'s/.*"event_id": *"\\([^"]*\\)".*/\\1/\')',
        f"curl -sN $page/gradio_api/call/{spec.id}/$event        # events: progress, then “complete” with the answers",
    ]
    return "\n".join(lines) + "\n"


def _curl(name: str, value: Any) -> str:
    if isinstance(value, File):
        return """{"path": "'$""" + name + """'", "meta": {"_type": "gradio.FileData"}}"""
    return json.dumps(value).replace("'", "'\\''")


def mcp(spec: EditorSpec, url: str) -> str:
    """With the package `mcp`, as any client of tools does it: pictures go as data URLs."""
    values = example_values(spec)
    files = any(isinstance(value, File) for value in values.values())
    given = "".join(f'    "{name}": {_mcp(value)},\n' for name, value in values.items())
    sending = """

def picture(file):
    return "data:image/png;base64," + base64.b64encode(Path(file).read_bytes()).decode()

"""
    return f'''import asyncio
import base64
import json
from pathlib import Path

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
{sending if files else ""}
arguments = {{
{given}}}


async def main():
    async with streamable_http_client("{url}/gradio_api/mcp/") as (read, write, _):
        async with ClientSession(read, write) as client:
            await client.initialize()
            answer = await client.call_tool("{spec.id}", arguments)
    if answer.isError:
        raise SystemExit(answer.content[0].text)
    seen, told = answer.content
    Path("seen.jpg").write_bytes(base64.b64decode(seen.data))  # at most 1024 px, to look at
    answers = json.loads(told.text)
    print(answers["picture"], answers["measured"]["seconds"])


asyncio.run(main())
'''


def _mcp(value: Any) -> str:
    return f'picture("{value.name}")' if isinstance(value, File) else repr(value)


LANGUAGES: Mapping[str, tuple[str, str, Callable[[EditorSpec, str], str]]] = {
    "python": ("Python", "python", python),
    "javascript": ("JavaScript", "js", javascript),
    "curl": ("curl", "sh", curl),
    "mcp": ("MCP", "python", mcp),
}
"""Name → title, how Markdown calls its code, and what writes a call."""


def is_address(text: str) -> bool:
    """Whether it can stand for the address of a page in an example."""
    return bool(re.fullmatch(r"https?://[^\s'\"`$\\]+", text))
