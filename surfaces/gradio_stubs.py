"""Gradio without what it does for editors of source code: at each import it would parse the source of every component
and write a type stub beside it, which takes a fifth of the time until the page is ready and writes into the
installation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def without_stubs() -> None:
    """Has to be called before Gradio is imported; otherwise nothing changes."""
    if "gradio" not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _no_stub(module: ModuleType) -> None:
    module.create_or_modify_pyi = _nothing  # type: ignore[attr-defined]


def _no_docstring(module: ModuleType) -> None:
    module.EventListener.set_doc = _nothing


def _nothing(*_: Any, **__: Any) -> None:
    """In the place of a function whose result only editors of source code read."""


_CHANGES: dict[str, Callable[[ModuleType], None]] = {
    "gradio.component_meta": _no_stub,
    "gradio.events": _no_docstring,
}


class _Finder(MetaPathFinder):
    """Finds the two modules as Python would, and changes each right after it was imported."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """As Python's; None for every other module."""
        if name not in _CHANGES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = _then(spec.loader, _CHANGES[name])  # type: ignore[method-assign]
        return spec


def _then(loader: Loader, change: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        change(module)

    return exec_module
