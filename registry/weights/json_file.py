"""Small JSON files that several threads and processes change: whole or not at all, one change after the other."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from registry.errors import WeightsCorrupt, WeightsMissing
from registry.writing import write_whole

_guard = threading.RLock()


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file, or an empty one if there is no file.

    Raises:
        WeightsCorrupt: it holds something else.
        WeightsMissing: it may not be read.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise WeightsMissing(
            f"Facet cannot read its own file {path.name}: {reason}. Mend that, or set FACET_HOME."
        ) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WeightsCorrupt(f"Facet's own file {path.name} is damaged. Delete it; it will be made again.")
    return found


@contextmanager
def changed_json(path: Path) -> Iterator[dict[str, Any]]:
    """Give the object to change in place, and write it when the block ends without an error.

    Raises:
        WeightsCorrupt: the file is damaged.
        WeightsMissing: the folder cannot be written.
    """
    with _guard:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):
                content = read_json(path)
                yield content
                write_whole(path, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())
        except OSError as problem:
            reason = problem.strerror or type(problem).__name__
            raise WeightsMissing(
                f"Facet cannot write {path.name}: {reason}. Free some space, or set FACET_HOME."
            ) from None
