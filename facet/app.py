"""Running and replaying editors from a program: what the surfaces themselves use."""

from registry.execution import Executor, Stop, StopSignal, finish, new_stop, replay, run, use_executor
from registry.film import FilmFile
from registry.plugins import API_VERSION, EditorSpec, Input, PluginRow, Preview, Registry, Result, load_registry

__all__ = [
    "API_VERSION",
    "EditorSpec",
    "Executor",
    "FilmFile",
    "Input",
    "PluginRow",
    "Preview",
    "Registry",
    "Result",
    "Stop",
    "StopSignal",
    "finish",
    "load_registry",
    "new_stop",
    "replay",
    "run",
    "use_executor",
]
