"""``facet serve``: load the registry, build the page, launch. Everything it sets is in `surfaces.settings`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from surfaces.settings import SHARED_DEADLINE, launch_settings, prepare, share_freed_memory

if TYPE_CHECKING:
    from registry.loader import Registry


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(prog="facet serve", description="Start the page on this machine.")
    made.add_argument("--host", help="address to listen on (default 127.0.0.1; 0.0.0.0 lets other machines in)")
    made.add_argument("--port", type=int, help="port (default 7860; 0 takes any free one)")
    made.add_argument("--root-path", help="full address under which a proxy shows the page")
    return made


def serve(argv: Sequence[str] = ()) -> None:
    """Start the page and wait until it is stopped."""
    options = parser().parse_args(argv)
    prepare()
    share_freed_memory()
    import registry.dispatch  # noqa: F401 - on ZeroGPU it imports `spaces`, which must come before Gradio and CUDA
    from registry.loader import load_registry

    loaded = load_registry()
    from surfaces.page.build import build
    from surfaces.page.studio import middleware
    from surfaces.page.theme import theme
    from surfaces.page.widgets import head

    settings = launch_settings()
    if options.host:
        settings["server_name"] = options.host
    if options.port is not None:
        settings["server_port"] = options.port or free_port(settings["server_name"])
    preload_named(loaded)
    settings["app_kwargs"] = {"middleware": middleware()}
    own = settings["server_name"] in ("127.0.0.1", "localhost", "::1")  # nobody else's visitors accept for the owner
    if not own:
        os.environ.setdefault("FACET_SHARED", "1")  # visitors keep nothing that other visitors would see
    if others_reach(own, options.root_path):
        os.environ.setdefault("FACET_DEADLINE_SECONDS", str(SHARED_DEADLINE))  # 0, the owner's word for none, counts
    demo = build(loaded, ask_licences=own and "SPACE_ID" not in os.environ)
    try:
        demo.launch(theme=theme(), head=head(), root_path=options.root_path, prevent_thread_lock=True, **settings)
    except OSError as problem:
        raise SystemExit(f"Facet cannot listen on port {settings['server_port']}: {problem}") from None
    shown = "127.0.0.1" if settings["server_name"] == "0.0.0.0" else settings["server_name"]
    print(f"Facet: {len(loaded.editors)} editors on http://{shown}:{settings['server_port']}/", flush=True)
    demo.block_thread()


def others_reach(own: bool, root_path: str | None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether others than the owner can open the page: by its address (`own`: only here), a proxy, or as a Space."""
    return not own or bool(root_path or environ.get("GRADIO_ROOT_PATH")) or "SPACE_ID" in environ


def preload_named(registry: Registry) -> None:
    """Load the nets that ``FACET_PRELOAD`` names, here on the main thread, and say what became of each."""
    if os.environ.get("FACET_PRELOAD"):
        from registry.weights.preload import preload

        for row in preload(registry):
            print(f"Facet: {row.text}", flush=True)


def free_port(host: str) -> int:
    """A port that is free now."""
    import socket

    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
