"""Setting up: requirements with bounds, scripts that find what they need, no package host written down."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

REQUIREMENTS = [
    line.partition("#")[0].strip()
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if line.partition("#")[0].strip()
]


@pytest.mark.parametrize("line", REQUIREMENTS)
def test_every_requirement_has_both_bounds(line):
    assert re.fullmatch(r"[A-Za-z0-9_.\[\]-]+>=[\d.]+,<=?[\d.]+", line), line


def test_torch_is_bound_as_the_platforms_need_it():
    assert "torch>=2.10,<=2.13.0" in REQUIREMENTS


def test_every_requirement_has_a_reason():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    reasons = [line for line in lines if "#" in line]
    assert len(reasons) >= len(lines) - 1  # numpy speaks for itself


def test_what_a_space_must_not_install_is_an_extra():
    names = {re.split(r"[><=\[]", line)[0] for line in REQUIREMENTS}
    assert not names & {"ray", "mcp", "spaces", "pytest", "playwright", "ruff", "mypy"}


def test_no_package_index_is_named():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no git checkout")
    texts = [ROOT / name for name in listed.stdout.splitlines() if name.endswith((".txt", ".toml", ".md", ".yml"))]
    texts += [ROOT / "Makefile", *(ROOT / ".ci").iterdir()]
    hosts = re.compile(r"--(extra-)?index-url|find-links|https?://[\w./-]*/simple")
    assert [str(path) for path in texts if path.is_file() and hosts.search(path.read_text())] == []


def test_a_python_is_found():
    done = subprocess.run([ROOT / ".ci" / "python"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    version = "import sys; print((3, 10) <= sys.version_info < (3, 14))"
    assert subprocess.run([done.stdout.strip(), "-c", version], capture_output=True, text=True).stdout == "True\n"


def test_where_there_is_no_python_one_sentence_says_so(tmp_path):
    script = (ROOT / ".ci" / "python").read_text().replace("/usr/bin/python3", "/nowhere/python3")
    (tmp_path / "script").write_text(script)
    done = subprocess.run(["/bin/sh", "script"], cwd=tmp_path, env={"PATH": "."}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("No Python 3.10 to 3.13")


def test_a_browser_that_is_named_is_taken(tmp_path):
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\necho Chromium 1\n")
    browser.chmod(0o755)
    done = subprocess.run(
        [ROOT / ".ci" / "browser", sys.executable],
        env={"PATH": "/usr/bin:/bin", "FACET_CHROMIUM": str(browser)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == str(browser)


def test_make_knows_its_targets():
    if shutil.which("make") is None:
        pytest.skip("no make")
    for target in ("demo", "test", "quick", "lint", "docs"):
        done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_git_alone_keeps_pictures_and_weights_as_they_are():
    """No LFS is needed for a clone, and no binary file is taken for text."""
    rules = (ROOT / ".gitattributes").read_text()
    assert "filter=lfs" not in rules
    marked = {line.split()[0].removeprefix("*") for line in rules.splitlines() if line.endswith(" binary")}
    found = {
        path.suffix for path in (ROOT / "assets").rglob("*") if path.is_file() and b"\0" in path.read_bytes()[:4096]
    }
    assert found
    assert found <= marked


def test_the_quick_tests_are_there_and_run_on_three_systems():
    lines = (ROOT / "tests" / "quick.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines)) > 20
    for path, _, test in (line.partition("::") for line in lines):
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), test
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert "os: [ubuntu-latest, macos-latest, windows-latest]" in workflow
    assert "@tests/quick.txt" in workflow
    assert "@tests/quick.txt" in (ROOT / "Makefile").read_text(encoding="utf-8")
