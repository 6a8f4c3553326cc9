"""Running and replaying editors from a program: what the surfaces themselves use."""

from registry.device import is_out_of_memory
from registry.errors import BadSpec, EditorFailed, LicenceNeeded, OutOfMemory, Stopped
from registry.execution import Executor, Stop, StopSignal, finish, new_stop, replay, run, use_executor
from registry.film import FilmFile
from registry.plugins import API_VERSION, EditorSpec, Input, PluginRow, Preview, Registry, Result, load_registry
from registry.saved import film_bytes, read_lineage, subject_png

__all__ = [
    "API_VERSION",
    "BadSpec",
    "EditorFailed",
    "EditorSpec",
    "Executor",
    "FilmFile",
    "Input",
    "LicenceNeeded",
    "OutOfMemory",
    "PluginRow",
    "Preview",
    "Registry",
    "Result",
    "Stop",
    "StopSignal",
    "Stopped",
    "film_bytes",
    "finish",
    "is_out_of_memory",
    "load_registry",
    "new_stop",
    "read_lineage",
    "replay",
    "run",
    "subject_png",
    "use_executor",
]
