"""docs/architecture.md is held to the code: its names exist, a picture goes the way it tells, its rooms are there."""

import importlib
import re
import shutil
import sys
import threading
from pathlib import Path

import pytest
from gradio.utils import get_upload_folder

from facet.app import load_registry
from registry.saved import read_lineage
from surfaces.page.choosing import choose
from surfaces.page.edit import edit
from surfaces.page.saved import download
from surfaces.page.session import Session
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = ("facet", "registry", "surfaces", "editors", "nets", "metrics", "training")
NAMES = sorted(set(re.findall(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`", PAGE)))


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


WAY = re.findall(
    r"`((?:\w+\.)+\w+)`", "\n".join(re.findall(r"^\d+\..*\n(?:   .*\n)*", section("One picture's way"), re.M))
)


def resolved(name):
    """The object of a dotted name: a module, or what it has."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError as error:
            if error.name and not name.startswith(error.name):
                raise
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise LookupError(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_page_exists(name):
    assert resolved(name) is not None


def test_names_are_found_and_wrong_ones_are_noticed():
    assert len(NAMES) > 25
    with pytest.raises((AttributeError, LookupError)):
        resolved("registry.execution.run.no_such_function")


def passed(do):
    """Functions of ours in the order in which `do` first enters them, as module.qualified_name, in all threads."""
    seen = {}

    def note(frame, event, _):
        if event == "call" and (file := frame.f_code.co_filename).startswith(str(ROOT)):
            module = str(Path(file).relative_to(ROOT).with_suffix("")).replace("/", ".")
            seen.setdefault((module, frame.f_code.co_name), len(seen))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return seen


def test_a_picture_goes_the_way_that_the_page_tells(facet_home, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))  # nothing that an earlier run left
    upload = Path(get_upload_folder()) / "way" / "photo.webp"
    upload.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "assets" / "samples" / "chelsea.webp", upload)
    spec, session, saved = load_registry().get("colour_transfer"), Session(), []

    def go():
        choose(session, {"file": {"path": str(upload), "orig_name": "photo.webp"}})
        list(edit(spec, session, {"style": {"sample": "oil"}}))
        saved.append(download(session)["value"])

    order = passed(go)
    assert read_lineage(saved[0])[-1]["editor"] == "colour_transfer"
    places = []
    for name in WAY:
        code = resolved(name)
        code = getattr(code, "__wrapped__", code).__code__  # a context manager is a function underneath
        module = str(Path(code.co_filename).relative_to(ROOT).with_suffix("")).replace("/", ".")
        assert (module, code.co_name) in order, f"{name} was not passed"
        places.append(order[module, code.co_name])
    assert places == sorted(places), [WAY[i] for i in sorted(range(len(WAY)), key=places.__getitem__)]


def test_every_room_is_on_the_page():
    rooms = section("Rooms")
    top = {path.name for path in ROOT.iterdir() if path.name in PACKAGES}
    inner = {path.parent.name for path in (ROOT / "registry").glob("*/__init__.py")}
    for name in sorted(top):
        assert f"`{name}/`" in rooms, name
    for name in sorted(inner):
        assert f"`registry.{name}`" in rooms, name
    for path in (ROOT / "surfaces").glob("*/__init__.py"):
        assert f"`surfaces.{path.parent.name}`" in rooms, path


def test_the_glossary_has_each_word_once():
    words = re.findall(r"^\| \*\*(.+?)\*\*", section("Words"), re.M)
    assert 30 <= len(words) <= 50
    assert len(words) == len(set(words))
    assert words == sorted(words, key=str.lower)
