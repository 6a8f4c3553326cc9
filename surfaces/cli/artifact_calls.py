"""Programs that send in what an edit has left, and use it in the next call: Python, JavaScript, curl, MCP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from surfaces.cli.calls import URL
from surfaces.page.arguments import IMPORT
from surfaces.page.visits import HEADER
from surfaces.settings import API

FILE = "mine.safetensors"
"""What the programs send: a generator."""


def python(url: str) -> str:
    """With `gradio_client`."""
    return f"""import secrets

from gradio_client import Client, handle_file

headers = {{"X-Facet-API": "{API}", "{HEADER}": secrets.token_urlsafe(32)}}
client = Client("{url}", headers=headers, verbose=False)
mine = client.predict(file=handle_file("{FILE}"), api_name="/{IMPORT}")
picture, recipe, measured = client.predict(model=mine["id"], gallery=1, api_name="/latent")
print(mine["id"], picture)
"""


def javascript(url: str) -> str:
    """With nothing but `fetch`: Node 18 and newer."""
    return f"""import {{ readFile, writeFile }} from "node:fs/promises";

const page = "{url}";
const visit = crypto.randomUUID();
const headers = {{ "Content-Type": "application/json", "X-Facet-API": "{API}", "{HEADER}": visit }};

async function call(name, given) {{
  const how = {{ method: "POST", headers, body: JSON.stringify(given) }};
  const asked = await fetch(`${{page}}/gradio_api/call/v2/${{name}}`, how);
  if (!asked.ok) throw new Error(await asked.text());
  const {{ event_id }} = await asked.json();
  const events = await (await fetch(`${{page}}/gradio_api/call/${{name}}/${{event_id}}`)).text();
  const [, kind, data] = events.trim().split("\\n\\n").pop().match(/^event: (\\w+)\\ndata: (.*)$/s);
  if (kind !== "complete") throw new Error(JSON.parse(data).error);
  return JSON.parse(data);
}}

const form = new FormData();
form.append("files", new Blob([await readFile("{FILE}")]), "{FILE}");
const [path] = await (await fetch(`${{page}}/gradio_api/upload`, {{ method: "POST", body: form }})).json();
const [mine] = await call("{IMPORT}", {{ file: {{ path, meta: {{ _type: "gradio.FileData" }} }} }});
const [picture] = await call("latent", {{ model: mine.id, gallery: 1 }});
await writeFile("mine.png", new Uint8Array(await (await fetch(picture.url)).arrayBuffer()));
console.log(mine.id);
"""


def curl(url: str) -> str:
    """With curl and sed."""
    return f"""page={url}
visit=$(head -c 32 /dev/urandom | base64 | tr -d '\\n=' | tr '+/' '-_')
call() {{  # name, arguments: the last event has the answers
  event=$(curl -sS --fail-with-body $page/gradio_api/call/v2/$1 -d "$2" -H 'Content-Type: application/json' \\
    -H 'X-Facet-API: {API}' -H "{HEADER}: $visit" | sed 's/.*"event_id": *"\\([^"]*\\)".*/\\1/')
  curl -sN $page/gradio_api/call/$1/$event
}}
file=$(curl -sf -F files=@{FILE} $page/gradio_api/upload | sed 's/^\\["//; s/"\\]$//')
mine=$(call {IMPORT} '{{"file": {{"path": "'$file'", "meta": {{"_type": "gradio.FileData"}}}}}}' |
  sed -n 's/.*"id": *"\\(yours:[^"]*\\)".*/\\1/p')
call latent '{{"model": "'$mine'", "gallery": 1}}'
"""


def mcp(url: str) -> str:
    """With the package `mcp`: the file goes as a data URL."""
    return f'''import asyncio
import base64
import json
import secrets
from pathlib import Path

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

headers = {{"X-Facet-API": "{API}", "{HEADER}": secrets.token_urlsafe(32)}}
content = base64.b64encode(Path("{FILE}").read_bytes()).decode()


async def call(client, name, arguments):
    answer = await client.call_tool(name, arguments)
    if answer.isError:
        raise SystemExit(answer.content[0].text)
    return json.loads(answer.content[-1].text)


async def main():
    async with (
        httpx.AsyncClient(headers=headers, timeout=600) as opened,
        streamable_http_client("{url}/gradio_api/mcp/", http_client=opened) as (read, write, _),
        ClientSession(read, write) as client,
    ):
        await client.initialize()
        sent = {{"file": "data:application/octet-stream;base64," + content}}
        mine = (await call(client, "{IMPORT}", sent))["artifact"]
        answers = await call(client, "latent", {{"model": mine["id"], "gallery": 1}})
    print(mine["id"], answers["picture"])


asyncio.run(main())
'''


PROGRAMS: Mapping[str, tuple[str, str, Callable[[str], str]]] = {
    "python": ("Python", "python", python),
    "javascript": ("JavaScript", "js", javascript),
    "curl": ("curl", "sh", curl),
    "mcp": ("MCP", "python", mcp),
}
"""Name → title, how Markdown calls its code, and what writes the program."""


def section() -> str:
    """What docs/api.md says of sending in."""
    programs = "\n".join(f"**{title}**\n\n```{code}\n{write(URL)}```\n" for title, code, write in PROGRAMS.values())
    return f"""### `/{IMPORT}`

Takes what an edit has left elsewhere (a generator, a direction, a style) to be used in following calls, as `facet
yours import` does: one safetensors file, at most as large as any file here, read as a stranger's; what is no such
file, damaged, or too much is refused in a sentence. The answer is its card as JSON: `id`, `kind`, `name`, `generator`,
`facts`, `licence`, `attribution`, `recipe`, `sha256`, `bytes`. A generator or a style is chosen by its `id` (`model`,
`style`); a direction is moved by the name in `facts.direction.name`. MCP's tool answers with one content: a JSON text
of `api` and `artifact`.

**Visits.** What the owner sends in is kept in the home. Everybody else names a visit: the header `{HEADER}` with
32 to 128 letters, digits, `-` or `_`, drawn at random and sent with every call. Whatever is sent in or left by an edit
is there for calls of the same visit only, up to an hour after the last one, within the limits of a session
(docs/yours.md).

{programs}"""
