"""Running and replaying editors from a program: what the surfaces themselves use."""

from registry.execution import Stop, finish, replay, run
from registry.film import FilmFile
from registry.plugins import API_VERSION, EditorSpec, Input, PluginRow, Preview, Registry, Result, load_registry

__all__ = [
    "API_VERSION",
    "EditorSpec",
    "FilmFile",
    "Input",
    "PluginRow",
    "Preview",
    "Registry",
    "Result",
    "Stop",
    "finish",
    "load_registry",
    "replay",
    "run",
]
