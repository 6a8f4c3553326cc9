"""Processor time of a page's server and of the browser that a benchmark drives, from Linux's /proc."""

from __future__ import annotations

import os
from pathlib import Path

DRIVER = b"playwright/driver"
"""In the command of the program between a benchmark and its browser: its time is nobody's."""


def spent(server: int) -> tuple[float, float] | None:
    """Seconds of processor that the server's process has used, and the browser's processes; None without /proc.

    The browser's are all that were begun by this process, by way of others, except the server and playwright's driver.
    """
    try:
        ticks = os.sysconf("SC_CLK_TCK")
        rows = {int(each.name): _row(each) for each in Path("/proc").iterdir() if each.name.isdigit()}
    except (OSError, ValueError, AttributeError):
        return None
    found = {id: row for id, row in rows.items() if row is not None}
    ours, grown = {os.getpid()}, 0
    while grown != len(ours):
        grown = len(ours)
        ours |= {id for id, (parent, _, _) in found.items() if parent in ours and id != server}
    browser = [used for id, (_, used, command) in found.items() if id in ours - {os.getpid()} and DRIVER not in command]
    return (found[server][1] / ticks if server in found else 0.0), sum(browser) / ticks


def _row(folder: Path) -> tuple[int, int, bytes] | None:
    """A process's parent, ticks and command; None if it has just ended."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        return int(fields[1]), int(fields[11]) + int(fields[12]), (folder / "cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return None
