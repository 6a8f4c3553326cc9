"""Which command was meant, and what its errors look like: one sentence on stderr and an exit code."""

from __future__ import annotations

import io
import os
import platform
import sys
from collections.abc import Callable, Sequence

from facet import BadInput, EditorError
from facet.app import EditorSpec, Registry, Stopped, load_registry
from registry.execution import executor, installed_version
from surfaces.cli.api import api_command
from surfaces.cli.batching import batch_command
from surfaces.cli.checking import check_command
from surfaces.cli.comparing import compare_command
from surfaces.cli.direction import direction_command
from surfaces.cli.docs import docs_command
from surfaces.cli.edit import edit
from surfaces.cli.listing import list_command
from surfaces.cli.newplugin import new_plugin_command
from surfaces.cli.parser import WrongUsage
from surfaces.cli.password import password_command
from surfaces.cli.replaying import replay_command
from surfaces.cli.weights import weights_command
from surfaces.cli.yours import yours_command

OK, FAILED, WRONG, ABORTED = 0, 1, 2, 130

Command = Callable[[Registry, Sequence[str]], int]
COMMANDS: dict[str, tuple[Command, str]] = {
    "list": (list_command, "the editors there are, and plugins that were refused"),
    "batch": (batch_command, "one edit, or the edits of a saved picture, over a folder or a table; resumes"),
    "compare": (compare_command, "the methods of one task side by side, with times and measures"),
    "replay": (replay_command, "make a picture again from the recipe in its file"),
    "weights": (weights_command, "list, fetch, verify and prune the weights of networks"),
    "check": (check_command, "run the conformance rules over editors"),
    "direction": (direction_command, "list, fit and add the directions that sliders move along"),
    "yours": (yours_command, "list, rename, delete, export and import what edits have left: generators, directions"),
    "api": (api_command, "how a program calls an editor of the page: Python, JavaScript, curl, MCP"),
    "docs": (docs_command, "the editors' reference as Markdown"),
    "password": (password_command, "the line that lets a person into a page with a login"),
    "new-plugin": (new_plugin_command, "write the project of an editor of your own"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says (all but ``serve``, which is `app.main`'s); returns the exit code.

    0: done. 1: the edit failed. 2: a value or the command line is wrong. 130: stopped with Ctrl-C.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")  # a terminal or pipe of Windows has not all letters that we write
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except (BadInput, WrongUsage) as problem:
        return _say(problem, WRONG)
    except Stopped as problem:
        return _say(problem, ABORTED)
    except EditorError as problem:
        return _say(problem, FAILED)
    except KeyboardInterrupt:
        return _say("Given up.", ABORTED)
    except BrokenPipeError:  # `facet list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage(load_registry()))
        return OK if arguments else WRONG
    name, *rest = arguments
    if name in ("--version", "version"):
        print(version())
        return OK
    if name.startswith("-"):
        raise WrongUsage(f"{name}: name a command or an editor first; see facet --help.")
    executor()  # decides where edits run, before anything may start CUDA
    registry = load_registry()
    try:
        if name in COMMANDS:
            return COMMANDS[name][0](registry, rest)
        return edit(find(registry, name), rest)
    except SystemExit as end:  # argparse ends so after printing --help
        return int(end.code or 0)


def version() -> str:
    """What ``facet --version`` prints: Facet's own, and what a picture's bytes also depend on."""
    import torch

    return f"Facet {installed_version()} (Python {platform.python_version()}, torch {torch.__version__})"


def find(registry: Registry, name: str) -> EditorSpec:
    """The editor with that id; a refused plugin of that name gives its reason instead."""
    plain = name.replace("-", "_")
    for row in registry.rows:
        if row.name.replace("-", "_") == plain and not row.loaded and plain not in registry.editors:
            raise EditorError(f"The plugin {row.name} ({row.origin}) was refused: {row.reason}.")
    return registry.get(plain)


def usage(registry: Registry) -> str:
    """What ``facet --help`` prints."""
    commands = {"serve": "the page, on 127.0.0.1:7860 (facet serve --help)"}
    commands |= {name: about for name, (_, about) in COMMANDS.items()}
    commands = dict(sorted(commands.items()))
    editors = {spec.id: spec.doc for spec in registry}
    width = max(map(len, [*commands, *editors]))
    lines = ["usage: facet COMMAND … | facet EDITOR … -o OUT", "", "commands"]
    lines += [f"  {name:{width}}  {about}" for name, about in commands.items()]
    lines += ["", "editors"] + [f"  {name:{width}}  {about}" for name, about in editors.items()]
    ends = ["Each of them explains itself with --help. --offline, with any of them, makes no request to the Hub."]
    ends.append("facet --version says which Facet this is.")
    return "\n".join([*lines, "", *ends])


def _say(problem: object, code: int) -> int:
    print(f"facet: {problem}", file=sys.stderr)
    return code
