"""``facet password NAME``: the line that lets a person into a page that was started with ``--auth FILE``."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence

from facet import BadInput
from facet.app import Registry
from surfaces.cli.parser import Parser
from surfaces.doors.login import line


def password_command(registry: Registry, arguments: Sequence[str]) -> int:
    """Ask for a password, or read it from standard input, and print the line; returns the exit code."""
    parser = Parser("facet password", description="Print the line that lets a person into a page with --auth FILE.")
    parser.add_argument("name", metavar="NAME", help="what they type besides the password")
    name = parser.parse(arguments).name
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise BadInput("password", "was not the same both times", "Try again.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    try:
        print(line(name, password))
    except ValueError as problem:
        raise BadInput("password", str(problem)) from None
    return 0
