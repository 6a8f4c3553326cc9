"""What every request passes before Gradio sees it, from the outside to the inside."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from starlette.middleware import Middleware

from registry.execution import going_on, installed_version, tell_accounts
from registry.plugins import Registry
from surfaces.doors.callers import Callers
from surfaces.doors.guard import Guard
from surfaces.doors.headers import headers
from surfaces.doors.health import Health
from surfaces.doors.log import Log, LogRequests
from surfaces.doors.named_calls import NamedCalls
from surfaces.page.arguments import IMPORT, arguments, is_needed
from surfaces.page.document import Documents
from surfaces.page.studio import Studio, middleware
from surfaces.page.widgets import scripts
from surfaces.settings import API


def doorway(demo: Studio, registry: Registry, callers: Callers, log: Log | None) -> list[Middleware]:
    """For ``launch(app_kwargs={"middleware": …})``; with a log, edits are written into it from now on, too."""
    guard = Middleware(Guard, callers=callers, headers=headers(os.environ))
    needed = {spec.id: {entry.name: is_needed(entry) for entry in arguments(spec)} for spec in registry}
    needed[IMPORT] = {"file": True}
    inside = [
        guard,
        Middleware(Health, state=state_of(demo, registry)),
        Middleware(NamedCalls, needed=needed),
        *middleware(),
        Middleware(Documents, scripts=scripts(registry.widgets), asks_login=lambda: demo.auth is not None),
    ]
    if log is None:
        return inside
    tell_accounts(log.run)
    log.write("start", facet=installed_version(), api=API, editors=len(registry.editors), process=os.getpid())
    return [Middleware(LogRequests, log=log), *inside]


def state_of(demo: Studio, registry: Registry) -> Callable[[], Mapping[str, Any]]:
    """What ``/healthz`` tells: nothing that a stranger may not know."""

    def state() -> Mapping[str, Any]:
        queue = demo._queue
        return {
            "status": "ending" if getattr(queue, "refusing", "") else "ready",
            "facet": installed_version(),
            "api": API,
            "editors": list(registry.editors),
            "plugins_refused": sum(not row.loaded for row in registry.rows),
            "edits_going_on": going_on(),
            "edits_waiting": len(queue),
        }

    return state
