"""A page of its own for these tests: one server for all of them, on a free port of this machine, and a browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import PLUGINS, ROOT

HERE = Path(__file__).resolve().parent
BROKEN = ("bad_spec", "misspelt_hook", "missing_dependency", "raises_mid_run", "clashing_id")
STAGE = "(stage => stage ? stage.cloneNode().outerHTML + '\\n' + stage.innerText : '')(document.querySelector('.fs'))"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With a failure comes what the pages showed at that moment, and the end of the server's log."""
    outcome = yield
    report = outcome.get_result()
    open_page = getattr(item, "funcargs", {}).get("open_page")
    if report.when != "call" or not report.failed or open_page is None:
        return
    for page in (page for context in open_page.contexts for page in context.pages):
        report.sections.append((f"the stage of {page.url}", page.evaluate(STAGE)))
    if "server" in item.funcargs:
        report.sections.append(("the server's log", "".join(item.funcargs["server"].log[-20:])))


@dataclass
class Server:
    """A running page."""

    url: str
    home: Path
    log: list[str]
    process: subprocess.Popen[str]


@contextmanager
def serving(home: Path, files: Path, editors: str, *options: str, **settings: str) -> Iterator[Server]:
    """`python app.py serve` in a process of its own, with some editors only; uploads and downloads lie in `files`."""
    told = {name: value for name, value in os.environ.items() if name not in ("FACET_OFFLINE", "HF_HUB_OFFLINE")}
    env = told | {
        "FACET_HOME": str(home),
        "FACET_DEVICE": "cpu",
        "HF_ENDPOINT": "http://127.0.0.1:9",  # a Hub that refuses
        "FACET_EDITORS": editors,
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        "GRADIO_TEMP_DIR": str(files),
        **settings,
    }
    command = [sys.executable, str(ROOT / "app.py"), "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=home, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    log: list[str] = []
    ready = threading.Event()
    address: list[str] = []

    def read() -> None:
        for line in process.stdout:
            log.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                address.append(found[0])
                ready.set()
        ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert ready.wait(120), "the page did not start"
        assert address, "the page did not start:\n" + "".join(log)
        yield Server(address[0], home, log, process)
    finally:
        process.terminate()
        process.wait(20)
        reader.join(5)
        process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """A page with good, slow and broken add-ons."""
    home = tmp_path_factory.mktemp("page-home")
    editors = home / "editors"
    editors.mkdir()
    theirs = (PLUGINS / "spotlight").glob("spotlight.*")
    for file in [PLUGINS / "good_one.py", *theirs, *(HERE / "plugins").glob("*.py")]:
        shutil.copy(file, editors)
    for name in BROKEN:
        shutil.copy(PLUGINS / "broken" / f"{name}.py", editors / f"z_{name}.py")
    good = ("colour_transfer", "good_one", "creeping", "licensed", "pulling", "bouncing", "spotlight", "warp_drag")
    names = ",".join([*good, *(f"z_{name}" for name in BROKEN)])
    with serving(home, tmp_path_factory.mktemp("page-files"), names) as running:
        yield running


@pytest.fixture(scope="session")
def browser(chromium):
    """One Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS, headless=True)
        yield running
        running.close()


@dataclass
class Watch:
    """What must not happen on a page: requests to the world, errors on the console."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def over(self, page) -> None:
        """Listen to one page."""
        page.on("request", lambda request: self._request(request.url))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("pageerror", lambda error: self._error(str(error)))

    def _error(self, said: str) -> None:
        # Gradio ends its streams when a page is left (`close` of its client), and the browser may still report that
        # nobody caught it. Only this one is nothing: any other AbortError is a fault of the page.
        if said.startswith("AbortError: signal is aborted") and re.search(r"\.close \(\S*/assets/index-", said):
            return
        self.errors.append(said)

    def _request(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.outside.append(url)


@pytest.fixture
def open_page(browser, server):
    """Open the page in a browser context of its own: `open_page(width=390, height=844, path="?__theme=dark")`."""
    watch = Watch()
    contexts = []

    def open_one(width: int = 1280, height: int = 860, path: str = "", **how):
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **how)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        watch.over(page)
        page.goto(server.url + path)
        page.wait_for_selector(".fb")
        page.wait_for_selector(".fs")
        return page

    open_one.watch, open_one.contexts = watch, contexts
    yield open_one
    for context in contexts:
        context.close()
    assert watch.outside == []
    assert watch.errors == []
