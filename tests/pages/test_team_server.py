"""A server for a team: behind nginx with the configuration of docs/hosting.md, asked how it is, logged, ended."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from PIL import Image

from registry.conformance.sample_inputs import small_picture
from registry.saved import read_lineage
from tests.conftest import ROOT
from tests.pages import steps
from tests.pages.conftest import HERE, serving

gradio_client = pytest.importorskip("gradio_client")

SECRET = "anna-at-the-sea"
"""A name of a file, and a text: neither may stand in the log."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORT = free_port()


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    home = tmp_path_factory.mktemp("team")
    (home / "editors").mkdir()
    shutil.copy(HERE / "plugins" / "creeping.py", home / "editors")
    settings = {"FACET_LOG": str(home / "log.jsonl"), "FACET_HISTORY": "1", "FACET_ENDING_SECONDS": "60"}
    options = ("--root-path", f"http://127.0.0.1:{PORT}/facet")
    with serving(home, tmp_path_factory.mktemp("files"), "creeping", *options, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def proxied(team, tmp_path_factory):
    """Its address behind nginx."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed: the proxy is not tested (Debian: nginx-light)")
    folder = tmp_path_factory.mktemp("nginx")
    (shown,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8"), re.DOTALL)
    assert "http://127.0.0.1:7860/;" in shown
    shown = shown.replace("http://127.0.0.1:7860/", team.url)
    places = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    http = f"access_log off; {places}\nserver {{ listen 127.0.0.1:{PORT};\n{shown}\n}}"
    (folder / "nginx.conf").write_text(
        f"daemon off; user root; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ {http} }}\n"
    )
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", PORT), timeout=1):
                break
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{PORT}/facet/"
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()


def asked(address):
    """Status and JSON."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def picture(folder, size=(64, 48)):
    path = folder / f"{SECRET}.png"
    Image.fromarray(small_picture(*size)).save(path)
    return path


def lines(team, event):
    rows = [json.loads(line) for line in (team.home / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["event"] == event]


def test_health_tells_which_editors_and_nothing_else(team):
    status, told = asked(f"{team.url}healthz")
    assert (status, told["status"], told["api"], told["editors"]) == (200, "ready", 1, ["creeping", "kinds"])
    assert set(told) == {"status", "facet", "api", "editors", "plugins_refused", "edits_going_on", "edits_waiting"}


@pytest.mark.page
def test_behind_nginx_the_page_loads_and_an_edit_shows_previews(proxied, browser):
    context = browser.new_context()
    page = context.new_page()
    sockets, errors = [], []
    page.on("websocket", lambda opened: sockets.append(opened.url))
    page.on("console", lambda message: message.type == "error" and errors.append(f"{message.text} {message.location}"))
    page.on("response", lambda answer: answer.status >= 400 and errors.append(answer.url))
    try:
        page.set_default_timeout(60_000)
        page.goto(f"{proxied}?editor=creeping")
        page.wait_for_selector(".fs")
        steps.choose_sample(page)
        before = steps.frames(page)
        steps.run(page, "creeping")
        assert steps.frames(page) - before >= 4
        assert page.inner_text(".fb-facts").endswith("1 edit")
        assert sockets == []
        assert [error for error in errors if "/favicon.ico" not in error] == []  # which browsers look for at the root
    finally:
        context.close()


def test_behind_nginx_events_come_while_the_run_goes_on(proxied, tmp_path):
    client = gradio_client.Client(proxied, verbose=False, download_files=str(tmp_path / "answers"))
    long = client.submit(gradio_client.handle_file(str(picture(tmp_path))), steps=100_000, api_name="/creeping")
    for _ in range(600):  # it would take over an hour; kept back, nothing would come before its end
        if long.outputs():
            break
        time.sleep(0.1)
    assert long.outputs()[0][2]["done"] < 0.5
    long.cancel()
    found, _, measured = client.predict(
        gradio_client.handle_file(str(picture(tmp_path))), steps=2, api_name="/creeping"
    )
    with Image.open(found) as image:
        assert image.size == (64, 48)
    assert measured["stopped"] is False
    client.close()


def sent(address, size):
    """Status and text of an upload of so many bytes."""
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + bytes(size)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{address}gradio_api/upload", body + b"\r\n--x--\r\n", headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def test_behind_nginx_large_pictures_go_through_and_too_large_ones_are_refused_in_words(proxied):
    assert sent(proxied, 20 * 2**20)[0] == 200
    code, said = sent(proxied, 49 * 2**20 + 2**19)
    assert code == 413
    assert "A request may have 49 MB here" in said


def test_the_log_says_what_happened_and_nothing_that_was_sent(team, tmp_path):
    client = gradio_client.Client(team.url, verbose=False, download_files=str(tmp_path / "answers"))
    file = gradio_client.handle_file(str(picture(tmp_path)))
    client.predict(file, steps=3, seed=987_654, api_name="/creeping")
    for given in ({"steps": 424_242}, {"steps": SECRET}):
        with pytest.raises(gradio_client.exceptions.AppError):
            client.predict(file, **given, api_name="/creeping")
    client.predict(file, words=SECRET[:15], api_name="/kinds")
    client.close()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{team.url}{SECRET}?word={SECRET}", timeout=60)
    refusal.value.close()
    done, *refused, _ = lines(team, "run")[-4:]
    assert (done["editor"], done["outcome"], done["steps"], done["size"]) == ("creeping", "done", 3, "64x48")
    assert [(row["outcome"], row["field"]) for row in refused] == [("refused", "steps")] * 2
    expected = {"/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/file/*", "/*"}
    for _ in range(100):  # a line comes after its answer
        routes = {row["route"] for row in lines(team, "request")}
        if expected <= routes:
            break
        time.sleep(0.05)
    assert expected <= routes
    assert len({row["caller"] for row in lines(team, "run")[-4:]}) == 1
    text = (team.home / "log.jsonl").read_text(encoding="utf-8")
    for word in (SECRET, "127.0.0.1", "424242", "987654", str(team.home)):
        assert word not in text, word


@pytest.mark.page
def test_told_to_end_it_finishes_what_goes_on_and_stores_it(team, proxied, browser, tmp_path):
    """The last test of this file: the server is gone after it."""
    context = browser.new_context()
    page = context.new_page()
    client = gradio_client.Client(team.url, verbose=False, download_files=str(tmp_path / "answers"))
    file = gradio_client.handle_file(str(picture(tmp_path)))
    try:
        page.set_default_timeout(60_000)
        page.goto(f"{proxied}?editor=creeping")
        page.wait_for_selector(".fs")
        steps.choose_sample(page)
        steps.number(page, "Steps", 80)
        steps.run(page, "creeping", wait=False)
        page.wait_for_selector('.fs[data-state="running"]')
        waiting = client.submit(file, steps=4, api_name="/creeping")
        team.process.terminate()
        with pytest.raises(gradio_client.exceptions.AppError, match=r"is about to end, so no edit is begun"):
            client.submit(file, steps=4, api_name="/creeping").result(timeout=60)
        with contextlib.suppress(gradio_client.exceptions.AppError):  # it had begun, or is told the same
            waiting.result(timeout=60)
        page.wait_for_selector('.fs[data-state="rest"]')
        assert steps.history(page)[-1] == "Creeping"
        assert team.process.wait(60) == 143
    finally:
        context.close()
    stored = [lineage[-1] for path in (team.home / "histories").rglob("*.png") if (lineage := read_lineage(path))]
    (recipe,) = [recipe for recipe in stored if recipe["inputs"]["steps"] == 80]
    assert (recipe["steps"], recipe["stopped"]) == (80, False), "finished, not broken off"
