"""Running an edit: jobs, slices, the device, stops, recipes, replays."""

from registry.execution.blame import written_into
from registry.execution.context import Context
from registry.execution.left import NOT_KEPT
from registry.execution.preload import preload
from registry.execution.replay import replay
from registry.execution.run import finish, run
from registry.execution.stop import Stop
from registry.execution.transparency import FACT
from registry.execution.turns import NOBODY, Visitor

__all__ = [
    "Context",
    "FACT",
    "NOBODY",
    "NOT_KEPT",
    "Stop",
    "Visitor",
    "finish",
    "preload",
    "replay",
    "run",
    "written_into",
]
