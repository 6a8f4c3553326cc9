"""Rows of a long benchmark, kept in a file as they come, so that it goes on where it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Kept:
    """Rows by name. `path`: a file of JSON lines, of this run or an earlier one of the same code; None keeps none."""

    def __init__(self, path: Path | None = None) -> None:
        self.path, self.rows = path, dict[str, Any]()
        if path is not None and path.exists():
            self.rows = dict(json.loads(line) for line in path.read_text().splitlines())

    def of(self, name: str, make: Callable[[], Any]) -> Any:
        """The row of that name; it is made where it is not known yet."""
        if name not in self.rows:
            self.rows[name] = make()
            if self.path is not None:
                with self.path.open("a") as file:
                    print(json.dumps([name, self.rows[name]]), file=file, flush=True)
        return self.rows[name]
