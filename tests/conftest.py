"""What all tests share: a home of their own, the command line in-process and as a process, and a browser's path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = ROOT / "tests" / "plugins"


FIRST = ("tests/pages/", "tests/docs/", "tests/training/", "tests/batch/")
"""Folders of the longest files."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first: processes that share the tests then end at about the same time."""
    items.sort(key=lambda item: next((n for n, each in enumerate(FIRST) if item.nodeid.startswith(each)), len(FIRST)))


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def facet_home(tmp_path_factory, monkeypatch) -> Path:
    """An empty $FACET_HOME, so that what is installed for the user does not change the tests."""
    home = tmp_path_factory.mktemp("facet-home")
    (home / "editors").mkdir()
    monkeypatch.setenv("FACET_HOME", str(home))
    monkeypatch.setenv("FACET_DEVICE", os.environ.get("FACET_DEVICE", "cpu"))
    monkeypatch.delenv("FACET_EDITORS", raising=False)
    for name in ("FACET_OFFLINE", "HF_HUB_OFFLINE"):  # commands set them for their process, which here lives on
        monkeypatch.setenv(name, "0")
        monkeypatch.delenv(name)
    return home


@pytest.fixture
def drop_in(facet_home):
    """Copy plugin files into the home's folder of dropped-in editors: `drop_in("good_one", "broken/slow_import")`."""

    def drop(*names: str) -> None:
        for name in names:
            shutil.copy(PLUGINS / f"{name}.py", facet_home / "editors")

    return drop


@pytest.fixture
def cli(capsys):
    """Run `facet …` in this process."""
    from surfaces.cli import main

    def command(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return command


@pytest.fixture
def process():
    """Run Python in a process of its own that finds this checkout, from any folder."""

    def command(*arguments: object, cwd: Path | None = None, **env: str) -> Ran:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=cwd or ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return command


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium; without one the test is skipped, or fails where FACET_REQUIRE_BROWSER=1."""
    names = (os.environ.get("FACET_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium is installed: browser tests need one (see .ci/browser)"
        if os.environ.get("FACET_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
