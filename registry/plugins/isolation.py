"""Importing a stranger's plugin with a net under it: time, output, threads, exits and misspelt hooks are all caught."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import io
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from registry.errors import BadSpec, Moved
from registry.plugins import hookspecs
from registry.plugins.spec import EditorSpec
from registry.plugins.widgets import PageWidget
from registry.process import import_state
from registry.settings import number


@dataclass(frozen=True)
class Brought:
    """What one plugin brings."""

    editors: list[EditorSpec]
    widgets: list[PageWidget]


Bounded = Callable[[Callable[[], Brought]], tuple[Brought, tuple[str, ...]]]
"""Calls a function that imports a plugin; gives what it brings, and in words what of the process it had changed."""


class Refused(Exception):
    """A plugin cannot be used; the text is the reason, for its row."""


class NoEditor(Refused):
    """It loads, and registers no editor: none was written, or what they need is not in this installation."""


class _TooSlow(BaseException):
    """Raised inside an import that takes too long."""


def load_seconds() -> float:
    """How long importing one plugin may take (``FACET_LOAD_SECONDS``, default 20)."""
    return number("LOAD_SECONDS")


def collect(plugin: Any) -> Brought:
    """What one imported plugin brings, asked in a plugin manager of its own: a failure leaves nothing behind."""
    pm = pluggy.PluginManager(hookspecs.PROJECT)
    pm.add_hookspecs(hookspecs)
    pm.register(plugin)
    pm.check_pending()
    found = [spec for group in pm.hook.register_editors() for spec in group]
    if not found:
        hook = hasattr(plugin, "register_editors")
        write = "write a function register_editors() marked with @hookimpl"
        raise NoEditor(f"it registers no editor: {'register_editors() returned none' if hook else write}")
    for spec in found:
        if not isinstance(spec, EditorSpec):
            raise Refused(f"register_editors() returned {type(spec).__name__} where an @editor is due")
    widgets = [widget for group in pm.hook.register_widgets() for widget in group]
    for widget in widgets:
        if not isinstance(widget, PageWidget):
            raise Refused(f"register_widgets() returned {type(widget).__name__} where a PageWidget is due")
        widget.verify()
    return Brought(found, widgets)


@contextlib.contextmanager
def isolated(name: str) -> Iterator[Bounded]:
    """Turn whatever a plugin does while it loads into `Refused` with a reason."""
    printed = io.StringIO()
    before = set(threading.enumerate())
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield lambda find: _within(load_seconds(), find, name)
    except Refused:
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # SystemExit and worse come from strangers' top-level code
        raise Refused(_reason(problem, printed.getvalue())) from None
    started = [thread.name for thread in set(threading.enumerate()) - before]
    if started:
        raise Refused(
            f"it started a thread while it was imported ({', '.join(sorted(started))}); start it in the handler"
        )


def import_file(file: Path) -> ModuleType:
    """Import one dropped-in file under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"facet_file_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # so that its classes can be pickled and its annotations resolved
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise
    return module


def _within(seconds: float, find: Callable[[], Brought], name: str) -> tuple[Brought, tuple[str, ...]]:
    """Call `find` in a thread, for so long; after that, raise inside it and give up. What it changes is put back."""
    before = import_state()
    changed: list[str] = []
    outcome: list[Brought] = []
    problems: list[BaseException] = []

    def attempt() -> None:
        try:
            outcome.append(find())
        except BaseException as problem:  # carried over to the loading thread
            problems.append(problem)
        finally:
            changed.extend(before.restore())  # here, since torch counts threads for each thread

    thread = threading.Thread(target=attempt, name=f"facet-load-{name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_TooSlow))
        thread.join(2)
        before.restore()
        raise Refused(f"it took longer than {seconds:g} seconds to import: move slow work into the handler")
    if problems:
        raise problems[0]
    return outcome[0], tuple(changed)


def _reason(problem: BaseException, printed: str) -> str:
    if isinstance(problem, ModuleNotFoundError) and problem.name:
        package = problem.name.partition(".")[0]
        return f"it needs the package {package!r}, which is not installed: pip install {package}"
    if isinstance(problem, Moved):
        return f"it was written for an earlier Facet: {problem}"
    if isinstance(problem, BadSpec):
        return f"its declaration is wrong: {problem}"
    if isinstance(problem, pluggy.PluginValidationError):
        what = str(problem).partition(" in plugin ")[0]  # the rest is a path of this machine
        return f"it implements a hook that does not exist: {what}"
    said = " ".join(printed.split())[:160]
    tail = f"; it printed “{said}”" if said else ""
    if isinstance(problem, SystemExit):
        return f"it called exit({problem.code!r}) while it was imported{tail}"
    text = re.sub(r" \([^()]*[/\\][^()]*\)$", "", str(problem))  # where a module lies here is nobody's concern
    return f"it failed to import: {type(problem).__name__}: {text[:300]}{tail}"
