"""``facet serve``: load the registry, build the page, launch. Everything it sets is in `surfaces.settings`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from registry.settings import listed, number, set_here, text
from surfaces.doors import login
from surfaces.doors.callers import Callers, is_loopback
from surfaces.doors.disk import clear_left_behind
from surfaces.doors.listening import bare, bracketed, checked_port, is_local, port_number, shown
from surfaces.doors.outgoing import anonymous
from surfaces.page.exit import ENDED, end, leave
from surfaces.settings import SHARED_DEADLINE, launch_settings, prepare, share_freed_memory

if TYPE_CHECKING:
    from registry.plugins import Registry

MOST_WORKERS = 256


class Options(argparse.ArgumentParser):
    """The command's options; what is wrong with them comes as one sentence."""

    def error(self, message: str) -> NoReturn:
        """Called by argparse for everything it refuses."""
        self.exit(2, f"facet: {message.removeprefix('argument ')}.\n")


def parser() -> Options:
    """The command's options."""
    made = Options(prog="facet serve", description="Start the page on this machine.")
    made.add_argument("--host", help="address to listen on (default 127.0.0.1; 0.0.0.0 lets other machines in)")
    made.add_argument("--port", type=port_number, help="port (default 7860; 0 takes any free one)")
    made.add_argument("--root-path", metavar="ADDRESS", help="full address under which a proxy shows the page")
    made.add_argument(
        "--name", action="append", default=[], metavar="HOST", help="a host name that the page is called by; repeatable"
    )
    made.add_argument(
        "--ray", nargs="?", const="", metavar="ADDRESS", help="run edits on a Ray cluster, or on one begun here"
    )
    made.add_argument("--workers", type=worker_count, help="with --ray: processes (default: a GPU or 4 cores each)")
    made.add_argument("--auth", metavar="FILE", help="ask for a name and a password; lines of “facet password NAME”")
    return made


