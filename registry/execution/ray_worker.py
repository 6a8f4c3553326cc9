"""The far end of `OnRay`: a process of Ray's that keeps its editors and their weights, and runs one job at a time."""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from registry.belongings import Belongings
from registry.device import pick_device, resident_bytes
from registry.errors import EditorFailed, Stopped
from registry.execution.carrying import lying, moved
from registry.execution.job import Event, Failure, Job, Outcome
from registry.execution.preload import preload
from registry.execution.watch import interrupt
from registry.execution.work import work
from registry.plugins import load_registry, register_spec

STORE_BYTES = 4 << 30  # of files that came along; those used longest ago make room


@dataclass(frozen=True)
class Order:
    """One slice on its way to a worker.

    Attributes:
        run: a name, for `RayWorker.stop`.
        job: without its stop and the folder of its belongings.
        replay: whether it is a replay, which keeps nothing.
        files: by their places in a home: a name for the content, and where it is fetched if the worker has not got it.
        version: of the editor, where the page is.
    """

    run: str
    job: Job
    replay: bool
    files: Mapping[str, tuple[str, Any]]
    version: str


@dataclass(frozen=True)
class Said:
    """What a worker sends: an event, how its memory grew in the slice, and with the last one what the run left."""

    event: Event
    memory: int = 0
    left: Mapping[str, bytes] | None = None


class Told:
    """A stop within this process."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def set(self) -> None:
        """Ask for it."""
        self._asked.set()

    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._asked.is_set()

    def clear(self) -> None:
        """Nothing lies anywhere."""

    def plain(self) -> Mapping[str, str]:
        """It is not handed on."""
        return {"form": "here"}


class RayWorker:
    """An actor. `work` runs in one of its threads, `stop` and `interrupt` in others."""

    def __init__(self) -> None:
        self.registry = load_registry()
        for spec in self.registry:
            register_spec(spec)
        self._one = threading.Lock()
        self._stops: dict[str, Told] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._store = Path(tempfile.mkdtemp(prefix=f"facet-ray-{os.getpid()}-"))
        atexit.register(shutil.rmtree, self._store, True)

    def about(self, names: str = "") -> dict[str, Any]:
        """Where it is, its device, and the versions of its editors; loads the nets that `names` names."""
        rows = [row.text for row in preload(self.registry, names, pick_device())] if names else []
        versions = {spec.id: spec.version for spec in self.registry}
        return {"node": platform.node(), "device": pick_device(), "versions": versions, "preloaded": rows}

    def stop(self, run: str) -> None:
        """Ask a run to stop, also one that has not begun yet."""
        self._stops.setdefault(run, Told()).set()

    def interrupt(self, run: str) -> None:
        """Raise Stopped inside a run that does not heed its stop."""
        if (thread := self._threads.get(run)) is not None:
            interrupt(thread)

    def work(self, order: Order) -> Iterator[Said]:
        """Run one slice: what `registry.execution.work.work` gives."""
        stop = self._stops.setdefault(order.run, Told())
        try:
            while not self._one.acquire(timeout=0.1):  # the run before was left, and ends with its step
                if stop.is_set():
                    yield Said(Failure(Stopped("The edit was stopped before it began.")))
                    return
            try:
                yield from self._work(order, stop)
            finally:
                self._one.release()
        finally:
            self._stops.pop(order.run, None)

    def _work(self, order: Order, stop: Told) -> Iterator[Said]:
        found = self.registry.editors.get(order.job.editor)
        if found is None or found.version != order.version:
            here = "does not have it" if found is None else f"has {found.version}"
            text = f"The page has {order.job.editor} {order.version}, and a worker {here}. Install the same everywhere."
            yield Said(Failure(EditorFailed(text)))
            return
        self._threads[order.run], floor = threading.current_thread(), resident_bytes()
        try:
            with self._home(order) as home:
                before = lying(home)
                job = replace(moved(order.job, home), stop=stop, belongings=Belongings(home, order.replay))
                with closing(_closable(work(job))) as events:
                    for event in events:
                        left = _left(home, before) if isinstance(event, Outcome) else None
                        yield Said(event, max(0, resident_bytes() - floor), left)
        finally:
            self._threads.pop(order.run, None)

    @contextmanager
    def _home(self, order: Order) -> Iterator[Path]:
        """A home for one slice, with the files that came along, of which this worker keeps a copy."""
        with tempfile.TemporaryDirectory(prefix="run-", dir=self._store, ignore_cleanup_errors=True) as folder:
            for place, (name, content) in order.files.items():
                kept = self._store / "files" / name
                if not kept.is_file():
                    self._keep(kept, _fetched(content))
                kept.touch()
                target = Path(folder, place)
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(kept, target)
                except OSError:  # another file system
                    shutil.copyfile(kept, target)
            yield Path(folder)

    def _keep(self, file: Path, content: bytes) -> None:
        known = [path for path in (self._store / "files").rglob("*") if path.is_file()]
        left = STORE_BYTES - len(content)
        for each in sorted(known, key=lambda path: path.stat().st_mtime, reverse=True):
            left -= each.stat().st_size
            if left < 0:
                each.unlink(missing_ok=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(content)
        part.replace(file)


def _closable(events: Iterator[Event]) -> Any:
    return events  # `work` is a generator; its annotation says less


def _left(home: Path, before: Mapping[str, Path]) -> dict[str, bytes]:
    """What the run left in its home."""
    return {place: file.read_bytes() for place, file in lying(home).items() if place not in before}


def _fetched(reference: Any) -> bytes:
    import ray

    content: bytes = ray.get(reference)
    return content
