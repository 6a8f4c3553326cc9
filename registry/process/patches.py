"""Functions of Python, Pillow, NumPy, torch and Facet that a plugin has put its own in the place of."""

from __future__ import annotations

import builtins
import io
import json
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional
from PIL import Image, ImageOps

_WATCHED: tuple[Any, ...] = (
    *(builtins, os, io, json, tempfile, time, pathlib.Path, np, np.random),
    *(Image, Image.Image, ImageOps, torch, torch.Tensor, torch.nn.Module, torch.nn.functional),
)
_OWN = ("registry.", "nets.", "metrics.")

Found = Mapping[Any, Mapping[str, Any]]
"""Module or class → name → what has that name; only functions count."""


class _Memory:
    """What the last look found, in a place that makes no namespace another one.

    Attributes:
        found: the copies that `patches` gave out.
        modules: how many modules there were, and the newest.
        own: Facet's own among them.
    """

    found: dict[Any, dict[str, Any]] = {}
    modules: tuple[int, str] = 0, ""
    own: list[Any] = []


def patches() -> Found:
    """What there is now: copies of whole namespaces, since to sort out functions would take longer than most looks.

    A namespace in which nothing has changed since the last time comes as the same copy, which is told much sooner than
    another one is made.
    """
    known = _Memory.found
    _Memory.found = {home: _copied(vars(home), known.get(home)) for home in (*_WATCHED, *_own_modules())}
    return _Memory.found


def _own_modules() -> list[Any]:
    """Facet's own modules; looked for again when there are more or fewer modules, or the newest is another."""
    names = list(sys.modules)
    if _Memory.modules != (len(names), names[-1]):
        found = [sys.modules.get(name) for name in names if name.startswith(_OWN)]
        _Memory.own = [module for module in found if module is not None]
        _Memory.modules = len(names), names[-1]
    return _Memory.own


def _copied(now: Mapping[str, Any], known: dict[str, Any] | None) -> dict[str, Any]:
    return known if known is not None and _the_same(known, now) else dict(now)


def patched(before: Found, now: Found) -> str:
    """Names of the functions that were there before and are others now; what came new is no patch."""
    names = [f"{_name(home)}.{name}" for home, name, _ in _changed(before, now)]
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")


def unpatch(before: Found) -> None:
    """Put the functions back that were there."""
    for home, name, function in _changed(before, patches()):
        setattr(home, name, function)


def _changed(before: Found, now: Found) -> list[tuple[Any, str, Any]]:
    found = []
    for home, names in before.items():
        present = now.get(home)
        if present is None or present is names or _the_same(names, present):
            continue
        other = [(name, each) for name, each in names.items() if present.get(name) is not each and callable(each)]
        found += [(home, name, each) for name, each in other if _foreign(home, _function(present.get(name)))]
    return found


def _the_same(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the same things have the same names; nearly always so, and told in no time.

    Python compares what is not the very same by value, too: only what says that it is equal to another passes for it.
    """
    try:
        return before is now or before == now
    except Exception:  # an array was replaced by another, and does not say whether it is equal
        return False


def _function(thing: Any) -> Any:
    return thing if callable(thing) else None


def _foreign(home: Any, now: Any) -> bool:
    """Whether somebody else's function has come in; torch replaces some of its own when it is first compiled."""
    return _package(now) != _package(home)


def _package(thing: Any) -> str:
    if isinstance(thing, type) or not hasattr(thing, "__name__") or hasattr(thing, "__module__"):
        return str(getattr(thing, "__module__", None) or "").partition(".")[0]
    return str(thing.__name__).partition(".")[0]  # a module


def _name(home: Any) -> str:
    return str(home.__name__) if not isinstance(home, type) else f"{home.__module__}.{home.__qualname__}"
