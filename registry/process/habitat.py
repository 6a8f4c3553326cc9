"""Where a process lives: its environment, folder, umask, and what it does with warnings."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def changed_variables(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Names of the variables that differ, for a sentence."""
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name) and not _libraries(name))
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")


def _libraries(name: str) -> bool:
    """Variables that torch, OpenMP and the Hub's client set for themselves when they are first used."""
    return name.startswith(("TORCHINDUCTOR_", "TRITON_", "KMP_", "HF_HUB_DISABLE_"))


def set_environ(before: Mapping[str, str]) -> None:
    """Make the environment what it was."""
    for name in set(os.environ) - set(before):
        if not _libraries(name):
            del os.environ[name]
    for name, value in before.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def umask() -> int:
    """The umask."""
    with contextlib.suppress(OSError, IndexError, ValueError):  # on Linux it can be read without being set
        return int(Path("/proc/self/status").read_text(encoding="ascii").split("Umask:")[1].split()[0], 8)
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def folder() -> str:
    """The working folder; empty if it was deleted."""
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return ""


def go_to(folder: str) -> None:
    """Make it the working folder, if it is still there."""
    if folder:
        with contextlib.suppress(OSError):
            os.chdir(folder)


def filters() -> tuple[Any, ...]:
    """The filters of warnings."""
    return tuple(warnings.filters)


def blanket(before: tuple[Any, ...], now: tuple[Any, ...]) -> str:
    """New filters that silence, or raise, whatever anybody warns of. A library's filter for its own is none."""
    if before and not now:
        return "all of them gone"
    new = [each for each in now if each not in before and not each[1] and not each[3] and _general(each[2])]
    if new:
        time.sleep(0.02)  # another thread may be within `catch_warnings`, which is over in a moment
        new = [each for each in new if each in warnings.filters]
    return ", ".join(f"{each[0]} {each[2].__name__}" for each in new)


def _general(category: Any) -> bool:
    return getattr(category, "__module__", "") == "builtins"


def set_filters(before: tuple[Any, ...]) -> None:
    """Take the new blanket filters away; bring all back if none is left."""
    now = [each for each in warnings.filters if each in before or each[1] or each[3] or not _general(each[2])]
    warnings.filters[:] = now or list(before)  # type: ignore[index]
    reset = getattr(warnings, "_filters_mutated_lock_held", None) or getattr(warnings, "_filters_mutated", None)
    if reset is not None:
        with contextlib.suppress(RuntimeError):
            reset()
