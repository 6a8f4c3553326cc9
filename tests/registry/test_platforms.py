"""Facet where the system lacks what only some systems have: everything imports, and an edit runs."""

import ast

import pytest

from tests.conftest import ROOT

ELSEWHERE = """
import builtins, importlib, io, os, pkgutil, signal, sys, types
import numpy, torch, PIL.Image, PIL.ImageOps, gradio

OURS = ("registry", "facet", "surfaces", "editors", "nets", "metrics", "app")
MODULES = {"resource", "fcntl", "pwd", "grp", "termios", "tty", "pty", "posix", "syslog", "crypt"}
MISSING = {
    "os": ("fork", "forkpty", "geteuid", "getuid", "getgid", "sysconf", "killpg", "setsid", "getpgid", "nice",
           "statvfs", "sched_getaffinity", "O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW", "mkfifo", "chown", "wait3"),
    "signal": ("SIGKILL", "SIGXCPU", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGQUIT", "alarm", "setitimer", "pthread_kill"),
}
plain, files = builtins.__import__, io.open


def lacking(name):
    whole = sys.modules[name]
    made = types.ModuleType(name)
    made.__dict__.update({key: value for key, value in vars(whole).items() if key not in MISSING[name]})
    return made


poor = {name: lacking(name) for name in MISSING}


def imported(name, globals=None, locals=None, fromlist=(), level=0):
    if str((globals or {}).get("__name__", "")).partition(".")[0] in OURS and not level:
        if name.partition(".")[0] in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name in poor:
            return poor[name]
    return plain(name, globals, locals, fromlist, level)


def opened(file, *rest, **how):
    if str(file).startswith(("/proc/", "/sys/")):
        raise FileNotFoundError(2, "No such file", str(file))
    return files(file, *rest, **how)


builtins.__import__, builtins.open, io.open = imported, opened, opened
count = 0
for room in OURS:
    package = importlib.import_module(room)
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), f"{room}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
            count += 1
from registry.decoding import worker
from registry.device import resident_bytes
from registry.process.habitat import umask
from registry.readers.limits import available_memory
from registry.weights.memory import net_budget_bytes

worker._limit_memory(1), worker._limit_time(0)  # would end this process if it could
assert worker._peak() == 0 and resident_bytes() == 0 and available_memory() is None and net_budget_bytes("cpu") > 1e9
assert isinstance(umask(), int)
from facet.app import finish, load_registry

colour_transfer = load_registry().get("colour_transfer")
result = finish(colour_transfer, {"subject": "sample:chelsea", "style": "sample:astronaut"})
print("imported", count > 250, "made", result.subject.size)
"""


def test_everything_imports_and_an_edit_runs_where_unix_ends(process):
    ran = process("-c", ELSEWHERE, FACET_EDITORS="colour_transfer")
    assert ran.code == 0, ran.err[-2000:]
    assert ran.out.split()[:3] == ["imported", "True", "made"]


@pytest.mark.parametrize("room", ["registry", "facet", "surfaces", "editors", "nets", "metrics"])
def test_text_files_are_read_and_written_as_utf8(room):
    """The default is the system's: on Windows it is a code page, where “→” is three strange letters or an error."""
    found = []
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or "encoding" in {word.arg for word in node.keywords}:
                continue
            name = getattr(node.func, "attr", "")
            opened = getattr(node.func, "id", "") == "open" and not _binary(node)
            if name in ("read_text", "write_text") and not _first_is_a_name(node) or opened:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def _binary(node: ast.Call) -> bool:
    modes = [word.value for word in (*node.args, *(k.value for k in node.keywords)) if isinstance(word, ast.Constant)]
    return any(isinstance(mode, str) and "b" in mode for mode in modes)


def _first_is_a_name(node: ast.Call) -> bool:
    """`read_text(name)` of `importlib.metadata` and the like, which have no encoding."""
    return isinstance(node.func, ast.Attribute) and bool(node.args) and node.func.attr == "read_text"
