"""The API as docs/api.md tells it: the programs of the page run, and every kind of result comes by HTTP and by MCP."""

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facet.app import load_registry
from registry.artifacts import Artifact, bring_in, export, keep
from registry.conformance.sample_inputs import small_picture
from registry.saved import read_lineage
from surfaces.cli.api import SHOWN
from surfaces.cli.artifact_calls import FILE, PROGRAMS
from surfaces.cli.calls import LANGUAGES, URL
from surfaces.settings import mcp_fits
from tests.conftest import ROOT
from tests.pages.conftest import HERE, serving
from tests.pages.test_mcp import session  # noqa: F401 - a fixture

gradio_client = pytest.importorskip("gradio_client")

API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


PARSED = """
const { SourceTextModule } = require("vm"), { readFileSync } = require("fs");
for (const file of process.argv.slice(1)) new SourceTextModule(readFileSync(file, "utf8"));
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    home = tmp_path_factory.mktemp("api")
    (home / "editors").mkdir()
    shutil.copy(HERE / "plugins" / "yielding.py", home / "editors")
    with serving(home, tmp_path_factory.mktemp("files"), f"{SHOWN},latent,yielding") as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(("photo.png", "style.png")):
        Image.fromarray(small_picture(64, 48, seed)).save(tmp_path / name)
    return tmp_path


RUNNERS = {
    "python": [sys.executable, "call.py"],
    "javascript": ["node", "call.mjs"],
    "curl": ["bash", "-eu", "call.sh"],
    "mcp": [sys.executable, "call.py"],
}


def pixels_of(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def ran(language, program, url, folder):
    if shutil.which(RUNNERS[language][0]) is None or (language == "curl" and shutil.which("curl") is None):
        pytest.skip(f"{RUNNERS[language][0]} is not installed")
    if language == "mcp" and not mcp_fits():
        pytest.skip("the extra mcp is not installed")
    (folder / RUNNERS[language][-1]).write_text(program.replace(URL, url.rstrip("/")), encoding="utf-8")
    done = subprocess.run(RUNNERS[language], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_programs_of_the_page_run(page, folder, language):
    title, code, write = LANGUAGES[language]
    program = write(load_registry().get(SHOWN), URL)
    assert f"**{title}**\n\n```{code}\n{program}```" in API, "what is run is what the page shows"
    said = ran(language, program, page.url, folder)
    if language == "javascript":
        assert read_lineage(folder / f"{SHOWN}.png")[-1]["editor"] == SHOWN
    elif language == "curl":
        assert said.rstrip().splitlines()[-2] == "event: complete"
        picture, recipe, measured = json.loads(said.rstrip().splitlines()[-1].removeprefix("data: "))
        assert (recipe["editor"], measured["stopped"]) == (SHOWN, False)
        assert picture["url"].startswith(page.url)
    elif language == "mcp":
        assert pixels_of(folder / "seen.jpg").shape == (48, 64, 3)
        address = said.split()[0]
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
    else:
        assert read_lineage(said.split()[0])[-1]["editor"] == SHOWN


@pytest.fixture
def sent(folder):
    """A generator that an edit left elsewhere, as a file."""
    delta = {"synthesis.blocks.128.rgb.bias": torch.tensor([0.5, 0.0, 0.0])}
    kept = keep(Artifact("generator", "Warm", delta, "puppets", licence="Apache-2.0"))
    export(kept, folder / FILE)
    return kept


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_programs_that_send_in_a_generator_run(page, folder, sent, language):
    title, code, write = PROGRAMS[language]
    assert f"**{title}**\n\n```{code}\n{write(URL)}```" in API, "what is run is what the page shows"
    said = ran(language, write(URL), page.url, folder)
    if language == "javascript":
        recipe = read_lineage(folder / "mine.png")[-1]
    elif language == "curl":
        recipe = json.loads(said.rstrip().splitlines()[-1].removeprefix("data: "))[1]
    elif language == "mcp":
        with urllib.request.urlopen(said.split()[-1], timeout=60) as answer:
            (folder / "mine.png").write_bytes(answer.read())
        recipe = read_lineage(folder / "mine.png")[-1]
    else:
        recipe = read_lineage(said.split()[-1])[-1]
    assert recipe["inputs"]["model"] == sent.id
    assert (page.home / "artifacts" / f"{sent.sha256}.safetensors").is_file(), "the owner's things lie in the home"


GUEST = {"X-Forwarded-For": "192.0.2.7", "Content-Type": "application/json"}


def called(page, name, given, visit=""):
    """What a guest's call is answered with: the answers, or the sentence of its refusal."""
    headers = GUEST | ({"X-Facet-Visit": visit} if visit else {})
    request = urllib.request.Request(f"{page.url}gradio_api/call/v2/{name}", json.dumps(given).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{page.url}gradio_api/call/{name}/{event}", timeout=60) as answer:
        kind, data = answer.read().decode().rstrip().splitlines()[-2:]
    found = json.loads(data.removeprefix("data: "))
    return found if kind == "event: complete" else found["error"]


def uploaded(page, content):
    form = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.safetensors"\r\n\r\n' + content
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{page.url}gradio_api/upload", form + b"\r\n--x--\r\n", headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return {"path": json.load(answer)[0], "meta": {"_type": "gradio.FileData"}}


def test_what_a_guest_sends_in_is_there_for_their_visit_only(page, folder, sent):
    shutil.rmtree(page.home / "artifacts", ignore_errors=True)
    file = uploaded(page, (folder / FILE).read_bytes())
    mine, others = "m" * 32, "o" * 32
    assert called(page, "import_artifact", {"file": file}).startswith(
        "What a guest sends in is kept for their visit only"
    )
    said = called(page, "import_artifact", {"file": file}, "short")
    assert said.startswith("X-Facet-Visit: must have 32 to 128 letters")
    (answer,) = called(page, "import_artifact", {"file": file}, mine)
    assert (answer["id"], answer["licence"], answer["bytes"]) == (sent.id, "Apache-2.0", sent.size)
    portrait = {"model": answer["id"], "gallery": 1}
    _, recipe, _ = called(page, "latent", portrait, mine)
    assert recipe["inputs"]["model"] == sent.id
    for visit in (others, ""):
        assert "names a generator of yours that is not here" in called(page, "latent", portrait, visit)
    assert not (page.home / "artifacts").exists()

    damaged = bytearray((folder / FILE).read_bytes())
    damaged[-1] ^= 1
    said = called(page, "import_artifact", {"file": uploaded(page, bytes(damaged))}, mine)
    assert said.startswith("file: cannot be taken: ")
    assert "is damaged" in said


def test_every_kind_of_result_comes_over_http(page, folder):
    client = gradio_client.Client(page.url, verbose=False, download_files=str(folder / "answers"))
    picture, recipe, measured, film = client.predict(
        subject=gradio_client.handle_file(str(folder / "photo.png")), api_name="/yielding"
    )
    client.close()
    pixels = small_picture(64, 48, 0)
    assert np.array_equal(pixels_of(picture), pixels // 2)
    assert measured["text"] == recipe["text"] == "A picture of nothing."
    further = {each["name"]: each for each in measured["further"]}
    assert set(further) == {"upside down", "mask"}
    assert np.array_equal(pixels_of(further["upside down"]["file"]), pixels[::-1])
    assert read_lineage(further["upside down"]["file"])[-1] == further["upside down"]["recipe"]
    assert np.array_equal(pixels_of(further["mask"]["file"])[..., 0] > 127, pixels[..., 0] > 127)
    (artifact,) = measured["artifacts"]
    assert (artifact["kind"], artifact["name"]) == ("table", "Numbers")
    kept = bring_in(Path(artifact["file"]))
    assert kept.sha256 == artifact["sha256"] == recipe["artifacts"][0]["sha256"]
    with Image.open(film) as frames:
        assert frames.n_frames == 4
    assert read_lineage(film)[-1]["editor"] == "yielding"


def test_every_kind_of_result_comes_by_mcp(page, folder, session):  # noqa: F811
    import base64

    sent = "data:image/png;base64," + base64.b64encode((folder / "photo.png").read_bytes()).decode()
    answer = session(page.url, lambda one: one.call_tool("yielding", {"subject": sent}))
    seen, told = answer.content
    assert (seen.type, seen.mimeType) == ("image", "image/jpeg")
    told = json.loads(told.text)
    assert told["api"] == 1
    assert told["measured"]["text"] == "A picture of nothing."
    files = [told["picture"], told["film"], *(each["file"] for each in told["measured"]["further"])]
    files.append(told["measured"]["artifacts"][0]["file"])
    for address in files:
        assert address.startswith(page.url)
        with urllib.request.urlopen(address, timeout=60) as found:
            assert len(found.read()) > 100
    progress = []

    async def heard(done, total, message):
        progress.append(message)

    slow = session(page.url, lambda one: one.call_tool("yielding", {"subject": sent}, progress_callback=heard))
    assert json.loads(slow.content[1].text)["recipe"]["result"] == told["recipe"]["result"]


@pytest.mark.parametrize(
    ("path", "body", "code", "sentence"),
    [
        ("v2/yieldin", b"{}", 404, "There is no editor called “yieldin”. Did you mean yielding?"),
        ("run_editor", b'{"data": []}', 404, "There is no editor called “run_editor”."),
        ("v2/yielding", b"{}", 400, "subject: is missing."),
        (
            "v2/yielding",
            b'{"subject": null, "frame": 3}',
            400,
            "frame: there is no such argument. Did you mean frames?",
        ),
        ("v2/yielding", b"[]", 400, "The body must be a JSON object: the name of each argument with its value."),
        ("v2/yielding", b"{" * 5000, 400, "The body must be a JSON object"),
    ],
)
def test_a_wrong_call_gets_one_sentence(page, path, body, code, sentence):
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{page.url}gradio_api/call/{path}", body, headers)
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=60)
    with refusal.value:
        said = refusal.value.read().decode()
    assert refusal.value.code == code
    assert said.startswith(sentence)
    assert said.count("\n") == 0


def test_the_version_is_said_and_another_one_refused(page):
    with urllib.request.urlopen(f"{page.url}gradio_api/info", timeout=60) as answer:
        assert answer.headers["X-Facet-API"] == "1"
    request = urllib.request.Request(f"{page.url}gradio_api/info", headers={"X-Facet-API": "2"})
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=60)
    with refusal.value:
        assert refusal.value.read().decode() == "This Facet speaks version 1 of the API, not “2”."


