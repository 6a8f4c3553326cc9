"""What the page shows of a batch. Gradio-free."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from surfaces.batch import Progress
from surfaces.batch.runner import span
from surfaces.batch.work import Row
from surfaces.page.words import plain

CARDS = 120  # of results that the page draws; all of them are in the ZIP
FAILURES = 200


@dataclass
class Shown:
    """What is known of a batch.

    Attributes:
        folder: where its results are; None before it has begun.
        served: whether the page may hand files out of it.
        of: how many pictures.
        progress: the newest.
        working: the picture that is worked on.
        cards: the results, oldest first: name, small picture, address, seconds.
        failures: names, and why.
        files: names of all results' files in the folder.
        error: why it ended early.
        stopped: whether the stop button ended it.
        number: of this batch.
        over: nothing more comes.
        watchers: tabs that show it as it goes on.
        left: when the last of them went, by the monotonic clock.
    """

    folder: Path | None = None
    served: bool = True
    of: int = 0
    progress: Progress | None = None
    working: str = ""
    cards: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    error: str = ""
    stopped: bool = False
    number: int = field(default_factory=itertools.count(1).__next__)
    over: threading.Event = field(default_factory=threading.Event)
    watchers: int = 0
    left: float = field(default_factory=time.monotonic)

    def add(self, row: Row, picture: str, file: Path | None) -> None:
        """Take down that one picture is over; `file`: its result, where the page may serve it."""
        self.files += row["files"]
        if row["state"] == "failed":
            if len(self.failures) < FAILURES:
                self.failures.append({"name": row["name"], "why": plain(row["error"].removeprefix("subject: "))})
        elif len(self.cards) < CARDS:
            address = file.as_posix() if file is not None else ""
            seconds = f"{row['seconds']:.2g} s" if row["seconds"] < 10 else span(row["seconds"])
            self.cards.append({"name": row["name"], "picture": picture, "path": address, "seconds": seconds})


def batch_view(shown: Shown, *, running: bool = False, error: str = "", file: Path | None = None) -> dict[str, Any]:
    """All that the page shows of a batch; `file`: a ZIP that is to be handed out."""
    progress = shown.progress or Progress(shown.of)
    over = progress.before + progress.done
    done = f"{over} of {shown.of} finished" if shown.of else ""
    if progress.failed:
        done += f", {progress.failed} failed"
    if progress.before and shown.of:
        done += f" ({progress.before} were there before)"
    step = progress.now.note if progress.now is not None else ""
    kept = shown.folder is not None and not shown.served
    view = {
        "batch": shown.number,
        "running": running,
        "note": done or ("Reading what was sent…" if running else ""),
        "time": f"about {span(progress.left)} left" if running and progress.left is not None else "",
        "doing": " · ".join(filter(None, (shown.working, step))) if running else "",
        "share": round(progress.share, 4) if shown.of else 0.0,
        "ended": "Stopped. What is finished stays." if shown.stopped and not error and not running else "",
        "error": error,
        "cards": shown.cards,
        "hidden": max(0, progress.done - len(shown.cards)),
        "failures": shown.failures,
        "unsaid": max(0, progress.failed - len(shown.failures)),
        "where": str(shown.folder) if kept else "",
        "zip": bool(shown.files) and shown.served and not running,
    }
    return view | ({"file": _handed(file)} if file is not None else {})


def _handed(file: Path) -> dict[str, str]:
    return {"path": file.as_posix(), "name": file.name, "number": file.parent.name}
