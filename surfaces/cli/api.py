"""``facet api``: how a program calls an editor of the page, written from the declarations; and docs/api.md."""

from __future__ import annotations

from collections.abc import Sequence

from facet import BadInput
from facet.app import EditorSpec, Registry
from registry.settings import number
from surfaces.cli.artifact_calls import PROGRAMS, section
from surfaces.cli.calls import FACE, LANGUAGES, URL, File, example_values, is_address
from surfaces.cli.parser import Parser
from surfaces.page.arguments import IMPORT, arguments, default_of, is_file, is_needed
from surfaces.settings import API, UPLOAD_BYTES

WAITING = int(number("WAITING"))

HEAD = f"""# The API: HTTP and MCP

Written by `make docs` from the editors' declarations; a test fails when it is not up to date, and runs the
programs below. Every editor of the page is an endpoint and an MCP tool. `facet api EDITOR` prints calls of any
editor, of a plugin's too, in the four languages; `--as curl` prints one of them as a program.

**Version {API}.** Every answer has the header `X-Facet-API: {API}`, and `/healthz` says it. A program that sends that
header gets that version or, from a Facet that speaks another one, status 400 and a sentence. Within a version
editors, arguments with a default, and names among what was measured are added. What a program relies on (an editor,
an argument, the order of the answers, the meaning of a name) is taken away or changed only with the next version. An
editor's own version, in its recipe, says when its pictures change; no version of the API does.

## A call

Upload the files (`POST /gradio_api/upload`), call the editor by name with a JSON object of its arguments
(`POST /gradio_api/call/v2/EDITOR`), read the events of that call (`GET /gradio_api/call/EDITOR/EVENT`):
`generating` with `done` from 0 to 1 and a note as the third answer, in the end `complete` with the answers, or
`error` with one sentence that names the argument and what to do. Gradio's clients do all that. Closing the
connection ends the run.

The answers of every editor, in this order:

1. **picture**: a PNG with recipe, lineage and latent code in it. Sent back as `subject` it goes on from there.
2. **recipe**: JSON from which `facet replay` makes the picture again.
3. **measured**: JSON. Always `seconds`, `peak_memory_bytes`, `stopped`, and the editor's own numbers; where there are
   any:
   - `further`: further pictures of the run, masks among them (named `mask`, white where True), each with `name`, `file`
     and `recipe`;
   - `text`: what there is to read;
   - `artifacts`: what it leaves for other editors (generators, directions, styles), each with its card and its `file`,
     which `/import_artifact` and `facet yours import` take. On a page with others it is gone after the call, or, where
     the call names a visit, some time after the last call of that: the file is yours to keep;
   - `delta`: a tuned generator's file, where it is too large for the PNG; kept beside the PNG it is found there;
   - `stood_in`: which networks' own weights could not be had.
4. **film**, of editors that make one: MP4, WebM, GIF or WebP with its recipe; null where none was made.

A file is an object with a `url` to fetch it by; Gradio's clients put a local path in its place. MCP tools answer with
two contents: a JPEG of at most 1024 pixels to look at, and a JSON text of `api` and the answers by their names, with
the address of each file in the file's place. Addresses are good for an hour.

A file has up to {UPLOAD_BYTES // 2**20} MB. A caller may have {WAITING} edits waiting; the next is refused with
a sentence. A page with a login wants its cookie (`POST /login` with the form fields `username` and `password`;
`auth=` of Gradio's clients), and has no MCP tools.

## Examples
"""
SENDING = "## Sending in what an edit has left\n"
EDITORS = "## Editors\n"

SHOWN = "colour_transfer"
"""The editor whose calls the page shows in all languages."""


def api_command(registry: Registry, given: Sequence[str]) -> int:
    """Print calls of one editor; returns the exit code."""
    about = "Calls of an editor over HTTP and MCP that work as they stand. docs/api.md says what is answered."
    parser = Parser("facet api", description=about)
    parser.add_argument("editor", help=f"the editor's id, or {IMPORT}")
    parser.add_argument("--as", dest="language", choices=list(LANGUAGES), help="only this language, as a program")
    parser.add_argument("--url", default=URL, metavar="ADDRESS", help=f"of the page (default: {URL})")
    found = parser.parse(given)
    name, url = found.editor.replace("-", "_"), found.url.rstrip("/")
    if not is_address(url):
        raise BadInput("url", "is no address of a page", f"Write it as {URL}.")
    if name == IMPORT:
        return _sending(found.language, url)
    spec = registry.get(name)
    if found.language:
        print(LANGUAGES[found.language][2](spec, url), end="")
    else:
        if any(value == File(FACE) for value in example_values(spec).values()):
            print(f"# {FACE} is a picture with a code: facet latent --seed 3 --gallery 1 -o {FACE}\n")
        print("\n".join(f"# {title}\n\n{write(spec, url)}" for title, _, write in LANGUAGES.values()), end="")
    return 0


def _sending(language: str | None, url: str) -> int:
    """Print programs that send in a file."""
    if language:
        print(PROGRAMS[language][2](url), end="")
    else:
        print("\n".join(f"# {title}\n\n{write(url)}" for title, _, write in PROGRAMS.values()), end="")
    return 0


def api_page(specs: Sequence[EditorSpec]) -> str:
    """docs/api.md."""
    shown = next((spec for spec in specs if spec.id == SHOWN), None)
    examples = [] if shown is None else [_example(shown, name) for name in LANGUAGES]
    return "\n".join([HEAD, *examples, SENDING, section(), EDITORS, *map(_section, specs)]).rstrip() + "\n"


def _example(spec: EditorSpec, language: str) -> str:
    title, code, write = LANGUAGES[language]
    return f"**{title}**\n\n```{code}\n{write(spec, URL)}```\n"


def _section(spec: EditorSpec) -> str:
    film = " The fourth answer is the film." if spec.film else ""
    lines = [f"### `/{spec.id}`", "", f"{spec.title}: {' '.join(spec.doc.splitlines()[0].split())}{film}", ""]
    lines += ["| argument | JSON | default | what it is |", "|---|---|---|---|"]
    for entry in arguments(spec):
        default = "needed" if is_needed(entry) else default_of(entry).removeprefix("Default: ").rstrip(".") or "none"
        what = " ".join(filter(None, (entry.kind.doc, entry.kind.limits())))
        sort = "file" if is_file(entry) else _json_type(entry.kind.schema())
        lines.append(f"| `{entry.name}` | {sort} | {_cell(default)} | {_cell(what)} |")
    return "\n".join([*lines, ""])


def _json_type(schema: dict[str, object]) -> str:
    if schema.get("type") == "array":
        inner = schema.get("items")
        return f"array of {_json_type(inner)}" if isinstance(inner, dict) else "array"
    return str(schema.get("type") or "any")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
