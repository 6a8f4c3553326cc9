"""docs/hosting.md is held to the files it speaks of: versions that ZeroGPU has, requirements there, the Dockerfile."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.command_lines import command_lines

OFFLINE = {"HF_HUB_OFFLINE": "1", "COLUMNS": "200", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
PAGE = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCKER = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def table():
    """What → (versions that ZeroGPU has, what Facet takes)."""
    assert re.search(r"read in \w+ 20\d\d", PAGE), "such a table has a date"
    rows = re.findall(r"^\| (Python|PyTorch|Gradio) \| (.+?) \| (.+?) \|$", PAGE, re.M)
    return {what: (re.findall(r"[\d.]*\d", there), taken) for what, there, taken in rows}


def requirements(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^([\w.-]+)(\S*)", "\n".join(line for line in lines if line[:1] not in ("#", "")), re.M))


def number(text):
    return tuple(map(int, text.split(".")))


def test_zero_gpu_has_the_versions_that_a_space_gets():
    python, torch, gradio = (table()[what] for what in ("Python", "PyTorch", "Gradio"))
    front = dict(re.findall(r"^(\w+): (.+)$", README.split("---")[1], re.M))
    assert front["python_version"].strip('"') == python[1]
    assert any(version.startswith(f"{python[1]}.") for version in python[0])
    assert requirements("requirements-zero-gpu.txt")["torch"] == f"=={torch[1]}"
    assert torch[1] == max(torch[0], key=number)
    low, high = re.findall(r"[\d.]+\d", requirements("requirements.txt")["torch"])
    assert number(low) <= number(torch[1]) <= number(high), "one that Facet was tested with"
    assert front["sdk_version"] == gradio[1]
    assert number(gradio[1])[0] >= int(gradio[0][0])


def test_zero_gpu_needs_nothing_else_than_other_places():
    there, here = requirements("requirements-zero-gpu.txt"), requirements("requirements.txt")
    extra = re.search(r'^spaces = \["spaces(\S+)"\]', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert there == here | {"torch": there["torch"], "spaces": extra[1]}


def test_the_commands_of_the_hub_know_their_options():
    lines = [line.words for line in command_lines(ROOT / "docs" / "hosting.md") if line.words[0] == "hf"]
    assert len(lines) >= 6
    hf = Path(sys.executable).with_name("hf")
    if not hf.is_file():
        pytest.skip("the command hf is not installed")
    helps = {}
    for words in lines:
        command = words[1:2] if words[1] == "upload" else words[1:3]
        if command not in helps:
            ran = subprocess.run([hf, *command, "--help"], capture_output=True, text=True, env=os.environ | OFFLINE)
            assert ran.returncode == 0, ran.stderr
            helps[command] = ran.stdout
        for at, word in enumerate(words):
            assert not word.startswith("--") or re.search(rf"{word}\b", helps[command]), words
            if word == "--flavor":
                assert re.search(rf"[\[|]{words[at + 1]}[|\]]", helps[command].replace("\n", "").replace(" ", ""))


def instructions():
    """(instruction, arguments) of the Dockerfile, continued lines joined."""
    plain = re.sub(r"^#.*\n", "", DOCKER, flags=re.M).replace("\\\n", "")
    return [tuple(line.split(maxsplit=1)) for line in plain.splitlines() if line.strip()]


def test_the_dockerfile_keeps_to_the_rules():
    """The rules of hadolint that matter here, and some of ours; it passes hadolint, too."""
    made = instructions()
    names = [name for name, _ in made]
    ((_, base),) = [each for each in made if each[0] == "FROM"]
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", base), "one base, with its version and its Debian"
    users = [value for name, value in made if name == "USER"]
    assert users == ["1000"], "not root, and a number that Kubernetes can judge"
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")
    assert "ADD" not in names
    assert "sudo" not in DOCKER
    for name, value in made:
        if name == "RUN" and "pip install" in value:
            assert "--no-cache-dir" in value
        if name in ("CMD", "ENTRYPOINT"):
            assert value.startswith("["), "SIGTERM has to reach the page, not a shell"
    assert "/healthz" in dict(made)["HEALTHCHECK"] or "/healthz" in DOCKER.split("HEALTHCHECK")[1]
    assert not re.search(r"https?://(?!127\.0\.0\.1)", DOCKER)


@pytest.mark.parametrize(
    ("settings", "installed", "said"),
    [
        ({"DEVICE": "cpu", "TORCH_INDEX": "there"}, "--extra-index-url there torch==2.13.0+cpu --requirement", ""),
        ({"DEVICE": "cuda", "TORCH_INDEX": ""}, "install --no-cache-dir torch==2.13.0 --requirement", ""),
        ({"DEVICE": "cpu", "TORCH_INDEX": ""}, "", "TORCH_INDEX is missing: give the address of PyTorch's CPU builds"),
        ({"DEVICE": "tpu", "TORCH_INDEX": "there"}, "", "DEVICE is cpu or cuda, not tpu."),
    ],
)
def test_the_dockerfile_installs_the_torch_that_was_asked_for(settings, installed, said, tmp_path):
    """Its own shell command, with a pip that only tells how it was called."""
    script = next(value for name, value in instructions() if name == "RUN" and "TORCH" in value)
    (tmp_path / "pip").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "pip").chmod(0o755)
    (version,) = re.findall(r"^ARG TORCH=(\S+)$", DOCKER, re.M)
    env = settings | {"TORCH": version, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(["/bin/sh", "-c", script], env=env, capture_output=True, text=True)
    assert (ran.returncode == 0) is (not said)
    assert installed in ran.stdout
    assert said in ran.stderr
    assert bool(ran.stdout) is bool(installed)


def test_what_an_image_needs_is_not_left_out_of_it():
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for path in ("app.py", "README.md", "LICENSE", "pyproject.toml", "requirements.txt", "assets", "editors"):
        assert (ROOT / path).exists()
        assert path not in left_out


def test_what_a_day_of_edits_needs_is_worked_out_from_what_one_needs():
    from benchmarks.planning import ASSUMED, MIX, Cost, plan

    assert sum(edit.share for edit in MIX) == pytest.approx(1)
    costs = {"quick": Cost(0.75, 1.0, 100.0, 1.0, 0.0), "slow": Cost(0.25, 9.0, 500.0, 2.0, 4.0)}
    found = plan(costs, 86_400, 1000.0)  # one edit a second
    assert found["core seconds of an edit"] == 3.0
    assert found["cores (workers of one thread)"] == 13  # 3 a second in the busiest hour, 9 cores, 70 % busy
    assert found["memory of a worker, MB"] == 1500.0
    assert found["machines"] == 1
    assert found["GPUs instead"] == 5
    assert found["results sent in a day, GB"] == pytest.approx(108)
    assert found["edits a day of one core"] * 3.0 == pytest.approx(86_400 / ASSUMED["busiest hour"] * ASSUMED["busy"])
