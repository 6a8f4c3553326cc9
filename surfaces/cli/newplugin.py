"""``facet new-plugin NAME``: a complete project of one editor, which passes its own test at once."""

from __future__ import annotations

import keyword
import re
import shlex
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import registry as registry_package
from facet import BadInput
from facet.app import Registry
from registry.plugins import RESERVED_IDS
from surfaces.cli.parser import Parser
from surfaces.cli.plugin_files import plugin_files
from surfaces.outputs.files import checked_folder, write


def new_plugin_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Write the project's folder into the present one; returns the exit code."""
    parser = Parser("facet new-plugin", description="Write a project with one working editor, to change into yours.")
    parser.add_argument("name", metavar="NAME", help="the editor's id: lower-case letters, digits, underscores")
    parser.add_argument("--force", action="store_true", help="write although an editor has that id already")
    found = parser.parse(arguments)
    name = checked_name(found.name)
    if name in registry.editors and not found.force:
        owner = registry.editors[name].plugin
        raise BadInput("name", f"there is an editor called {name!r} already ({owner})", "Choose another name.")
    folder = Path(f"facet-{name.replace('_', '-')}")
    write_project(folder, name)
    print(f"{folder}: now  cd {folder} && pip install -e . && facet {name} --subject sample:chelsea -o out.png")
    if not _is_installed():
        root = Path(registry_package.__file__).resolve().parents[1]
        print(
            f"First, once: pip install -e {shlex.quote(str(root))}  (Facet is not installed here, only its packages.)"
        )
    return 0


def _is_installed() -> bool:
    """Whether pip knows Facet in this environment; otherwise it would look for it on the package index."""
    try:
        metadata.version("facet-editors")
    except metadata.PackageNotFoundError:
        return False
    return True


def checked_name(name: str) -> str:
    """The id. Raises BadInput if it cannot be one."""
    plain = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", plain) or keyword.iskeyword(plain) or plain in RESERVED_IDS:
        why = (
            f"must be 2 to 40 lower-case letters, digits and underscores, and no word of Python or Facet, not “{name}”"
        )
        raise BadInput("name", why)
    return plain


def write_project(folder: Path, name: str) -> None:
    """Write all files of the project. Raises BadInput if the folder exists."""
    if folder.exists():
        raise BadInput("name", f"{folder} exists already", "Remove it or choose another name.")
    checked_folder(str(folder), "name")
    folder.mkdir(parents=True)
    for path, content in plugin_files(name).items():
        (folder / path).parent.mkdir(exist_ok=True)
        write(folder / path, content.encode())
