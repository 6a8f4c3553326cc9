"""Every network looks at the Stop while it is called, so that no run is deaf for as long as a large picture takes.

Editors look between their steps (`Context.check_stop`). A step may be long: one pass of a network over a photograph
takes seconds on a CPU. So each module of every network looks, too, in the thread of the run, at most twenty times a
second.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from registry.execution.context import Context

_running = threading.local()


@contextmanager
def looking(ctx: Context) -> Iterator[None]:
    """Have the networks that this thread calls raise Stopped when the run of `ctx` is to stop."""
    before = getattr(_running, "ctx", None)
    _running.ctx = ctx
    try:
        yield
    finally:
        _running.ctx = before


def _look(module: Any, inputs: Any) -> None:
    ctx = getattr(_running, "ctx", None)
    if ctx is not None:
        ctx.glance()


torch.nn.modules.module.register_module_forward_pre_hook(_look)
