"""Who comes in and what goes out, at a running page: no request leaves, whatever a visitor names."""

import asyncio
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from surfaces.settings import UPLOAD_BYTES, mcp_fits
from tests.conftest import PLUGINS
from tests.pages.conftest import HERE, serving

TRAP = HERE / "trap"
OUTSIDE = "http://198.51.100.7/a.png"  # an address that nobody has (RFC 5737)
NAMED = "https://pictures.example/a.png"

WHOSE = '''
"""An editor that says whose its run is."""
from facet import Step, Subject, editor, hookimpl
from registry.belongings import belongings

@editor("whose", "Whose", task="dim", gpu_seconds=0)
def whose(ctx, *, subject: Subject):
    """Says whose its run is."""
    yield Step(subject.pixels, 1.0, metrics={"owner": float(belongings() is None)})

@hookimpl
def register_editors():
    """One editor."""
    return [whose]
'''


@pytest.fixture(scope="module", params=["offline", "online"])
def trapped(request, tmp_path_factory):
    """A page whose every connection beyond this machine is written down: (server, the list so far)."""
    home = tmp_path_factory.mktemp("trapped")
    (home / "editors").mkdir()
    for file in (PLUGINS / "good_one.py", HERE / "plugins" / "kinds.py"):
        if file.is_file():
            shutil.copy(file, home / "editors")
    (home / "editors" / "whose.py").write_text(WHOSE)
    log = home / "log"
    settings = {"FACET_TRAP": str(log), "PYTHONPATH": str(TRAP)}
    settings |= {"FACET_OFFLINE": "1"} if request.param == "offline" else {}
    settings |= {"HF_ENDPOINT": "https://hub.example"}
    with serving(
        home, tmp_path_factory.mktemp("files"), "good_one,colour_transfer,attributes,whose", **settings
    ) as running:
        yield running, lambda: log.read_text().splitlines() if log.exists() else []


def ask(url, body=None, method=None, **headers):
    """(status, text) of a request, without following anything."""
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    given = {"Content-Type": "application/json"} if isinstance(body, (dict, list)) else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, given | named, method=method), timeout=60
        ) as done:
            return done.status, done.read().decode(errors="replace")
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode(errors="replace")


def file_data(address):
    return {"path": address, "url": address, "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}


def test_the_trap_catches_what_leaves(tmp_path):
    code = "import socket, sys\ntry: socket.create_connection(('198.51.100.7', 80), 1)\nexcept OSError: pass\n"
    code += "try: socket.getaddrinfo('pictures.example', 80)\nexcept OSError: pass"
    env = {"FACET_TRAP": str(tmp_path / "log"), "PYTHONPATH": str(TRAP)}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    assert (tmp_path / "log").read_text().splitlines() == [
        "socket.getaddrinfo 198.51.100.7",
        "socket.getaddrinfo pictures.example",
    ]


def test_no_route_fetches(trapped):
    server, outside = trapped
    for address in (OUTSIDE, NAMED, OUTSIDE.upper(), OUTSIDE.replace("http:", "")):
        for way in ("file=", "file/", "proxy="):
            for sent in (address, urllib.parse.quote(address, safe="")):
                for method in ("GET", "HEAD"):
                    status, _ = ask(f"{server.url}gradio_api/{way}{sent}", method=method)
                    assert status in (403, 404), (way, sent)
    assert outside() == []


@pytest.mark.parametrize("trapped", ["online"], indirect=True)  # offline it would have even less to fetch with
def test_no_listener_fetches_whatever_input_names_an_address(trapped):
    server, outside = trapped
    config = json.loads(ask(server.url + "config")[1])
    sorts = {entry["id"]: entry["type"] for entry in config["components"]}
    tried = set()
    for number, listener in enumerate(config["dependencies"]):
        for place, sort in enumerate(sorts[each] for each in listener["inputs"]):
            if sort == "state":
                continue
            for forged in (file_data(NAMED), [file_data(OUTSIDE)], {"file": file_data(OUTSIDE), "rev": 1}):
                data = [None] * len(listener["inputs"])
                data[place] = forged
                events = joined(server, listener["id"], data, f"s{number}x{place}")
                assert "is a web address" in events, (sort, forged, events[-300:])
                status, said = ask(f"{server.url}gradio_api/run/predict", _body(listener["id"], data, f"r{number}"))
                assert status >= 400, (sort, forged, said)  # the way of looks, and of all that does not wait
            tried.add(sort)
        assert outside() == []
    assert {"slider", "dropdown", "html", "number"} <= tried


def _body(listener, data, session):
    return {"data": data, "fn_index": listener, "session_hash": session, "trigger_id": None, "event_data": None}


def joined(server, listener, data, session, **headers):
    """All events of a call as the page makes it."""
    status, text = ask(f"{server.url}gradio_api/queue/join", _body(listener, data, session), **headers)
    assert status == 200, text
    request = f"{server.url}gradio_api/queue/data?session_hash={session}"
    seen = []
    with urllib.request.urlopen(request, timeout=60) as stream:
        for line in stream:
            seen.append(line.decode())
            if "process_completed" in seen[-1]:
                break
    return "".join(seen)


def test_no_call_over_http_fetches(trapped):
    server, outside = trapped
    mine = "https://pictures.example/gradio_api/file="  # what an upload here is called, at another server
    for address in (OUTSIDE, NAMED, f"{mine}{server.home}/log", f"{mine}/etc/passwd"):
        for place in range(4):
            data = [None, 0.5, 4, 0]
            data[place] = file_data(address)
            event = json.loads(ask(f"{server.url}gradio_api/call/good_one", {"data": data})[1])["event_id"]
            assert "is a web address" in ask(f"{server.url}gradio_api/call/good_one/{event}")[1]
    assert outside() == []


def test_no_tool_fetches_and_the_first_call_asks_nobody(trapped):
    if not mcp_fits():
        pytest.skip("the extra mcp is not installed")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    server, outside = trapped

    async def work():
        address = f"{server.url}gradio_api/mcp/"
        async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            return [await session.call_tool("good_one", {"subject": address}) for address in (OUTSIDE, NAMED)]

    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(asyncio.run, work()).result()
    assert all(answer.isError for answer in answers)
    assert outside() == []


def test_starting_and_opening_the_page_asks_nobody(trapped):
    server, outside = trapped
    for path in ("", "config", "gradio_api/info", "gradio_api/openapi.json", "theme.css", "manifest.json"):
        assert ask(server.url + path)[0] == 200, path
    assert outside() == []


def test_only_the_owners_runs_keep_things(trapped):
    server, _ = trapped
    kind = "multipart/form-data; boundary=xyz"
    content = (HERE.parent.parent / "assets" / "samples" / "chelsea.webp").read_bytes()
    (path,) = json.loads(ask(f"{server.url}gradio_api/upload", form(content), Content_Type=kind)[1])
    port = urllib.parse.urlsplit(server.url).port
    for headers, owner in (
        ({}, 1.0),
        ({"Host": f"localhost:{port}"}, 1.0),
        ({"X-Forwarded-For": "192.0.2.9"}, 0.0),
        ({"Via": "1.1 proxy"}, 0.0),
        ({"Host": "192.0.2.5"}, 0.0),
    ):
        sent = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}
        event = json.loads(ask(f"{server.url}gradio_api/call/whose", sent, **headers)[1])["event_id"]
        answer = ask(f"{server.url}gradio_api/call/whose/{event}")[1]
        assert f'"owner": {owner}' in answer, (headers, answer[-400:])


