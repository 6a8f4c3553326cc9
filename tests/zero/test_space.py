"""The whole app on ZeroGPU: `python app.py` through the real `spaces` package, asked over HTTP as strangers ask it.

A minute of work, by `make soak`; `tests.zero.test_zero` has the door itself in every run of the tests.
"""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from PIL import Image

from facet.app import finish, load_registry
from registry.conformance.sample_inputs import small_picture
from registry.subjects.subject import Subject
from tests.conftest import ROOT

pytestmark = pytest.mark.soak
pytest.importorskip("spaces")
gradio_client = pytest.importorskip("gradio_client")

LOAN = 1.5
INVERT = {"model": "puppets", "align": "none", "start": "mean", "steps": 60, "tuning": 20}


def token(name):
    """As the platform's proxy makes one for each visitor (a JWT; nobody here looks at its signature)."""
    return f"a.{base64.urlsafe_b64encode(b'{}').decode()}.{name}"


class Space:
    """A running one."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder

    def client(self, name):
        headers = {"X-IP-Token": token(name)}
        return gradio_client.Client(self.url, headers=headers, verbose=False, download_files=str(self.folder / name))

    def calls(self):
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]

    def loans(self):
        """What was asked for so far."""
        return [query for path, query in self.calls() if path == "/schedule"]


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    folder = tmp_path_factory.mktemp("space")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "SPACE_ID": "me/facet",
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / "files"),
        "FACET_HOME": str(folder / "data" / "facet"),  # as a Space with storage has it
        "FACET_DEVICE": "cpu",  # in a worker, too: there is no CUDA to be lent
        "FACET_EDITORS": "latent,drag,invert,adapt,warp_drag",
        "FACET_PRELOAD": "latent",
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HOME": str(folder),
        "OMP_NUM_THREADS": "1",
    }
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.zero.space", str(folder), str(LOAN)],
            cwd=ROOT,
            env=env,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        for _ in range(1200):
            if "editors on http" in (folder / "said.txt").read_text():
                break
            assert process.poll() is None, (folder / "said.txt").read_text()[-3000:]
            time.sleep(0.1)
        yield Space(f"http://127.0.0.1:{port}/", folder)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with its worker
        process.wait()


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.png"
    Image.fromarray(small_picture(128, 128)).save(path)
    return path


def test_it_starts_as_a_space_does(space):
    with urllib.request.urlopen(f"{space.url}healthz", timeout=60) as answer:
        told = json.load(answer)
    assert {"latent", "drag", "invert", "adapt", "warp_drag"} <= set(told["editors"])
    assert "/startup-report" in [path for path, _ in space.calls()]
    said = (space.folder / "said.txt").read_text()
    assert "puppets_256: " in said, "networks are loaded before the page opens"
    assert "not loaded" not in said.split("puppets_256: ")[1].splitlines()[0]
    with urllib.request.urlopen(space.url, timeout=60) as page:
        assert "frame-ancestors 'self' https://huggingface.co" in page.headers["Content-Security-Policy"]


def test_an_edit_runs_in_a_loan_of_its_visitors_quota(space):
    client = space.client("ann")
    picture, recipe, _ = client.predict(seed=5, gallery=1, api_name="/latent")
    asked = space.loans()[-1]
    assert asked["token"] == token("ann")
    assert int(asked["durationSeconds"]) == round(LOAN), "its estimate is longer than the loan of this test"
    alone = finish(load_registry().get("latent"), {"seed": 5, "gallery": 1}, threads=1)
    assert recipe["result"] == alone.recipe["result"]
    pairs = [[90, 120, 110, 120]]
    job = client.submit(gradio_client.handle_file(picture), pairs=pairs, steps=4, api_name="/drag")
    _, recipe, measured, *_ = job.result(timeout=120)
    assert recipe["steps"] >= 4
    assert len(job.outputs()) > 1, "progress comes out of the worker"
    assert "distance_left_px" in measured
    client.close()


def test_long_work_goes_on_in_further_loans_from_its_state(space, source):
    """Pivotal tuning and adaptation: the result is that of one go."""
    client = space.client("bob")
    before = len(space.loans())
    _, recipe, measured = client.predict(gradio_client.handle_file(str(source)), **INVERT, api_name="/invert")
    assert len(space.loans()) - before >= 2
    alone = finish(load_registry().get("invert"), {"subject": Subject.read(source), **INVERT}, threads=1)
    assert (recipe["steps"], recipe["result"]) == (alone.recipe["steps"], alone.recipe["result"])
    assert measured["stopped"] is False
    before = len(space.loans())
    how = {"model": "puppets", "steps": 24, "gallery": 1}
    _, recipe, measured = client.predict(style=gradio_client.handle_file(str(source)), **how, api_name="/adapt")
    assert len(space.loans()) - before >= 2
    assert [each["kind"] for each in measured["artifacts"]] == ["generator"]
    assert all(int(query["durationSeconds"]) <= round(LOAN) for query in space.loans())
    client.close()


def test_what_needs_no_gpu_takes_none(space, source):
    client, before = space.client("ann"), len(space.loans())
    client.predict(gradio_client.handle_file(str(source)), pairs=[[40, 40, 50, 40]], api_name="/warp_drag")
    assert len(space.loans()) == before
    client.close()


def test_a_spent_quota_is_told_in_one_sentence_and_others_go_on(space):
    poor, rich = space.client("spent"), space.client("ann")
    with pytest.raises(gradio_client.exceptions.AppError) as refusal:
        poor.predict(seed=1, gallery=1, api_name="/latent")
    assert "quota" in str(refusal.value)
    assert "<" not in str(refusal.value), "no markup in a sentence"
    rich.predict(seed=1, gallery=1, api_name="/latent")
    poor.close()
    rich.close()


def test_a_cancelled_run_gives_its_loan_back(space, source):
    client = space.client("carl")
    long = client.submit(
        gradio_client.handle_file(str(source)), **INVERT | {"steps": 1000, "tuning": 1000}, api_name="/invert"
    )
    while not long.outputs():
        time.sleep(0.05)
    long.cancel()
    client.predict(seed=2, gallery=1, api_name="/latent")
    asked = [query for query in space.loans() if "spent" not in query["token"]]
    for _ in range(300):
        given = [query.get("allowToken") for path, query in space.calls() if path == "/release"]
        if len(given) == len(asked):
            break
        time.sleep(0.1)
    assert len(set(given)) == len(asked) > 1
    client.close()
