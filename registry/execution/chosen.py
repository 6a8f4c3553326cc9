"""Which executor is in force in this process: the one it was told at its start, else the one that suits the machine."""

from __future__ import annotations

import threading

from registry.execution.executor import Executor
from registry.execution.local import ThisProcess
from registry.execution.stop import StopSignal
from registry.execution.zero_gpu import ZeroGpu, on_zero_gpu

_guard = threading.Lock()
_chosen: Executor | None = None


def use_executor(executor: Executor | None) -> Executor | None:
    """Let `executor` run all edits that begin from now on; None lets the machine decide again.

    Returns:
        The one that was in force before, to put it back; None if nobody had asked for any.
    """
    global _chosen
    with _guard:
        before, _chosen = _chosen, executor
    return before


def executor() -> Executor:
    """The executor in force. Where none was chosen this decides: `ZeroGpu` on such a Space, else `ThisProcess`.

    Programs that serve call it first of all: on ZeroGPU `spaces` must be imported before Gradio and CUDA.
    """
    global _chosen
    with _guard:
        if _chosen is None:
            _chosen = ZeroGpu() if on_zero_gpu() else ThisProcess()
        return _chosen


def new_stop() -> StopSignal:
    """A stop for a run of the executor in force."""
    return executor().new_stop()