def test_a_guest_accepts_no_licence(server):
    config = json.loads(ask(server.url + "config")[1])
    stage = next(each["id"] for each in config["components"] if each["props"].get("elem_id") == "facet-stage")
    accepting = [
        listener
        for listener in config["dependencies"]
        if [stage, "input"] in [list(target) for target in listener["targets"]]
    ]
    assert accepting
    request = {"accept": {"repo": "owner/toy", "licence": "Only for fun"}, "rev": 1}
    for number, header in enumerate(({"X-Forwarded-For": "192.0.2.9"}, {"Forwarded": "for=x"}, {"Host": "192.0.2.5"})):
        said = "".join(joined(server, each["id"], [None, request], f"guest{number}", **header) for each in accepting)
        assert "Only the owner of this machine accepts licences" in said


def test_only_those_who_call_it_by_its_name_come_in(server):
    port = urllib.parse.urlsplit(server.url).port
    for host in (
        f"rebound.example:{port}",
        "rebound.example",
        "127.0.0.1.rebound.example",
        "localhost.rebound.example",
    ):
        status, text = ask(server.url, Host=host)
        assert (status, "--name" in text) == (403, True), host
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "192.0.2.5", f"LOCALHOST:{port}"):
        assert ask(server.url, Host=host)[0] == 200, host


def test_other_pages_cannot_post(server):
    port = urllib.parse.urlsplit(server.url).port
    body = {"data": [None, 0.5, 4, 0]}
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{port + 1}", "http://localhost:3000", "file://"):
        status, text = ask(f"{server.url}gradio_api/call/good_one", body, Origin=origin)
        assert status == 403, origin
        assert text.startswith("Another page sent this request. Open this one by its own address.")
        assert ("--name evil.example" in text) == ("evil" in origin)
    for origin in ({}, {"Origin": server.url.rstrip("/")}):
        assert ask(f"{server.url}gradio_api/call/good_one", body, **origin)[0] == 200


def test_routes_that_the_page_has_no_use_for_are_closed(server):
    for path in ("deep_link?session_hash=x", "vibe-code/", "proxy=https://x.hf.space/", "dev/reload", "stream/x"):
        assert ask(f"{server.url}gradio_api/{path}")[0] == 404, path
    for path in ("process_recording", "vibe-edit", "component_server"):
        assert ask(f"{server.url}gradio_api/{path}", {})[0] == 404, path
    assert ask(f"{server.url}monitoring/summary")[0] == 404


def test_every_answer_has_the_headers(server):
    for path in ("", "theme.css", "gradio_api/info", "gradio_api/file=/etc/passwd", "nothing"):
        try:
            answer = urllib.request.urlopen(server.url + path, timeout=60)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def form(*files):
    parts = [
        b'--xyz\r\nContent-Disposition: form-data; name="files"; filename="%d.png"\r\n\r\n%s\r\n' % (number, content)
        for number, content in enumerate(files)
    ]
    return b"".join([*parts, b"--xyz--\r\n"])


def test_bodies_and_files_are_bounded(server):
    kind = "multipart/form-data; boundary=xyz"
    upload = f"{server.url}gradio_api/upload"
    assert ask(upload, form(*[b"a"] * 8), Content_Type=kind)[0] == 200
    status, text = ask(upload, form(*[b"a"] * 9), Content_Type=kind)
    assert (status, text) == (413, '{"detail":"A request may bring 8 files, and this has more."}')
    half = bytes(UPLOAD_BYTES // 2 + 2**20)
    assert ask(upload, form(half, half), Content_Type=kind)[0] == 413
    for path, most in (("gradio_api/call/good_one", 16 * 2**20), ("login", 64 * 2**10)):
        assert ask(f"{server.url}{path}", b" " * (most + 1), Content_Type="application/json")[0] == 413, path

    def pieces():
        for _ in range(20):
            yield bytes(2**20)

    assert ask(f"{server.url}gradio_api/call/good_one", pieces(), Content_Type="application/json")[0] == 413
