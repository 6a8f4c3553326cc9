"""Who the owner is, who may send what, and by which names the page is called."""

import pytest

from surfaces.doors.callers import Callers
from surfaces.page.serve import callers_of

LOCAL = Callers(local=True)
PROXIES = [
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Anything",
    "Forwarded",
    "Via",
    "X-Real-IP",
    "CF-Connecting-IP",
    "CF-Ray",
]


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "127.0.0.1", "LOCALHOST"])
def test_the_owner_calls_it_by_a_local_name(host):
    assert LOCAL.is_owner({"host": host})
    assert not Callers().is_owner({"host": host}), "nobody owns a page that others reach"


@pytest.mark.parametrize("header", PROXIES)
def test_whoever_comes_through_a_proxy_is_not_the_owner(header):
    assert not LOCAL.is_owner({"host": "127.0.0.1:7860", header.lower(): "x"})


@pytest.mark.parametrize("host", ["faces.example", "127.0.0.1.faces.example", "192.0.2.3", "", "localhost.example"])
def test_nor_is_whoever_calls_it_otherwise(host):
    assert not LOCAL.is_owner({"host": host})


def test_nor_a_page_of_another_name_whose_proxy_leaves_no_trace():
    assert not LOCAL.is_owner({"host": "127.0.0.1:7860", "origin": "https://faces.example"})
    assert LOCAL.is_owner({"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:7860"})


@pytest.mark.parametrize(
    ("host", "root_path", "space", "local"),
    [
        ("127.0.0.1", None, False, True),
        ("localhost", None, False, True),
        ("::1", None, False, True),
        ("[::1]", "", False, True),
        ("127.0.0.1", "http://localhost:8000/facet", False, True),
        ("127.0.0.1", "/facet", False, True),
        ("127.0.0.1", "https://faces.example/facet", False, False),
        ("0.0.0.0", None, False, False),
        ("192.0.2.3", None, False, False),
        ("127.0.0.1", None, True, False),
    ],
)
def test_a_page_has_an_owner_where_only_this_machine_reaches_it(host, root_path, space, local, monkeypatch):
    if space:
        monkeypatch.setenv("SPACE_ID", "me/facet")
    assert callers_of(host, root_path).local is local


def test_names(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "desk.home.example")
    monkeypatch.setenv("FACET_NAMES", "third.example, Fourth.Example")
    callers = callers_of("0.0.0.0", "https://faces.example:8443/facet", ["Second.example"])
    ours = ["faces.example", "faces.example:8443", "second.example:80", "third.example", "fourth.example."]
    for host in [*ours, "desk.home.example", "desk.local", "192.0.2.3:80", "[2001:db8::1]:80", "localhost", ""]:
        assert callers.knows(host), host
    for host in ("example", "evil.example", "faces.example.evil.example", "192.0.2.3.evil.example", "[::1", "a b"):
        assert callers.knows(host) is (host == "[::1"), host
    monkeypatch.setenv("SPACE_ID", "me/facet")
    space = callers_of("0.0.0.0")
    assert space.knows("me-facet.hf.space")
    assert space.same_site({"host": "inner", "origin": "https://me-facet.hf.space"}), "its proxy may change Host"


@pytest.mark.parametrize(
    ("host", "origin", "more", "allowed"),
    [
        ("127.0.0.1:7860", None, {}, True),
        ("127.0.0.1:7860", "http://127.0.0.1:7860", {}, True),
        ("127.0.0.1:7860", "http://127.0.0.1:7861", {}, False),
        ("127.0.0.1:7860", "http://localhost:7860", {}, False),
        ("127.0.0.1:7860", "https://evil.example", {}, False),
        ("127.0.0.1:7860", "https://faces.example", {}, True),
        ("faces.example", "https://faces.example", {}, True),
        ("faces.example", "https://faces.example.evil.example", {}, False),
        ("inner:7860", "https://outer.example", {"x-forwarded-host": "outer.example, inner"}, True),
        ("inner:7860", "https://evil.example", {"x-forwarded-host": "outer.example"}, False),
        ("faces.example", "null", {}, False),
        ("faces.example", "", {}, False),
        ("faces.example", "file://", {}, False),
        ("faces.example", "http://[", {}, False),
        ("faces.example", "chrome-extension://faces.example", {}, False),
    ],
)
def test_who_may_post(host, origin, more, allowed):
    headers = {"host": host, **({} if origin is None else {"origin": origin}), **more}
    assert Callers(True, frozenset({"faces.example"})).same_site(headers) is allowed
