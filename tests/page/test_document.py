"""The document of a visit: made once, compressed, scripts as files. What the page shows of it is in tests/pages."""

import gzip
import json
import threading
import time
import urllib.request
from contextlib import contextmanager

import brotli
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from surfaces.page.document import KEPT, Documents, make_ahead
from surfaces.page.history.cookie import GiveCookie
from surfaces.page.slim import ENDPOINTS, slim

SHOWN = {"id": 1, "props": {"label": "<b>"}}
HIDDEN = [{"id": 7, "props": {"elem_id": ENDPOINTS}}, {"id": 8, "props": {}}]
LISTENERS = [{"id": 1, "targets": [[1, "click"], [8, "click"]]}, {"id": 2, "targets": []}]
KEPT_SETTINGS = {"dependencies": LISTENERS, "root": "", "text": "é </script> & 'x'"}
LAYOUT = {"id": 0, "children": [{"id": 2, "children": [{"id": 7, "children": [{"id": 8}]}, {"id": 1}]}]}
SETTINGS = KEPT_SETTINGS | {
    "dependencies": [{"id": 0, "targets": [[8, "click"]]}, *LISTENERS],
    "components": [SHOWN | {"api_info": {}, "example_inputs": 3}, *HIDDEN],
    "layout": LAYOUT,
    "page": {"": {"layout": LAYOUT, "components": [1, 7, 8], "dependencies": [0, 1, 2]}},
}


def document(settings):
    inside = json.dumps(settings).replace("<", "\\u003c").replace("&", "\\u0026").replace("'", "\\u0027")
    return f"<!doctype html><head><base href='./'><script>window.gradio_config = {inside};</script></head><body></body>"


class Site:
    """A page that counts how often it is made."""

    def __init__(self, login=False, status=200):
        self.made = 0

        def page(request):
            self.made += 1
            return HTMLResponse(document({**SETTINGS, "host": request.headers["host"]}), status)

        scripts = Middleware(Documents, scripts=["let first = '</script>';", "let second;"], asks_login=lambda: login)
        routes = [Route("/", page), Route("/other", page)]
        self.client = TestClient(Starlette(routes=routes, middleware=[Middleware(GiveCookie), scripts]))

    def get(self, path="/", **headers):
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def scripts_of(text):
    return [part.partition('"')[0] for part in text.split('<script defer src="')[1:]]


def test_it_is_made_once_for_each_address():
    site = Site()
    assert site.get().text == site.get("/?__theme=dark").text
    assert site.made == 1
    assert '"host":"there"' in site.get(host="there").text
    assert site.made == 2
    for number in range(KEPT):
        site.get(host=f"h{number}")
    site.get(host="there")
    assert site.made == 3 + KEPT, "only the last ones are kept"
    site.get("/?deep_link=x")
    site.get("/other")
    assert site.made == 5 + KEPT


@pytest.mark.parametrize(("how", "read"), [("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)])
def test_it_comes_as_the_browser_takes_it_and_only_once(how, read):
    site = Site()
    whole = site.get(accept_encoding="identity").content
    with site.client.stream("GET", "/", headers={"accept-encoding": how or "identity"}) as answer:
        sent = b"".join(answer.iter_raw())
    assert read(sent) == whole
    assert answer.headers.get("content-encoding", "") == how
    assert answer.headers["cache-control"] == "private, no-cache"
    again = site.get(accept_encoding=how or "identity", if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert "facet_history=" in again.headers["set-cookie"], "each visit makes the cookie last longer"
    assert site.get(accept_encoding=how or "identity", if_none_match='"other"').status_code == 200


def test_scripts_are_files_for_a_year_and_run_before_gradios():
    site = Site()
    page = site.get().text
    assert page.index("<base") < page.index("<script defer") < page.index("gradio_config")
    first, second = scripts_of(page)
    answer = site.get(first.removeprefix("."))
    assert answer.text == "let first = '</script>';"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.get(second.removeprefix(".")).text == "let second;"
    assert site.get("/facet-scripts/unknown.js").status_code == 404


def test_with_a_login_it_is_made_for_each_visit():
    site = Site(login=True)
    assert scripts_of(site.get().text) == scripts_of(site.get().text) != []
    assert site.made == 2


def test_what_is_no_page_goes_out_as_it_came_and_is_not_kept():
    site = Site(status=503)
    assert (site.get().status_code, site.get().text.count("<script defer")) == (503, 0)
    assert site.made == 2


def settings_of(page):
    return page.partition("gradio_config = ")[2].partition(";</script>")[0]


def test_the_page_gets_nothing_that_only_the_api_has_a_use_for():
    before = document(SETTINGS)
    after = slim(before.encode()).decode()
    assert not set("<>&'") & set(settings_of(after))
    layout = {"id": 0, "children": [{"id": 2, "children": [{"id": 1}]}]}
    page = {"": {"layout": layout, "components": [1], "dependencies": [1, 2]}}
    wanted = KEPT_SETTINGS | {"components": [SHOWN], "layout": layout, "page": page}
    assert json.loads(settings_of(after)) == wanted
    assert after.replace(settings_of(after), "") == before.replace(settings_of(before), "")
    login = document({"auth_required": True, "page": {"": {"layout": {}}}, "components": []}).encode()
    assert slim(login) == login
    assert slim(b"<html>another Gradio</html>") == b"<html>another Gradio</html>"


def test_it_is_made_before_the_first_visitor_asks():
    site = Site()
    with served(site.client.app) as (host, port):
        make_ahead(host, port)
        assert site.made == 1
        with urllib.request.urlopen(f"http://{host}:{port}/", timeout=60) as answer:
            assert b"facet-scripts" in answer.read()
    assert site.made == 1
    make_ahead(host, port)  # nobody is there any more: no error


@contextmanager
def served(app):
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()
    finally:
        server.should_exit = True
        thread.join(30)
