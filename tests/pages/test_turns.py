"""The page's queue over HTTP: who floods is told so, and who leaves keeps nobody waiting."""

import concurrent.futures
import json
import urllib.request

import pytest
from PIL import Image

from registry.conformance.sample_inputs import small_picture
from tests.pages.test_endpoints import post

gradio_client = pytest.importorskip("gradio_client")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.png"
    Image.fromarray(small_picture(64, 48)).save(path)
    return gradio_client.handle_file(str(path))


def client(server, folder):
    return gradio_client.Client(server.url, verbose=False, download_files=str(folder))


def test_the_fourth_waiting_edit_is_refused_in_words_and_the_next_visitor_is_served(server, source, tmp_path):
    one, two = client(server, tmp_path / "one"), client(server, tmp_path / "two")
    jobs = [one.submit(source, steps=100_000, api_name="/creeping") for _ in range(8)]  # each would take over an hour
    try:
        ended, _ = concurrent.futures.wait([job.future for job in jobs], 60, concurrent.futures.FIRST_COMPLETED)
        assert ended
        error = ended.pop().exception()
        assert str(error) == "3 of your edits are waiting already. Wait until one of them has begun."
    finally:
        for job in jobs:
            job.cancel()
        one.close()
    two.submit(source, api_name="/good_one").result(timeout=120)
    two.close()


def test_calls_without_a_session_are_one_visitor_for_each_address(server, source, tmp_path):
    """They are not begun before somebody listens, so that all of them wait here; the fourth has its answer at once."""
    file = {"path": str(source["path"]), "meta": {"_type": "gradio.FileData"}}
    events = [post(server, "gradio_api/call/good_one", {"data": [file]})["event_id"] for _ in range(4)]
    with urllib.request.urlopen(f"{server.url}gradio_api/call/good_one/{events[-1]}", timeout=60) as answer:
        name, data = answer.read().decode().strip().split("\n\n")[-1].split("\n")
    assert name == "event: error"
    assert json.loads(data.removeprefix("data: "))["error"].startswith("3 of your edits are waiting already")
