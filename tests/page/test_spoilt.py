"""Files of Facet's own that are damaged or gone keep no page from starting; they are said on stderr and on the page."""

import json
import shutil

import pytest

from registry.subjects.samples import ASSETS

BUILD = """
import json
from surfaces.settings import prepare
prepare()
from pathlib import Path
import registry.subjects.samples, sys
if len(sys.argv) > 1:
    registry.subjects.samples.ASSETS = Path(sys.argv[1])
from registry.plugins import load_registry
from surfaces.page.addons import addons_view
from surfaces.page.build import build
from surfaces.page.widgets import scripts
loaded = load_registry()
build(loaded)
shown = "".join(scripts())
print(json.dumps({"rows": addons_view(loaded)["rows"], "chelsea": '"chelsea"' in shown, "oil": '"oil"' in shown}))
"""
NEEDS_MORE = "attributes,text_direction"


@pytest.fixture
def built(process, facet_home):
    """Build a page with these assets: what it shows, and what stderr says."""

    def build(*arguments, editors=NEEDS_MORE):
        ran = process("-c", BUILD, *arguments, FACET_EDITORS=editors)
        assert ran.code == 0, ran.err
        return json.loads(ran.out.splitlines()[-1]), ran.err

    return build


@pytest.mark.parametrize("content", ["{broken", "[]"])
def test_a_damaged_lock(built, facet_home, content):
    (facet_home / "weights.lock.json").write_text(content)
    page, said = built()
    sentence = "Facet's own file weights.lock.json is damaged. Delete it; it will be made again."
    assert said.count(sentence) == 1
    assert page["rows"][0]["faults"] == [sentence]
    assert page["chelsea"]


def test_a_sound_home_says_nothing(built):
    page, said = built()
    assert "facet:" not in said
    assert "Facet" not in [row["name"] for row in page["rows"]]


@pytest.fixture
def assets(tmp_path):
    """A copy of the bundled pictures."""
    for name in ("samples", "styles"):
        shutil.copytree(ASSETS / name, tmp_path / "assets" / name)
    return tmp_path / "assets"


@pytest.mark.parametrize("content", ["", '[{"id": "a"}]'])
def test_a_damaged_list_of_samples(built, assets, content):
    (assets / "samples" / "samples.json").write_text(content)
    page, said = built(assets, editors="colour_transfer")
    assert "The list of bundled pictures samples.json is damaged" in said
    assert "samples.json is damaged" in page["rows"][0]["faults"][0]
    assert (page["chelsea"], page["oil"]) == (False, True)


@pytest.mark.parametrize("spoil", ["missing", "damaged"])
def test_a_sample(built, assets, spoil):
    rows = json.loads((assets / "samples" / "samples.json").read_text())
    file = assets / "samples" / next(row["file"] for row in rows if row["id"] == "chelsea")
    if spoil == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:50])
    page, said = built(assets, editors="colour_transfer")
    assert f"The bundled picture {file.name} is {spoil}" in said
    assert not page["chelsea"]
    assert page["oil"]
