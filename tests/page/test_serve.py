"""Starting the page: what goes wrong is said in a sentence."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from surfaces.doors import outgoing
from surfaces.doors.disk import clear_left_behind, has_room
from surfaces.page.serve import others_reach
from tests.conftest import ROOT


def test_a_port_that_is_taken(process):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = process("app.py", "serve", "--port", port, FACET_EDITORS="colour_transfer")
    assert ran.code == 1
    assert f"Facet cannot listen on port {port}" in ran.err
    assert "Traceback" not in ran.err


def test_a_port_that_is_no_port(process):
    ran = process("app.py", PORT="eighty")
    assert (ran.code, ran.err.strip()) == (1, "PORT must be a number from 0 to 65535, not 'eighty'.")


def test_on_zero_gpu_spaces_comes_before_gradio(process, tmp_path):
    (tmp_path / "spaces.py").write_text(
        "import sys\nassert 'gradio' not in sys.modules\nprint('spaces first')\nGPU = lambda **_: lambda f: f\n"
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import surfaces.page.serve as s, types\n"
        "sys.modules['surfaces.page.build'] = types.SimpleNamespace(build=lambda *_, **how: sys.exit('built'))\n"
        "s.serve(['--port', '0'])"
    )
    ran = process("-c", code, tmp_path, SPACES_ZERO_GPU="true", FACET_EDITORS="colour_transfer")
    assert ran.out.strip() == "spaces first"
    assert ran.err.strip() == "built"


def serve(process, *options, **env):
    """`facet serve` where it must not come as far as loading an editor."""
    return process("app.py", "serve", *options, FACET_EDITORS="none", **env)


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--port", "99999"], 2, "facet: --port: must be a number from 0 to 65535, not “99999”.\n"),
        (["--port", "-1"], 2, "facet: --port: must be a number from 0 to 65535, not “-1”.\n"),
        (["--port", "many"], 2, "facet: --port: must be a number from 0 to 65535, not “many”.\n"),
        (["--host", "198.51.100.7", "--port", "0"], 1, "that is no address of this machine. Use --host 127.0.0.1,"),
        (["--host", "no such host", "--port", "0"], 1, "that is no address of this machine."),
        (["--auth", "absent"], 1, "--auth: absent cannot be read: No such file or directory.\n"),
        (["--ray", "--workers", "0"], 2, "facet: --workers: must be a whole number from 1 to 256, not “0”.\n"),
        (["--workers", "2"], 1, "facet: --workers goes with --ray.\n"),
        (["--prot", "1"], 2, "facet: unrecognized arguments: --prot 1.\n"),
    ],
)
def test_what_is_wrong_comes_as_one_sentence(process, options, code, sentence):
    ran = serve(process, *options)
    assert (ran.code, ran.err.count("\n")) == (code, 1), ran.err
    assert sentence in ran.err


def test_a_taken_port_is_told_in_the_users_words(process):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = serve(process, "--port", port)
    fix = "it is taken. Choose another one with --port; 0 takes any that is free."
    assert ran.err == f"Facet cannot listen on port {port} of 127.0.0.1: {fix}\n"
    assert "launch" not in ran.err


@contextmanager
def running(tmp_path, *options, **env):
    """A page with one editor: (process, its address)."""
    command = [sys.executable, str(ROOT / "app.py"), "serve", "--port", "0", *options]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "FACET_EDITORS": "colour_transfer", **env}
    told = {"TMPDIR": str(tmp_path), "FACET_HOME": str(tmp_path / "home")}
    settings.pop("GRADIO_TEMP_DIR", None)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    started = subprocess.Popen(command, env=settings | told, cwd=tmp_path, **pipes)
    try:
        lines = []
        for line in started.stdout:
            lines.append(line)
            if found := re.search(r"http://\S+", line) if line.startswith("Facet:") else None:
                yield started, found[0]
                break
        else:
            pytest.fail("the page did not start:\n" + "".join(lines))
    finally:
        if started.poll() is None:
            started.kill()
        started.wait(20)
        started.stdout.close()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("options", "env"),
    [
        pytest.param(["--host", "::1"], {}, marks=pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")),
        (
            [],
            {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"},
        ),
        ([], {"ALL_PROXY": "socks://127.0.0.1:9/", "all_proxy": "socks5://127.0.0.1:9"}),
    ],
)
def test_it_starts_and_ends_clean_wherever_it_runs(tmp_path, options, env):
    """Also with proxies that cannot be reached; SIGTERM leaves nothing of visitors in the temporary folder."""
    with running(tmp_path, *options, **env) as (started, address):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nabc\r\n--x--\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        with opener.open(urllib.request.Request(f"{address}gradio_api/upload", body, headers), timeout=60) as answer:
            assert Path(json.loads(answer.read())[0]).read_bytes() == b"abc"
        assert list(tmp_path.glob("facet-files-*"))
        started.terminate()
        assert started.wait(30) == 143
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []


def test_what_a_killed_page_has_left_goes_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = f"facet-files-{os.getpid()}-abc"
    names = [f"facet-files-{gone.pid}-abc", f"facet-sessions-{gone.pid}-abc", mine, "facet-x-1-y"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").touch()
    clear_left_behind()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[2:])


@pytest.mark.parametrize(
    ("given", "left", "offline", "says"),
    [
        ({}, {}, False, ""),
        ({"HTTPS_PROXY": "http://p:1"}, {"HTTPS_PROXY": "http://p:1"}, False, ""),
        ({"https_proxy": "p:1"}, {"https_proxy": "p:1"}, False, ""),
        ({"ALL_PROXY": "socks5://p:1"}, {}, True, "ALL_PROXY names a SOCKS proxy, which needs the package socksio"),
        ({"all_proxy": "socks://p:1"}, {}, True, "all_proxy is no proxy that can be used"),
        ({"HTTP_PROXY": "http://[", "https_proxy": "http://p:1"}, {"https_proxy": "http://p:1"}, False, ""),
    ],
)
def test_proxies(given, left, offline, says, monkeypatch, capsys):
    monkeypatch.setattr("surfaces.doors.outgoing.find_spec", lambda name: None)
    monkeypatch.setattr("surfaces.doors.outgoing.offline", lambda: False)
    environ = dict(given)
    outgoing.prepare(environ)
    proxies = {name: environ[name] for name in environ if name.lower().endswith("_proxy")}
    assert {name: proxies[name] for name in proxies if name.lower() != "no_proxy"} == left
    assert (environ.get("FACET_OFFLINE") == "1") is offline
    assert (environ.get("no_proxy") == environ.get("NO_PROXY") == "localhost,127.0.0.1,::1") is bool(left)
    told = capsys.readouterr().err
    assert (says in told, told.count("\n")) == (True, 1 if says else 0)


def test_a_no_proxy_of_the_users_own_is_kept():
    environ = {"HTTP_PROXY": "http://p:1", "no_proxy": "inner.example,localhost"}
    outgoing.prepare(environ)
    assert environ["no_proxy"] == environ["NO_PROXY"] == "inner.example,localhost,127.0.0.1,::1"


def test_offline_is_told_to_the_hubs_client(process):
    code = "import app; app.main(['list']); from huggingface_hub import constants; print(constants.HF_HUB_OFFLINE)"
    assert process("-c", code, FACET_OFFLINE="1", FACET_EDITORS="none").out.splitlines()[-1] == "True"
    assert process("-c", code, FACET_EDITORS="none").out.splitlines()[-1] == "False"


def test_the_folder_of_uploads_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setenv("FACET_FILES_MB", "0.01")
    for number in range(3):
        path = tmp_path / str(number) / "a.png"
        path.parent.mkdir()
        path.write_bytes(bytes(3000))
        os.utime(path, (time.time() - 1000 + number,) * 2)
    assert has_room(1000)
    assert len(list(tmp_path.rglob("*.png"))) == 3
    assert has_room(3000), "the oldest went"
    assert sorted(path.parent.name for path in tmp_path.rglob("*.png")) == ["1", "2"]
    for path in tmp_path.rglob("*.png"):
        path.touch()
    assert not has_room(9000), "nobody's fresh file goes"
    assert len(list(tmp_path.rglob("*.png"))) == 2


@pytest.mark.parametrize(
    ("own", "root_path", "env", "reached"),
    [
        (True, None, {}, False),
        (False, None, {}, True),
        (True, "https://example.org/facet", {}, True),
        (True, None, {"GRADIO_ROOT_PATH": "/facet"}, True),
        (True, None, {"SPACE_ID": "me/facet"}, True),
    ],
)
def test_who_can_reach_the_page(own, root_path, env, reached):
    assert others_reach(own, root_path, env) is reached


@pytest.mark.parametrize(("env", "deadline"), [({}, "120"), ({"FACET_DEADLINE_SECONDS": "0"}, "0")])
def test_a_deadline_where_others_can_reach_the_page(process, env, deadline):
    code = (
        "import sys, types, os; import surfaces.page.serve as s\n"
        "def build(*_, **how): print(os.environ.get('FACET_DEADLINE_SECONDS', 'none')); sys.exit(0)\n"
        "sys.modules['surfaces.page.build'] = types.SimpleNamespace(build=build)\n"
        "s.serve(['--port', '0', '--host', '0.0.0.0'])"
    )
    ran = process("-c", code, FACET_EDITORS="colour_transfer", **env)
    assert ran.out.strip() == deadline, ran.err
