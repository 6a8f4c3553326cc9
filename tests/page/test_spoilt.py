"""Files of Facet's own that are damaged or gone keep no page from starting; they are said on stderr and on the page."""

import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from registry.subjects.samples import ASSETS
from tests.conftest import ROOT

BUILD = """
import json, os, sys
from surfaces.settings import prepare
prepare()
from pathlib import Path
import registry.subjects.samples
from registry.plugins import load_registry
from surfaces.page.addons import addons_view
from surfaces.page.build import build
from surfaces.page.widgets import scripts

def built(case):
    os.environ |= {"FACET_HOME": case["home"], "FACET_EDITORS": case["editors"]}
    if case["assets"]:
        registry.subjects.samples.ASSETS = Path(case["assets"])
    os.dup2(os.open(case["said"], os.O_CREAT | os.O_WRONLY), 2)
    loaded = load_registry()
    build(loaded)
    shown = "".join(scripts())
    page = {"rows": addons_view(loaded)["rows"], "chelsea": '"chelsea"' in shown, "oil": '"oil"' in shown}
    Path(case["shown"]).write_text(json.dumps(page), encoding="utf-8")

for case in json.loads(sys.argv[1]):  # all from one that has imported everything, each in a process of its own
    if os.fork() == 0:
        built(case)
        os._exit(0)
    os.wait()
"""
SENTENCE = "Facet's own file weights.lock.json is damaged. Delete it; it will be made again."
LOCKS = {"lock broken": "{broken", "lock a list": "[]"}
LISTS = {"list empty": "", "list incomplete": '[{"id": "a"}]'}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the pages are built in forks of one process")


def chelsea(assets):
    rows = json.loads((assets / "samples" / "samples.json").read_text(encoding="utf-8"))
    return assets / "samples" / next(row["file"] for row in rows if row["id"] == "chelsea")


def spoil(name, case):
    """Damage what a case is about."""
    if name in LOCKS:
        (case / "home" / "weights.lock.json").write_text(LOCKS[name])
    if name in LISTS:
        (case / "assets" / "samples" / "samples.json").write_text(LISTS[name])
    if name == "sample missing":
        chelsea(case / "assets").unlink()
    if name == "sample damaged":
        file = chelsea(case / "assets")
        file.write_bytes(file.read_bytes()[:50])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Name of a case → what the page shows, and what stderr says."""
    folder = tmp_path_factory.mktemp("spoilt")
    cases = {}
    for name in ("sound", *LOCKS, *LISTS, "sample missing", "sample damaged"):
        case = folder / name
        (case / "home" / "editors").mkdir(parents=True)
        own = name == "sound" or name in LOCKS
        for kind in () if own else ("samples", "styles"):
            shutil.copytree(ASSETS / kind, case / "assets" / kind)
        spoil(name, case)
        cases[name] = {
            "home": str(case / "home"), "assets": "" if own else str(case / "assets"), "shown": str(case / "shown"),
            "said": str(case / "said"), "editors": "attributes,text_direction" if own else "colour_transfer",
        }  # fmt: skip
    env = os.environ | {"PYTHONPATH": str(ROOT), "FACET_HOME": str(folder), "FACET_DEVICE": "cpu"}
    command = [sys.executable, "-c", BUILD, json.dumps(list(cases.values()))]
    subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True, timeout=300)
    return {
        name: SimpleNamespace(
            **json.loads((folder / name / "shown").read_text("utf-8")), said=(folder / name / "said").read_text("utf-8")
        )
        for name in cases
    }


@pytest.mark.parametrize("name", LOCKS)
def test_a_damaged_lock(built, name):
    assert built[name].said.count(SENTENCE) == 1
    assert built[name].rows[0]["faults"] == [SENTENCE]
    assert built[name].chelsea


def test_a_sound_home_says_nothing(built):
    assert "facet:" not in built["sound"].said
    assert "Facet" not in [row["name"] for row in built["sound"].rows]


@pytest.mark.parametrize("name", LISTS)
def test_a_damaged_list_of_samples(built, name):
    assert "The list of bundled pictures samples.json is damaged" in built[name].said
    assert "samples.json is damaged" in built[name].rows[0]["faults"][0]
    assert (built[name].chelsea, built[name].oil) == (False, True)


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_sample(built, how):
    assert f"The bundled picture {chelsea(ASSETS).name} is {how}" in built[f"sample {how}"].said
    assert not built[f"sample {how}"].chelsea
    assert built[f"sample {how}"].oil