def test_programs_for_every_editor_are_sound(cli, tmp_path):
    """Their syntax; those of an editor on the page are run above."""
    for spec in load_registry():
        for language, (_, _, write) in LANGUAGES.items():
            program = write(spec, URL)
            if language in ("python", "mcp"):
                compile(program, f"{spec.id}.py", "exec")
            else:
                (tmp_path / f"{spec.id}.{'mjs' if language == 'javascript' else 'sh'}").write_text(program)
    scripts = sorted(map(str, tmp_path.glob("*.sh")))
    assert len(scripts) > 20
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
    if node := shutil.which("node"):
        files = sorted(map(str, tmp_path.glob("*.mjs")))
        subprocess.run([node, "--experimental-vm-modules", "--no-warnings", "-e", PARSED, *files], check=True)


def test_the_command_prints_them(cli):
    whole = cli("api", "colour-transfer").out
    assert all(f"# {title}\n" in whole for title, _, _ in LANGUAGES.values())
    one = cli("api", "latent", "--as", "curl", "--url", "https://faces.example.org/facet/")
    assert one.out.startswith("page=https://faces.example.org/facet\n")
    whole = cli("api", "import-artifact").out
    assert all(f"# {title}\n" in whole for title, _, _ in PROGRAMS.values())
    assert cli("api", "import_artifact", "--as", "mcp").out == PROGRAMS["mcp"][2](URL)
    wrong = cli("api", "latent", "--url", "$(rm)")
    assert (wrong.code, wrong.err) == (2, f"facet: url: is no address of a page. Write it as {URL}.\n")
