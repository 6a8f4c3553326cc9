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
from tests.pages import steps
from tests.pages.conftest import serving
from tests.saving import save_png

pytestmark = pytest.mark.page

VIEW, CANVAS = ".lp-view >> visible=true", ".lp-sheet >> visible=true"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("translation-home")
    with serving(home, tmp_path_factory.mktemp("files"), "latent,paint_portrait,parse_portrait,attributes") as running:
        yield running


def numbers(page):
    """The numbers of the parts on the canvas."""
    data = page.locator(CANVAS).evaluate("sheet => sheet.querySelector('canvas').toDataURL()")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGB"))
    return (pixels[:, :, None] == np.array(PARTS.colours)).all(3).argmax(2)


def test_a_portrait_is_parsed_painted_live_kept_and_replayed(open_page, tmp_path, server, monkeypatch):
    monkeypatch.setenv("FACET_HOME", str(server.home))
    made = finish(latent, {"model": "puppets", "seed": 5, "gallery": 1})
    save_png(made.subject, tmp_path / "face.png")
    page = open_page()
    steps.upload(page, tmp_path / "face.png")
    page.wait_for_selector('.fs[data-state="rest"]')
    steps.tab(page, "Paint a portrait")
    page.wait_for_selector(VIEW)
    page.locator(".lp-find >> visible=true").click()
    page.wait_for_selector('.fs[data-state="look"]')
    found = numbers(page)
    assert {"hair", "skin", "iris"} <= {PARTS.names[number] for number in np.unique(found)}

    before = page.get_attribute(".fs-after", "src")
    page.locator(".lp-part >> visible=true").nth(PARTS.index("glasses")).click()
    box = page.locator(CANVAS).bounding_box()
    y = box["y"] + 0.42 * box["height"]
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=6)
    page.mouse.up()
    page.wait_for_function("before => document.querySelector('.fs-after').src !== before", arg=before)
    painted = numbers(page)
    assert (painted == PARTS.index("glasses")).any()
    assert len(steps.history(page)) == 1  # nothing is kept yet

    steps.run(page, "paint_portrait")
    saved = steps.download(page, tmp_path)
    lineage = read_lineage(saved)
    assert [row["editor"]["id"] if isinstance(row["editor"], dict) else row["editor"] for row in lineage][-1] == (
        "paint_portrait"
    )
    again = replay(load_registry(), [lineage[-1]], {"subject": Subject.read(made.subject)})
    assert np.array_equal(again.subject.pixels, np.asarray(Image.open(saved).convert("RGB")))
    steps.tab(page, "Attributes")  # what came out has a code
    page.wait_for_selector("#run-attributes:not([disabled])")
