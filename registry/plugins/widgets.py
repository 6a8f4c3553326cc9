"""A page widget that a plugin brings for a kind of its own. Gradio-free: the page does the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.errors import BadSpec
from registry.inputs import Kind
from registry.plugins.signature import Input

MOST_BYTES = 200_000
"""Of one script or style sheet: they become part of the page that every visitor loads."""


def _none(entry: Input) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class PageWidget:
    """How the page shows inputs of a kind.

    The script sets one function ``facet.<function>(ctx, options)``, which fills ``ctx.element`` and sets
    ``ctx.props.value`` to JSON with a number ``rev``, then calls ``ctx.trigger("input", {})``; the kind's `received`
    gets that JSON. Text from outside goes in through ``textContent`` only. The page loads nothing from elsewhere.

    Attributes:
        kind: the plugin's own subclass of `Kind`.
        function: the name of the script's function: letters and digits, starting with a lower-case letter.
        script: a file with plain JavaScript.
        style: a file with CSS, or None.
        options: further options for the function, as JSON, from the declared input.
    """

    kind: type[Kind]
    function: str
    script: Path
    style: Path | None = None
    options: Callable[[Input], Mapping[str, Any]] = _none

    def verify(self) -> None:
        """Raise BadSpec for what is wrong."""
        if not (isinstance(self.kind, type) and issubclass(self.kind, Kind)) or self.kind.__module__.startswith(
            "registry."
        ):
            raise BadSpec("a widget must be for a kind of the plugin's own, a subclass of Kind")
        if not re.fullmatch(r"[a-z][A-Za-z0-9]{1,39}", self.function):
            raise BadSpec(f"the widget's function {self.function!r} must be 2 to 40 letters and digits")
        for file in filter(None, (self.script, self.style)):
            if not Path(file).is_file():
                raise BadSpec(f"the widget's file {Path(file).name} is not there; does the package contain it?")
            if Path(file).stat().st_size > MOST_BYTES:
                raise BadSpec(f"the widget's file {Path(file).name} has more than {MOST_BYTES // 1000} KB")
