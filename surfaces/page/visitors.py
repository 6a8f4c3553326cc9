"""Who the request that is being answered comes from, for whatever is shared fairly between visitors."""

from __future__ import annotations

from gradio.context import LocalContext

from registry.decoding.turns import Who


def asking() -> Who:
    """The address and the session behind the listener that runs now; both empty outside of one."""
    request = LocalContext.request.get(None)
    if request is None:
        return "", ""
    client = getattr(request, "client", None)
    return str(getattr(client, "host", "") or ""), str(getattr(request, "session_hash", "") or "")
