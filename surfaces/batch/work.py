"""One item of a batch, from a picture to a file and a row: what every process and every machine does."""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facet import EditorError
from facet.app import Preview, Registry, Result, load_registry
from registry.saved import beside
from surfaces.batch.chain import Chain
from surfaces.batch.folder import picture_now
from surfaces.batch.items import Item
from surfaces.outputs.films import save_result, still_beside

Row = dict[str, Any]


class DiskFull(EditorError):
    """Nothing more can be written; going on would fail for every item."""


@dataclass(frozen=True)
class Task:
    """One item, the folder of results, and where in it this one goes."""

    item: Item
    folder: str
    out: str


@dataclass(frozen=True)
class Work:
    """What is done to every item, and how: the same for all, sent to each worker once.

    Attributes:
        chain: the edits.
        threads: CPU threads of each run, 0 for torch's choice.
        device: as `facet.app.run` takes it.
        strict: no weights stand in for others.
    """

    chain: Chain
    threads: int = 0
    device: str = ""
    strict: bool = True

    def do(self, registry: Registry, task: Task) -> Row:
        """Edit one item and write its result. What is wrong with the item is in the row; raises DiskFull."""
        *_, row = self.steps(registry, task)
        assert isinstance(row, dict)
        return row

    def steps(
        self, registry: Registry, task: Task, ended: Callable[[], bool] = lambda: False, **how: Any
    ) -> Iterator[Preview | Result | Row]:
        """As `do`, with previews and the result before the row; nothing more, and nothing written, once `ended`.

        `how`: further arguments of `Chain.steps`.
        """
        began, picture = time.perf_counter(), picture_now(task.item)
        row: Row = {"name": task.item.name, "state": "failed", "error": "", "files": {}, "metrics": {}, "stood_in": []}
        row |= {"picture": picture, "values": dict(task.item.values), "recipes": []}
        how = {"threads": self.threads, "device": self.device, "strict": self.strict, **how}
        try:
            for event in self.chain.steps(registry, task.item, **how):
                if isinstance(event, Result):
                    if ended():
                        return
                    row["files"] = _written(event, Path(task.folder), Path(task.out))
                    row |= {"state": "done", "metrics": dict(event.metrics), "stood_in": list(event.stood_in)}
                    row["recipes"] = [dict(recipe) for recipe in event.subject.lineage]
                yield event
        except EditorError as error:
            if ended():
                return
            if isinstance(error.__context__, OSError) and error.__context__.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(f"The disk is full. {error}") from None
            row["error"] = str(error)
        yield row | {"seconds": round(time.perf_counter() - began, 4)}


def _written(result: Result, folder: Path, out: Path) -> dict[str, str]:
    """The files of a result, from their names in the folder to their sha256."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise EditorError(f"{out.parent.name} could not be made: {problem.strerror}.") from problem
    save_result(result, out)
    there = [path for path in (out, out.with_suffix(".png"), still_beside(out), beside(out)) if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in dict.fromkeys(there)
    }


class Worker:
    """A process's own registry, loaded once; its weights stay warm from item to item."""

    def __init__(self, work: Work, registry: Registry | None = None) -> None:
        """Raises BadInput if this process has not the editors that the batch began with."""
        self.work, self.registry = work, registry or load_registry()
        work.chain.check(self.registry)

    def do(self, task: Task) -> Row:
        """As `Work.do`."""
        return self.work.do(self.registry, task)
