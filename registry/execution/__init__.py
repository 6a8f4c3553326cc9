"""Running an edit: executors, jobs, slices, stops, plans of several runs, recipes, replays."""

from registry.execution.accounts import RunAccount, going_on, stop_all, tell_accounts
from registry.execution.chosen import executor, new_stop, use_executor
from registry.execution.context import Context
from registry.execution.contract_checks import written_into
from registry.execution.executor import Executor
from registry.execution.follow import Follower
from registry.execution.job import Event, Failure, Job, Outcome
from registry.execution.left import NOT_KEPT
from registry.execution.local import ThisProcess
from registry.execution.on_ray import OnRay, ray_executor
from registry.execution.plan import Halt, PlannedRun, RunState, run_plan
from registry.execution.preload import preload
from registry.execution.ray_cluster import gpus_of, joined
from registry.execution.recipe import installed_version
from registry.execution.replay import Remade, as_recorded, recorded_run, recorded_values, replay, same_editor
from registry.execution.run import finish, run
from registry.execution.stop import Stop, StopSignal, add_stop_form, stop_of
from registry.execution.transparency import FACT, SCALED
from registry.execution.turns import NOBODY, Turn, Visitor
from registry.execution.watch import watched
from registry.execution.work import work
from registry.execution.zero_gpu import ZeroGpu

__all__ = [
    "Context",
    "Event",
    "Executor",
    "FACT",
    "Failure",
    "Follower",
    "Halt",
    "Job",
    "NOBODY",
    "NOT_KEPT",
    "OnRay",
    "Outcome",
    "PlannedRun",
    "RunAccount",
    "Remade",
    "RunState",
    "SCALED",
    "Stop",
    "StopSignal",
    "ThisProcess",
    "Turn",
    "Visitor",
    "ZeroGpu",
    "add_stop_form",
    "as_recorded",
    "executor",
    "finish",
    "gpus_of",
    "installed_version",
    "going_on",
    "joined",
    "new_stop",
    "preload",
    "ray_executor",
    "recorded_run",
    "recorded_values",
    "replay",
    "run",
    "run_plan",
    "same_editor",
    "stop_all",
    "stop_of",
    "tell_accounts",
    "use_executor",
    "watched",
    "work",
    "written_into",
]
