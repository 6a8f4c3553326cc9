"""The workers of `OnRay`: begun, asked what they have, lent to one slice at a time, begun anew when they die."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Any

from registry.errors import EditorError, EditorFailed, Stopped
from registry.execution.ray_cluster import gpus_of
from registry.execution.ray_worker import RayWorker
from registry.plugins import Registry

LOST = "The process that worked on it ended without a word, probably for lack of memory. Try it with less."
ANSWER_SECONDS = 180.0  # for a worker to begin: it imports torch and the editors, and loads what is to be warm
_THREADS = 8  # of a worker: one works, the others take stops


class RayWorkers:
    """Some actors. All methods may be called from any thread."""

    def __init__(self, ray: Any, count: int, preload: str = "") -> None:
        """Begin `count` workers, or one for each GPU if the cluster has any; `preload`: nets that they load at once."""
        gpus = gpus_of(ray)
        self.ray, self._preload = ray, preload
        self.device, self.notes = "cpu", list[str]()
        each = {"num_gpus": 1} if gpus else {"num_cpus": 1}
        self._make = ray.remote(max_restarts=-1, max_task_retries=0, max_concurrency=_THREADS, **each)(RayWorker)
        self.all: list[Any] = [self._make.remote() for _ in range(min(count, gpus) if gpus else count)]
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def begin(self, registry: Registry) -> None:
        """Wait until they are there, and send away those that have other editors than `registry`.

        Raises:
            EditorError: none is left; says why.
        """
        ours = {spec.id: spec.version for spec in registry}
        good: list[Any] = []
        why = "none began in time"
        asked = [(worker, worker.about.remote(self._preload)) for worker in self.all]
        for worker, answer in asked:
            try:
                about = self.ray.get(answer, timeout=ANSWER_SECONDS)
            except Exception as problem:  # Ray's own, of many kinds: no room in the cluster, a package that is missing
                why = (str(problem).strip().splitlines() or [type(problem).__name__])[-1][:200]
                self.ray.kill(worker)
                continue
            if wrong := differences(ours, about["versions"]):
                why = f"the worker on {about['node']} was refused: it has {wrong}"
                self.notes.append(f"{why}.")
                self.ray.kill(worker)
                continue
            self.device, good = about["device"], [*good, worker]
            self.notes += about["preloaded"]
        if not good:
            raise EditorError(f"No Ray worker can be used: {why}. Install the same versions on every machine.")
        self.all = good
        for worker in good:
            self._idle.put(worker)

    def lend(self, stopped: Callable[[], bool]) -> Any:
        """One that does nothing. Raises Stopped."""
        while True:
            try:
                return self._idle.get(timeout=0.2)
            except queue.Empty:  # the one whose turn it was is still being ended
                if stopped():
                    raise Stopped("The edit was stopped while it waited for a worker.") from None

    def give_back(self, worker: Any) -> None:
        """It does nothing any more, or soon."""
        self._idle.put(worker)

    def end(self, worker: Any) -> None:
        """End its process; Ray begins it anew."""
        self.ray.kill(worker, no_restart=False)

    def revived(self, worker: Any, stopped: Callable[[], bool]) -> Any:
        """A worker that died, once Ray has begun it anew; another one in its place if that takes too long.

        Raises:
            Stopped: it was to stop meanwhile.
            EditorFailed: there is no room for another one, either.
        """
        for _ in range(2):
            until = time.monotonic() + ANSWER_SECONDS / 3
            while time.monotonic() < until:
                if stopped():
                    raise Stopped("The edit was stopped when its worker had ended.")
                try:
                    self.ray.get(worker.about.remote(), timeout=ANSWER_SECONDS / 3)
                    return worker
                except Exception:  # it is still being begun; Ray has an error of its own for each stage of that
                    time.sleep(0.2)
            self.ray.kill(worker)
            worker = self._make.remote()
        raise EditorFailed(LOST)


def differences(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """What a worker lacks or has in another version, in a few words; empty if it can do all that the page offers."""
    wrong = [
        f"no {name}" if name not in theirs else f"{name} {theirs[name]} (here {version})"
        for name, version in ours.items()
        if theirs.get(name) != version
    ]
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return ", ".join(wrong[:3]) + more
