"""A folder of results: whose it is, what is finished in it, and what it says of itself at the end.

Beside the results lies ``.facet-batch/``: ``batch.json`` names the chain, and each shard has a lock and a journal with
a line of JSON for each item that is over. The line is added after the file it tells of is whole, so that whatever ends
the process, and however, a file without a line is made again and a file with one is not.
"""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from facet import BadInput, EditorError
from registry.paths import short
from registry.writing import write_whole
from surfaces.batch.chain import Chain
from surfaces.batch.items import Item
from surfaces.outputs.files import write

OLD = 3600  # seconds after which a half-written file is nobody's, where other shards may be writing
COLUMNS = ("name", "state", "out", "seconds", "error")


class Folder:
    """The results of one chain, or of one shard of it. Use it as a context: nobody else works there meanwhile."""

    def __init__(self, path: Path, chain: Chain, shard: str = "", ending: str = ".png") -> None:
        self.path, self.chain, self.ending, self.shard = path, chain, ending, shard
        self._notes = path / ".facet-batch"
        name = shard.replace("/", "of") or "1of1"
        self._journal, self._lock = self._notes / f"{name}.jsonl", FileLock(self._notes / f"{name}.lock", timeout=0)

    def __enter__(self) -> Folder:
        """Take the folder. Raises BadInput if another batch works in it, or if it holds the results of another one."""
        try:
            self._notes.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._claim()
            self._clean()
        except Timeout:
            why = f"another batch writes into {short(str(self.path))}"
            raise BadInput("out", why, "Wait for it, or choose another folder.") from None
        except OSError as problem:
            why = f"nothing can be written into {short(str(self.path))} ({problem.strerror})"
            raise BadInput("out", why, "Choose another folder.") from None
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def out(self, item: Item) -> Path:
        """Where the result of an item goes."""
        return self.path / f"{item.name}{self.ending}"

    def finished(self, items: Sequence[Item]) -> dict[str, dict[str, Any]]:
        """Rows of those items whose result is there, and of a picture that has not changed since, by name."""
        rows, known = self.rows(), {}
        for item in items:
            row = rows.get(item.name)
            same = (
                row and row["state"] == "done" and row["picture"] == picture_now(item) and row["values"] == item.values
            )
            if row and same and all((self.path / name).is_file() for name in row["files"]):
                known[item.name] = row
        return known

    def rows(self) -> dict[str, dict[str, Any]]:
        """The newest row of each item, by name. A line that was cut off is left out."""
        rows = {}
        if self._journal.is_file():
            for line in self._journal.read_bytes().splitlines():
                try:
                    row = json.loads(line)
                except ValueError:  # the process ended as it wrote
                    continue
                if isinstance(row, dict) and isinstance(row.get("name"), str):
                    rows[row["name"]] = row
        return rows

    def note(self, row: Mapping[str, Any]) -> None:
        """Add a row to the journal; it is on the disk when this returns. Raises EditorError if the disk refuses."""
        line = json.dumps(row, allow_nan=False).encode() + b"\n"  # ASCII: a path in an error may be no text
        try:
            with self._journal.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            raise EditorError(f"The batch ended: {problem.strerror or problem}. What is finished stays.") from None

    def report(self, names: Iterable[str]) -> Path:
        """Write batch.csv and batch.json (with the shard in their names), in the order of `names`; the CSV's path."""
        rows, end = self.rows(), self.shard.replace("/", "of")
        chosen = [rows[name] for name in names if name in rows]
        measures = sorted({name for row in chosen for name in row["metrics"]})
        sheet = io.StringIO(newline="")
        writer = csv.DictWriter(sheet, [*COLUMNS, *measures], extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "out": next(iter(row["files"]), ""), **row["metrics"]} for row in chosen)
        stem = f"batch-{end}" if end else "batch"
        whole = {"chain": self.chain.title, "sha256": self.chain.sha256, "items": chosen}
        write(self.path / f"{stem}.json", json.dumps(whole, indent=1, allow_nan=False).encode())
        write(self.path / f"{stem}.csv", sheet.getvalue().encode(errors="backslashreplace"))
        return self.path / f"{stem}.csv"

    def _claim(self) -> None:
        mine = {"chain": self.chain.title, "sha256": self.chain.sha256, "ending": self.ending}
        head = self._notes / "batch.json"
        try:
            theirs = json.loads(head.read_bytes())
        except (FileNotFoundError, ValueError):
            write_whole(head, json.dumps(mine).encode())
            return
        if theirs != mine:
            why = f"holds the results of another batch ({theirs.get('chain')}, other settings)"
            raise BadInput("out", why, "Choose another folder, or delete this one's .facet-batch to begin anew.")

    def _clean(self) -> None:
        """Half-written files of a process that was killed; where other shards may be at work only old ones."""
        for part in self.path.rglob(".facet-*.part"):
            if not self.shard or time.time() - part.stat().st_mtime > OLD:
                part.unlink(missing_ok=True)
        if self._journal.is_file() and self._journal.read_bytes()[-1:] not in (b"", b"\n"):
            with self._journal.open("ab") as file:
                file.write(b"\n")


def picture_now(item: Item) -> list[int]:
    """Size in bytes and time of the last change (ns) of an item's picture; empty where it has none on the disk."""
    try:
        found = os.stat(item.subject) if item.subject and not item.subject.startswith("sample:") else None
    except OSError:  # that it is gone is said when its turn comes
        return []
    return [found.st_size, found.st_mtime_ns] if found else []
