"""Paint a portrait on the page: parsed, painted over while it is drawn live, kept, dragged on, and replayed."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from editors.latent import latent
from editors.translate.palettes import PARTS
from facet import Subject
from facet.app import finish, load_registry, replay
from registry.saved.lineage import read_lineage
from tests.pages import marks, steps
from tests.pages.conftest import serving
from tests.saving import save_png

pytestmark = pytest.mark.page

IN_SIGHT = """button => {
  const box = button.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return button === top || button.contains(top);
}"""
"""Whether a click on the middle of an element meets it."""
VIEW, CANVAS = ".lp-view >> visible=true", ".lp-sheet >> visible=true"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("translation-home")
    with serving(home, tmp_path_factory.mktemp("files"), "latent,paint_portrait,parse_portrait,drag") as running:
        yield running


def numbers(page):
    """The numbers of the parts on the canvas."""
    data = page.locator(CANVAS).evaluate("sheet => sheet.querySelector('canvas').toDataURL()")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGB"))
    return (pixels[:, :, None] == np.array(PARTS.colours)).all(3).argmax(2)


def portrait_on_the_stage(open_page, tmp_path):
    """A page with a puppet of 128 pixels on the stage, its parts on the canvas of Paint a portrait; and the puppet."""
    made = finish(latent, {"model": "puppets", "seed": 5, "gallery": 1})
    save_png(made.subject, tmp_path / "face.png")
    page = open_page(width=1440, height=900)
    steps.upload(page, tmp_path / "face.png")
    page.wait_for_selector('.fs[data-state="rest"]')
    steps.tab(page, "Paint a portrait")
    page.wait_for_selector(VIEW)
    page.locator(".lp-find >> visible=true").click()
    page.wait_for_selector('.fs[data-state="look"]')
    return page, made.subject


def stroke(page, part):
    """A stroke across the eyes; returns the map that is there then, once the portrait has followed."""
    before = page.get_attribute(".fs-after", "src")
    page.locator(".lp-part >> visible=true").nth(PARTS.index(part)).click()
    box = page.locator(CANVAS).bounding_box()
    y = box["y"] + 0.42 * box["height"]
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=6)
    page.mouse.up()
    page.wait_for_function("before => document.querySelector('.fs-after').src !== before", arg=before)
    return numbers(page)


def test_a_portrait_is_parsed_painted_live_kept_dragged_and_replayed(open_page, tmp_path, server, monkeypatch):
    monkeypatch.setenv("FACET_HOME", str(server.home))
    page, face = portrait_on_the_stage(open_page, tmp_path)
    found = numbers(page)
    assert {"hair", "skin", "iris"} <= {PARTS.names[number] for number in np.unique(found)}
    run = page.locator("#run-paint_portrait")
    assert run.evaluate(IN_SIGHT), "something lies over the Run button"

    assert (stroke(page, "hat") == PARTS.index("hat")).any()
    page.keyboard.press("Control+z")
    assert np.array_equal(numbers(page), found)
    painted = stroke(page, "glasses")
    assert (painted == PARTS.index("glasses")).any()
    assert len(steps.history(page)) == 1  # nothing is kept yet
    before = page.get_attribute(".fs-after", "src")
    page.get_by_label("Colours from").locator("visible=true").first.click()  # another palette, live as well
    page.get_by_role("option", name="those of the seed of colours").click()
    page.wait_for_function("before => document.querySelector('.fs-after').src !== before", arg=before)

    steps.run(page, "paint_portrait")
    steps.tab(page, "Drag points")  # what came out has a code
    page.wait_for_selector("#run-drag:not([disabled])")
    marks.drag(page, (64, 84), (64, 92))
    steps.number(page, "Steps", 4)
    steps.run(page, "drag")
    saved = steps.download(page, tmp_path)
    lineage = read_lineage(saved)
    ids = [row["editor"]["id"] if isinstance(row["editor"], dict) else row["editor"] for row in lineage]
    assert ids[-2:] == ["paint_portrait", "drag"]
    assert lineage[-2]["inputs"]["colours"] == "seed"
    again = replay(load_registry(), lineage[-2:], {"subject": Subject.read(face)})
    assert np.array_equal(again.subject.pixels, np.asarray(Image.open(saved).convert("RGB")))
