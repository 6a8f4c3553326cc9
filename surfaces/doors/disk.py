"""The folder of uploads and downloads: bounded, and gone at the end, however that comes."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from registry.settings import number

FRESH_SECONDS = 120.0  # nobody's file goes between its upload and its first use


def folder() -> Path:
    """Where Gradio keeps uploads and downloads; `surfaces.settings.prepare` has set it."""
    return Path(os.environ["GRADIO_TEMP_DIR"])


def has_room(size: int) -> bool:
    """Make room for an upload of `size` bytes below ``FACET_FILES_MB`` (4096); False if there is none.

    The files used longest ago go; a download that is asked for again is written again.
    """
    most = number("FILES_MB") * 1e6
    files = [(about.st_mtime, about.st_size, path) for path, about in _files(folder())]
    total = size + sum(row[1] for row in files)
    for changed, bytes_, path in sorted(files):
        if total <= most or time.time() - changed < FRESH_SECONDS:
            break
        path.unlink(missing_ok=True)
        total -= bytes_
    return total <= most


def clear_left_behind() -> None:
    """Delete the folders of pages and workers that were killed: their names say by which process they were made."""
    if os.name == "nt":  # asking about a process there would end it
        return
    for each in Path(tempfile.gettempdir()).glob("facet-*-*-*"):
        made = re.fullmatch(r"facet-(?:files|sessions|ray)-(\d+)-\w+", each.name)
        if made and not _runs(int(made[1])):
            shutil.rmtree(each, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _files(parent: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    for path in parent.rglob("*"):
        try:
            if path.is_file():
                found.append((path, path.stat()))
        except OSError:  # cleared away in this very moment
            continue
    return found
