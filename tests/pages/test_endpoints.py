"""The HTTP API, without a browser: the same inputs, pictures and refusals as everywhere."""

import io
import json
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from registry.conformance.sample_inputs import small_picture
from registry.execution.run import finish
from registry.plugins.loader import load_registry
from registry.saved.lineage import read_lineage
from registry.subjects.samples import sample
from registry.subjects.subject import Subject
from tests.registry.bad_pictures import refused_files

gradio_client = pytest.importorskip("gradio_client")


@pytest.fixture(scope="module")
def client(server, tmp_path_factory):
    made = gradio_client.Client(server.url, verbose=False, download_files=str(tmp_path_factory.mktemp("answers")))
    yield made
    made.close()


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.png"
    Image.fromarray(small_picture(64, 48)).save(path)
    return path


def post(server, path, body):
    request = urllib.request.Request(
        server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def call(server, name, *arguments):
    """The last event of a raw call."""
    event = post(server, f"gradio_api/call/{name}", {"data": list(arguments)})["event_id"]
    with urllib.request.urlopen(f"{server.url}gradio_api/call/{name}/{event}", timeout=60) as answer:
        return answer.read().decode().strip().split("\n\n")[-1]


def test_endpoints_are_the_editors_with_their_defaults(client):
    found = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    ours = {"/colour_transfer", "/good_one", "/creeping", "/licensed", "/kinds", "/pulling", "/bouncing", "/swaying"}
    assert set(found) == ours | {"/raises_mid_run", "/spotlight", "/warp_drag", "/import_artifact"}
    rows = {row["parameter_name"]: row for row in found["/good_one"]["parameters"]}
    assert list(rows) == ["subject", "strength", "steps", "seed"]
    assert not rows["subject"]["parameter_has_default"]
    assert (rows["seed"]["parameter_has_default"], rows["seed"]["parameter_default"]) == (True, 0)
    words = rows["steps"]["python_type"]["description"]
    assert words == "How many steps it takes. A whole number from 1 to 1000. Default: 4."
    assert [row["label"] for row in found["/good_one"]["returns"]] == ["picture", "recipe", "measured"]


def test_a_call_gives_the_same_file_as_a_run(client, server, source, monkeypatch):
    monkeypatch.setenv("FACET_HOME", str(server.home))
    spec = load_registry().get("good_one")
    file = gradio_client.handle_file(str(source))
    picture, recipe, measured = client.predict(file, steps=3, seed=5, strength=0.7, api_name="/good_one")
    alone = finish(spec, {"subject": str(source), "steps": 3, "seed": 5, "strength": 0.7}, threads=recipe["threads"])
    assert Path(picture).name == "good_one-5.png"
    assert np.array_equal(np.asarray(Image.open(picture)), alone.subject.pixels)
    assert recipe == json.loads(json.dumps(alone.recipe))
    assert read_lineage(picture) == [recipe]
    assert measured["step"] == 3
    assert measured["seconds"] > 0


def test_the_command_line_gives_it_too(client, server, source, process, tmp_path):
    style = sample("hopper", "style").path
    files = [gradio_client.handle_file(str(path)) for path in (source, style)]
    picture, recipe, _ = client.predict(*files, method="reinhard", api_name="/colour_transfer")
    out = tmp_path / "out.png"
    options = ["--subject", source, "--style", style, "--method", "reinhard", "--threads", recipe["threads"]]
    ran = process("app.py", "colour_transfer", *options, "-o", out)
    assert ran.code == 0, ran.err
    assert np.array_equal(np.asarray(Image.open(picture)), np.asarray(Image.open(out)))


def test_a_saved_picture_sent_back_keeps_its_lineage(client, source):
    first, _, _ = client.predict(gradio_client.handle_file(str(source)), api_name="/good_one")
    second, _, _ = client.predict(gradio_client.handle_file(first), seed=1, api_name="/good_one")
    assert [recipe["seed"] for recipe in read_lineage(second)] == [0, 1]


def test_progress_is_streamed(client, source):
    job = client.submit(gradio_client.handle_file(str(source)), steps=10, api_name="/creeping")
    job.result(timeout=60)
    shares = [answer[2]["done"] for answer in job.outputs()[:-1]]
    assert len(shares) >= 2
    assert shares == sorted(shares)


def test_a_cancelled_call_lets_the_next_one_run(client, source):
    file = gradio_client.handle_file(str(source))
    long = client.submit(file, steps=100_000, api_name="/creeping")  # would take over an hour
    while not long.outputs():
        time.sleep(0.1)
    long.cancel()
    client.submit(file, api_name="/good_one").result(timeout=120)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"steps": 9999}, "steps: must be a whole number from 1 to 1000, not 9999."),
        ({"steps": "many"}, "steps: must be a whole number from 1 to 1000, not “many”."),
        ({"steps": "nan"}, "steps: must be a whole number from 1 to 1000, not “nan”."),
        ({"strength": True}, "strength: must be a number from 0 to 1, not True."),
        ({"seed": -5}, "seed: must be a whole number from -1 to 4294967295, not -5."),
    ],
)
def test_wrong_values_are_refused_by_name(client, source, given, sentence):
    with pytest.raises(gradio_client.exceptions.AppError) as refusal:
        client.predict(gradio_client.handle_file(str(source)), **given, api_name="/good_one")
    assert str(refusal.value) == sentence