def worker_count(text: str) -> int:
    """For argparse: a number of processes."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST_WORKERS}, not “{text[:20]}”")
    return int(text)


def serve(argv: Sequence[str] = ()) -> None:
    """Start the page and wait until it is stopped.

    Raises:
        SystemExit: it cannot be started; one sentence says why.
    """
    from registry.errors import EditorError

    try:
        _serve(argv)
    except EditorError as problem:  # a setting out of the environment, mostly
        raise SystemExit(f"facet: {problem}") from None
    except SystemExit as ending:
        if ending.code == ENDED:
            leave(ENDED)
        raise


def _serve(argv: Sequence[str]) -> None:
    options = parser().parse_args(argv)
    if options.workers is not None and options.ray is None:
        raise SystemExit("facet: --workers goes with --ray.")
    check = _login(options.auth)
    settings = launch_settings()
    host = bare(options.host or settings["server_name"])
    port = checked_port(host, settings["server_port"] if options.port is None else options.port)
    settings |= {"server_name": bracketed(host), "server_port": port, "root_path": options.root_path}
    if check is not None:
        settings |= {"auth": check, "auth_message": "This Facet asks who you are.", "mcp_server": False}
    clear_left_behind()
    number("ENDING_SECONDS")
    files = prepare()
    signal.signal(signal.SIGTERM, end)
    share_freed_memory()
    from registry.belongings import end_visits
    from registry.device import cpu_threads
    from registry.execution import executor
    from registry.plugins import load_registry

    if options.ray is None:
        executor()  # decides where edits run; on ZeroGPU it imports `spaces`, which must come before Gradio and CUDA
    loaded = load_registry()
    if options.ray is None:
        preload_named(loaded)
    behind = options.root_path or os.environ.get("GRADIO_ROOT_PATH")  # a proxy
    callers = callers_of(host, behind, options.name)
    if not callers.local:
        set_here("SHARED", "1", keep=True)  # visitors keep nothing that other visitors would see
    if others_reach(callers.local, behind):
        set_here("DEADLINE_SECONDS", str(SHARED_DEADLINE), keep=True)  # 0, the owner's word for none, counts
        set_here("HISTORY", "0", keep=True)  # strangers' pictures stay in memory unless the owner says otherwise
    try:
        with _workers(options, loaded):
            cpu_threads()  # from now on others ask, too
            _launch(loaded, callers, settings)
    finally:  # at once: a run that goes on in a thread would hold up what is registered with `atexit`
        end_visits()
        if files is not None:
            shutil.rmtree(files, ignore_errors=True)


def callers_of(host: str, root_path: str | None = None, names: Sequence[str] = ()) -> Callers:
    """Who may call a page that listens on `host`, behind a proxy that shows it under `root_path`.

    Where a proxy shows it under a name of the web, nobody is the owner: some proxies leave no trace in what they
    forward.
    """
    public = urlsplit(root_path or "").hostname or ""
    on_space = "SPACE_ID" in os.environ
    local = is_local(host) and not on_space and (not public or is_loopback(public))
    called = (public, host, *names, *listed("NAMES"))
    return Callers(local, frozenset(filter(None, (name.strip().lower() for name in called))), any_name=on_space)


def _launch(loaded: Registry, callers: Callers, settings: dict[str, Any]) -> None:
    from gradio import networking

    from surfaces.doors import log
    from surfaces.page.build import build
    from surfaces.page.document import make_ahead
    from surfaces.page.doorway import doorway
    from surfaces.page.ending import finish
    from surfaces.page.theme import ICON, theme
    from surfaces.page.tools import answer_tools
    from surfaces.page.widgets import head

    anonymous()
    lines = log.opened(text("LOG"), loaded.editors)
    networking.url_ok = lambda url: True  # Gradio gives its own page three seconds, too few on a busy machine
    demo = build(loaded, callers)
    try:
        demo.launch(
            theme=theme(),
            head=ICON + head(loaded.widgets),
            prevent_thread_lock=True,
            app_kwargs={"middleware": doorway(demo, loaded, callers, lines)},
            **settings,
        )
        answer_tools(demo.mcp_server_obj)
        host, port = bare(settings["server_name"]), settings["server_port"]
        make_ahead(bare(shown(host)), port)
        print(f"Facet: {len(loaded.editors)} editors on http://{shown(host)}:{port}/", flush=True)
        try:
            demo.block_thread()
        except SystemExit:  # `end`
            finish(demo, number("ENDING_SECONDS"))
            raise
    except OSError:  # somebody else took the port while the page was built
        checked_port(bare(settings["server_name"]), settings["server_port"])
        raise


@contextmanager
def _workers(options: argparse.Namespace, loaded: Registry) -> Iterator[None]:
    """With ``--ray``: workers on a cluster do the edits meanwhile."""
    if options.ray is None:
        yield
        return
    import torch

    from registry.execution import ray_executor, use_executor

    cores = os.cpu_count() or 1
    count = options.workers or max(1, cores // 4)
    torch.set_num_threads(max(1, cores // count))  # what a run is told, wherever it goes
    with ray_executor(options.ray, count, loaded, text("PRELOAD")) as cluster:
        signal.signal(signal.SIGTERM, end)  # Ray has put its own there
        for note in cluster.workers.notes:
            print(f"Facet: {note}", flush=True)
        print(f"Facet: edits run on {len(cluster.workers.all)} Ray workers", flush=True)
        before = use_executor(cluster)
        try:
            yield
        finally:
            use_executor(before)


def _login(file: str | None) -> login.Check | None:
    if file is None:
        return None
    try:
        return login.checker(login.read(Path(file)))
    except ValueError as problem:
        raise SystemExit(f"--auth: {problem}") from None


def others_reach(own: bool, root_path: str | None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether others than the owner can open the page: by its address (`own`: only here), a proxy, or as a Space."""
    return not own or bool(root_path or environ.get("GRADIO_ROOT_PATH")) or "SPACE_ID" in environ


def preload_named(registry: Registry) -> None:
    """Load the nets that ``FACET_PRELOAD`` names, here on the main thread, and say what became of each."""
    if text("PRELOAD"):
        from registry.execution import preload

        for row in preload(registry):
            print(f"Facet: {row.text}", flush=True)
