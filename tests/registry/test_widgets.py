"""Widgets that plugins bring for kinds of their own: what is taken, what is refused, and where else the kind works."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from facet import Kind, PageWidget, Slider, Subject
from facet.app import load_registry
from registry.conformance.findings import check_editor
from registry.conformance.sample_inputs import small_picture
from registry.errors import BadSpec
from registry.plugins.isolation import Refused, collect
from tests.conftest import PLUGINS


@pytest.fixture
def spotlight(facet_home):
    for file in (PLUGINS / "spotlight").glob("spotlight.*"):
        shutil.copy(file, facet_home / "editors")


def test_hook_register_widgets(spotlight):
    registry = load_registry()
    (widget,) = registry.widgets
    assert (widget.function, widget.kind.__name__) == ("circle", "Circle")
    assert registry.get("spotlight").plugin == "spotlight.py"


def test_a_kind_of_a_plugins_own_conforms(spotlight):
    found = list(check_editor(load_registry().get("spotlight")))
    assert [finding.problem for finding in found if finding.problem] == []


def test_on_the_command_line_and_in_a_recipe(spotlight, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(small_picture(40, 30)).save("picture.png")
    given = ("spotlight", "--subject", "picture.png", "-o", "out.png")
    ran = cli(*given, "--circle", "[10, 12, 5]", "--json")
    assert json.loads(ran.out)["recipe"]["inputs"]["circle"] == [10, 12, 5]
    assert Subject.read("out.png").pixels[12, 10].tolist() == small_picture(40, 30)[12, 10].tolist()
    assert cli("replay", "out.png", "--subject", "picture.png", "-o", "again.png").code == 0
    assert np.array_equal(Subject.read("out.png").pixels, Subject.read("again.png").pixels)
    ran = cli(*given, "--circle", "[90, 12, 5]")
    assert (ran.code, ran.err) == (2, "facet: circle: (90, 12) lies outside the picture of 40 × 30.\n")
    assert "CIRCLE" in cli("spotlight", "--help").out
    assert "a circle on `subject`" in cli("docs").out
    inputs = {entry["name"]: entry for entry in load_registry().get("spotlight").describe()["inputs"]}
    assert inputs["circle"]["schema"] == {"type": "array", "items": {"type": "number"}}


class Mine(Kind):
    pass


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": Slider}, "must be for a kind of the plugin's own"),
        ({"function": "x-y"}, "must be 2 to 40 letters and digits"),
        ({"script": "nowhere.js"}, "nowhere.js is not there"),
        ({"style": "big.css"}, "has more than 200 KB"),
    ],
)
def test_what_is_refused(change, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.js").write_text("facet.mine = () => {};")
    (tmp_path / "big.css").write_text("/" * 200_001)
    how = {"kind": Mine, "function": "mine", "script": "mine.js"} | change
    with pytest.raises(BadSpec, match=why):
        PageWidget(**how).verify()


def test_something_else_is_refused():
    class Plugin:
        pass

    import facet

    @facet.editor("some_editor", "Some editor", task="trial")
    def some_editor(ctx, *, subject: Subject):
        """Do nothing at all."""
        yield facet.Step(subject.pixels, 1)

    plugin = Plugin()
    plugin.register_editors = facet.hookimpl(lambda: [some_editor])
    plugin.register_widgets = facet.hookimpl(lambda: ["a widget"])
    with pytest.raises(Refused, match="returned str where a PageWidget is due"):
        collect(plugin)
