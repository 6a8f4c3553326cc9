"""The call over HTTP that README shows, against a running page."""

import json
import urllib.request

import pytest
from PIL import Image

from registry.conformance.sample_inputs import small_picture
from registry.saved.lineage import read_lineage
from tests.docs.test_readme import HTTP

pytest.importorskip("gradio_client")


def test_the_call_over_http_gives_picture_recipe_and_measures(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("photo.jpg", "painting.jpg")):
        Image.fromarray(small_picture(64, 48, seed)).save(name)
    assert '"http://127.0.0.1:7860"' in HTTP
    shown = {}
    exec(compile(HTTP.replace("http://127.0.0.1:7860", server.url), "README.md", "exec"), shown)
    shown["client"].close()
    assert read_lineage(shown["picture"])[-1]["editor"] == shown["recipe"]["editor"] == "colour_transfer"
    assert shown["measured"]["seconds"] >= 0


def test_the_endpoints_are_described(server):
    with urllib.request.urlopen(f"{server.url}gradio_api/info", timeout=60) as answer:
        assert "/colour_transfer" in json.load(answer)["named_endpoints"]