def test_bad_pictures_are_refused_alike(client, tmp_path):
    for name, (path, why) in refused_files(tmp_path).items():
        if not path.is_file():
            continue
        with pytest.raises(gradio_client.exceptions.AppError) as refusal:
            client.predict(gradio_client.handle_file(str(path)), api_name="/good_one")
        assert why in str(refusal.value), name
        assert str(refusal.value).startswith("subject: "), name


def test_style_that_is_the_picture_itself_is_refused(client, source):
    file = gradio_client.handle_file(str(source))
    with pytest.raises(gradio_client.exceptions.AppError, match="style: "):
        client.predict(file, file, api_name="/colour_transfer")


def test_paths_and_addresses_are_refused(server, source):
    marked = {"meta": {"_type": "gradio.FileData"}}
    for forged in ({"path": "/etc/passwd"}, "/etc/passwd", str(source), {"path": str(source)}, ["/etc/passwd"]):
        assert "must be an uploaded file" in call(server, "good_one", forged, 0.5, 4, 0)
    assert call(server, "good_one", {"path": "/etc/passwd"} | marked, 0.5, 4, 0).startswith("event: error")
    for address in ("https://example.com/x.png", {"path": "https://example.com/x.png"} | marked, "//example.com/x"):
        assert "is a web address" in call(server, "good_one", address, 0.5, 4, 0)
    for address in ({"path": "x", "url": "https://example.com/x.png"} | marked,):
        assert call(server, "good_one", address, 0.5, 4, 0).startswith("event: error")


def test_the_address_of_an_upload_is_that_file_and_no_other(server, source):
    content = source.read_bytes()
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + content + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with urllib.request.urlopen(urllib.request.Request(server.url + "gradio_api/upload", body, headers)) as answer:
        (path,) = json.loads(answer.read())
    marked = {"meta": {"_type": "gradio.FileData"}}
    named = {"path": f"{server.url}gradio_api/file={path}"} | marked
    assert call(server, "good_one", named, 0.5, 4, 0).startswith("event: complete")
    for other in ("/etc/passwd", f"{path}/../../../etc/passwd", f"{server.home}/editors/good_one.py"):
        named = {"path": f"{server.url}gradio_api/file={other}"} | marked
        assert "is a web address" in call(server, "good_one", named, 0.5, 4, 0)


def test_nothing_goes_round_the_queue_or_out_of_the_folder(server):
    for path in ("gradio_api/run/good_one", "gradio_api/api/good_one"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            post(server, path, {"data": [None, 0.5, 4, 0]})
        assert refusal.value.code == 404
        refusal.value.close()
    for path in ("monitoring", f"gradio_api/file={server.home}/editors/good_one.py", "gradio_api/file=/etc/passwd"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(server.url + path, timeout=30)
        assert refusal.value.code in (403, 404), path
        refusal.value.close()


def test_config_tells_the_page_to_keep_no_history(server):
    with urllib.request.urlopen(server.url + "config", timeout=30) as answer:
        config = json.loads(answer.read())
    assert not config.get("run_history")
    assert config["analytics_enabled"] is False
    assert config["max_file_size"] == 48 * 2**20


def test_too_large_a_file_is_refused(server):
    body = io.BytesIO()
    body.write(b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n')
    body.write(bytes(49 * 2**20))
    body.write(b"\r\n--x--\r\n")
    request = urllib.request.Request(
        server.url + "gradio_api/upload", body.getvalue(), {"Content-Type": "multipart/form-data; boundary=x"}
    )
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=60)
    assert refusal.value.code == 413
    refusal.value.close()


def test_masks_points_and_words_arrive(client, tmp_path):
    subject = Subject(small_picture(64, 48))
    Image.fromarray(subject.pixels).save(tmp_path / "subject.png")
    mask = np.zeros((48, 64), np.uint8)
    mask[:4, :5] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    _, recipe, measured = client.predict(
        gradio_client.handle_file(str(tmp_path / "subject.png")),
        pairs=[[1, 2, 3, 4], [5, 6, 7, 8]],
        mask=gradio_client.handle_file(str(tmp_path / "mask.png")),
        words="hello",
        api_name="/kinds",
    )
    assert (measured["pairs"], measured["masked"]) == (2, 20)
    assert recipe["inputs"]["pairs"] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert recipe["inputs"]["other"] is None
