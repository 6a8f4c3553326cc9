"""Everything the page's server is told that differs from Gradio's defaults, and why. One place; each line is tested.

Nothing here imports Gradio: `prepare` has to run before it is imported.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import shutil
import tempfile
from collections.abc import Mapping, MutableMapping
from importlib import metadata
from pathlib import Path
from typing import Any

from registry.settings import facet_home
from surfaces.gradio_stubs import without_stubs

ROOT = Path(__file__).resolve().parent.parent

API = 1  # of HTTP and MCP; docs/api.md says what changes it
UPLOAD_BYTES = 48 * 2**20  # a 25-megapixel photograph as a PNG; Gradio's default is no limit
FRAMES_PER_SECOND = 15  # a browser draws about that many; a faster editor is shown in steps of it
FRAME_SIDE = 1024  # longest side of a picture on the stage, in pixels; downloads are never scaled
SESSION_BYTES = 192 * 2**20  # pixels one session may keep in its history
SESSION_ENTRIES = 24  # in memory
HISTORY_ENTRIES = 200  # on the disk
SESSIONS = 200  # at a time; each has about 1 MB of the page's state besides its pictures
SESSION_SECONDS = 3600  # how long a session outlives its browser tab

GONE_SECONDS = 10  # an edit that nobody listens for after so long is dropped before it begins
SHARED_DEADLINE = 120  # seconds one run may take where others can reach the page; it then ends with its best so far

QUEUE: Mapping[str, Any] = {
    "max_size": 64,  # then the address with most of them gives one up; on ZeroGPU Gradio would otherwise take 1
    "default_concurrency_limit": 4,
    "api_open": False,  # the default leaves a way round the queue and its limits
}

RUN: Mapping[str, Any] = {  # for every listener that runs an editor; the device lock orders them further
    "concurrency_id": "edit",
    "concurrency_limit": 4,
    "trigger_mode": "once",
}

BATCH: Mapping[str, Any] = {  # a batch takes no place from those who edit one picture; the device serves all in turn
    "concurrency_id": "batch",
    "concurrency_limit": 4,
    "trigger_mode": "once",
}

BLOCKS: Mapping[str, Any] = {
    "analytics_enabled": False,
    "delete_cache": (600, 3600),  # look every 10 minutes, remove files older than an hour
    "fill_width": True,
}


def prepare(environ: MutableMapping[str, str] = os.environ) -> Path | None:
    """Set what Gradio reads from the environment while it is imported. Values the user has set are kept.

    - no analytics, no vibe mode (which would let the page's visitors run code), no type stubs;
    - a folder of our own for uploads and downloads, removed at the end: the default is shared by all Gradio apps.

    Returns that folder, or None where the user has named one.
    """
    environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    environ.pop("GRADIO_VIBE_MODE", None)
    without_stubs()
    if "GRADIO_TEMP_DIR" in environ:
        return None
    environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix=f"facet-files-{os.getpid()}-")
    atexit.register(shutil.rmtree, environ["GRADIO_TEMP_DIR"], ignore_errors=True)
    return Path(environ["GRADIO_TEMP_DIR"])


def share_freed_memory() -> None:
    """Have glibc serve all threads from one pool; does nothing where the C library is another one.

    Runs come in threads of their own, and a pool for each keeps what its last run has freed: over twenty drags in
    a row the page grew by 180 MB, and with one pool by nothing.
    """
    arena_max = -8  # M_ARENA_MAX of malloc.h
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(arena_max, 1)


def launch_settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Arguments for ``demo.launch()``."""
    return {
        "server_name": environ.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if "SPACE_ID" in environ else "127.0.0.1"),
        "server_port": _port(environ),
        "share": False,  # never a public tunnel
        "run_history": False,  # would write visitors' pictures into their browser's storage
        "show_error": False,  # our own sentences reach the visitor; others' tracebacks do not
        "enable_monitoring": False,  # would answer /monitoring under a secret address
        "max_file_size": UPLOAD_BYTES,
        "state_session_capacity": SESSIONS,  # `surfaces.page.session_store` says who goes
        "ssr_mode": False,  # needs Node and leaves a process behind
        "strict_cors": True,
        "allowed_paths": [],
        "blocked_paths": blocked_paths(),
        "footer_links": ["api", "settings"],
        "mcp_server": mcp_fits(),
        "quiet": True,
        "pwa": False,
    }


def blocked_paths() -> list[str]:
    """Folders no visitor ever gets a file of: Facet's own and the user's settings."""
    return [str(ROOT), str(facet_home())]


def mcp_fits() -> bool:
    """Whether the extra ``mcp`` is installed in versions that Gradio's MCP server can work with."""
    try:
        mcp, pydantic = (_version(name) for name in ("mcp", "pydantic"))
    except metadata.PackageNotFoundError:
        return False
    return mcp < (2,) and pydantic <= (2, 12, 5)


def _version(package: str) -> tuple[int, ...]:
    return tuple(int(part) for part in metadata.version(package).split(".")[:3] if part.isdigit())


def _port(environ: Mapping[str, str]) -> int:
    wanted = environ.get("GRADIO_SERVER_PORT") or environ.get("PORT") or "7860"
    if not wanted.isdecimal() or len(wanted) > 5 or int(wanted) > 65535:
        raise SystemExit(f"PORT must be a number from 0 to 65535, not {wanted!r}.")
    return int(wanted)
