"""argparse with our manners: what is wrong comes as one sentence, without the usage lines, and is raised."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from typing import Any, NoReturn


class WrongUsage(Exception):
    """The command line itself is wrong: an unknown option or command, or something missing. One sentence."""


class Parser(argparse.ArgumentParser):
    """A parser that raises `WrongUsage` where argparse would print its usage and exit."""

    def __init__(self, prog: str, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(prog=prog, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Called by argparse for everything it refuses."""
        raise WrongUsage(f"{message.strip()}.".replace("argument ", "", 1).replace("..", "."))

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse all of `arguments`; an unknown option is refused with the nearest known one."""
        found, rest = self.parse_known_args(arguments)
        if rest:
            strange = rest[0].partition("=")[0]
            near = difflib.get_close_matches(strange, list(self._option_string_actions), 1)
            hint = f"did you mean {near[0]}?" if near else f"see {self.prog} --help."
            raise WrongUsage(f"{strange}: {self.prog} has no such {_sort_of(strange)}; {hint}")
        return found


def text(help_line: str) -> str:
    """A help line as argparse wants it: a percent sign is its mark for a placeholder."""
    return help_line.replace("%", "%%")


def _sort_of(strange: str) -> str:
    return "option" if strange.startswith("-") else "argument"
