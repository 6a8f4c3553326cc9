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
from operator import is_
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


def patches() -> Found:
    """What there is now: copies of whole namespaces, since to sort out functions would take longer than most looks."""
    own = [module for name, module in list(sys.modules.items()) if name.startswith(_OWN) and module is not None]
    return {home: vars(home).copy() for home in (*_WATCHED, *own)}


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
        if present is None or _the_same(names, present):
            continue
        other = [(name, each) for name, each in names.items() if present.get(name) is not each and callable(each)]
        found += [(home, name, each) for name, each in other if _foreign(home, _function(present.get(name)))]
    return found


def _the_same(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the very same things have the same names in the same order; nearly always so, and told in no time."""
    return len(before) == len(now) and all(map(is_, before.values(), now.values())) and list(before) == list(now)


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
