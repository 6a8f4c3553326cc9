"""A page with a login: the file, the command that writes it, and what stays shut without a password."""

import asyncio
import http.cookiejar
import io
import json
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from surfaces.doors import login
from tests.pages.conftest import serving


def told(coroutine):
    """What it gives; in a thread of its own, for the browser of other tests keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_a_line_lets_in_with_that_password_only():
    check = login.checker(dict([parsed(login.line("ann", "correct horse"))]))
    assert told(check("ann", "correct horse"))
    assert login.line("ann", "correct horse") != login.line("ann", "correct horse"), "salted"


def test_wrong_ones_wait_and_are_as_slow_as_right_ones(monkeypatch):
    tried, waited = [], []
    hashing = login._hash
    monkeypatch.setattr(login, "_hash", lambda *given: tried.append(1) or hashing(*given))

    async def no_wait(seconds):
        waited.append(seconds)

    check = login.checker(dict([parsed(login.line("ann", "correct horse"))]))
    tried.clear()
    monkeypatch.setattr(login.asyncio, "sleep", no_wait)
    for name, password in (("ann", "wrong"), ("bob", "correct horse"), ("", ""), ("ann", "x" * 300), ("ann", "")):
        assert not told(check(name, password)), (name, password)
    assert (len(tried), len(waited)) == (4, 4), "a name that is not there is hashed, too; an endless password is not"


def parsed(text):
    name, _, salt, digest = text.split(":")
    return name, (login.base64.b64decode(salt), login.base64.b64decode(digest))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("ann:secret\n", "users, line 1: write what “facet password NAME” prints."),
        ("# us\n\nann:scrypt:AAAA:AAAA\n", "users, line 3: write what “facet password NAME” prints."),
        ("ann:scrypt:?:?\n", "users, line 1: write"),
        ("# nobody\n", "users names nobody. Add what “facet password NAME” prints."),
        ("", "users names nobody."),
        (b"\xff\xfe", "users cannot be read: it is no text."),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, content, why):
    (tmp_path / "users").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=r"users.*\.$") as refusal:
        login.read(tmp_path / "users")
    assert str(refusal.value).startswith(why)


def test_the_command_prints_a_line(cli, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    ran = cli("password", "ann")
    assert ran.code == 0, ran.err
    (tmp_path / "users").write_text(ran.out)
    assert "correct horse" not in ran.out
    assert told(login.checker(login.read(tmp_path / "users"))("ann", "correct horse"))
    for name, password, why in (("ann", "short", "8 to 256"), ("a:b", "correct horse", "without a colon")):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        ran = cli("password", name)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert why in ran.err


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A page that asks who one is."""
    home = tmp_path_factory.mktemp("locked")
    (home / "users").write_text(f"# those who may\n{login.line('ann', 'correct horse')}\n")
    options = ("--auth", str(home / "users"))
    with serving(home, tmp_path_factory.mktemp("files"), "colour_transfer", *options) as running:
        yield running


def test_without_a_password_nothing_is_to_be_had(locked):
    body = b'{"data": []}'
    headers = {"Content-Type": "application/json"}
    for path, sent in (
        ("config", None),
        ("gradio_api/info", None),
        ("gradio_api/file=/etc/passwd", None),
        ("gradio_api/call/colour_transfer", body),
        ("gradio_api/queue/join", body),
        ("gradio_api/upload", body),
    ):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(urllib.request.Request(locked.url + path, sent, headers), timeout=60)
        assert refusal.value.code == 401, path
        refusal.value.close()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(urllib.request.Request(f"{locked.url}gradio_api/mcp/", body, headers), timeout=60)
    assert refusal.value.code in (404, 405), "no way round it for tools"
    refusal.value.close()
    with urllib.request.urlopen(f"{locked.url}healthz", timeout=60) as answer:
        assert json.loads(answer.read())["status"] == "ready", "a load balancer has no password"
    with urllib.request.urlopen(locked.url, timeout=60) as answer:
        page = answer.read().decode()
    assert "auth_required" in page
    assert 'dependencies":[]' in page.replace(" ", "")


def test_with_one_it_is(locked):
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = urllib.parse.urlencode({"username": "ann", "password": "wrong horse"}).encode()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        opener.open(f"{locked.url}login", form, timeout=60)
    assert refusal.value.code == 400
    refusal.value.close()
    form = urllib.parse.urlencode({"username": "ann", "password": "correct horse"}).encode()
    with opener.open(f"{locked.url}login", form, timeout=60) as answer:
        assert json.loads(answer.read()) == {"success": True}
    with opener.open(f"{locked.url}config", timeout=60) as answer:
        assert json.loads(answer.read())["username"] == "ann"


@pytest.mark.page
def test_in_the_browser(locked, browser):
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    try:
        page.goto(locked.url)
        page.get_by_label("username").fill("ann")
        page.get_by_label("password").fill("correct horse")
        page.get_by_role("button", name="Login").click()
        page.wait_for_selector(".fs", timeout=60_000)
        assert [text for text in errors if "Content Security Policy" in text] == []
    finally:
        context.close()
