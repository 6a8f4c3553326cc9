"""What README shows works: its editor, its call from Python; the call over HTTP is tried beside the page's tests."""

import re

import pytest
from PIL import Image

from registry.saved import read_lineage
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
EDITOR, PYTHON, HTTP = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def photo(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Image.open(ROOT / "assets" / "samples" / "astronaut.webp") as found:
        found.convert("RGB").resize((96, 96)).save("photo.jpg", quality=95)
    return tmp_path / "photo.jpg"


def test_the_editor_is_short_and_passes_the_conformance_kit(cli, facet_home):
    assert len(EDITOR.splitlines()) <= 36
    (facet_home / "editors" / "halftone.py").write_text(EDITOR)
    ran = cli("check", "halftone")
    assert ran.code == 0, ran.out + ran.err
    assert "0 are broken." in ran.out


def test_the_call_from_python_writes_a_picture_with_its_recipe(photo):
    exec(compile(PYTHON, "README.md", "exec"), {})
    lineage = read_lineage("oil.png")
    assert [recipe["editor"] for recipe in lineage] == ["colour_transfer"]
    assert lineage[0]["inputs"]["style"]["sample"] == "oil"


def test_the_call_over_http_names_inputs_that_there_are(cli):
    from facet.app import load_registry

    names = [entry.name for entry in load_registry().get("colour_transfer").inputs]
    assert set(re.findall(r"^    (\w+)=", HTTP, re.MULTILINE)) - {"api_name"} <= set(names)
