"""Fast style in a browser: live while a slider moves, kept when the button is pressed; two styles by a mask."""

import pytest

from facet.weights import FAST_STYLE, VGG16_EDGES_DECODERS, card
from registry.saved.lineage import read_lineage
from tests.pages import marks, steps
from tests.pages.conftest import serving

pytestmark = [
    pytest.mark.page,
    pytest.mark.skipif(
        not (card(FAST_STYLE) and card(VGG16_EDGES_DECODERS)), reason="the networks are not part of this checkout"
    ),
]

SHOWN = "document.querySelector('.fs-after').src"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A page with the one-pass editors only."""
    with serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files"), "one_pass") as running:
        yield running


def test_fast_style_follows_the_slider_and_is_kept_by_the_button(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Fast style")
    steps.number(page, "Blend", 0.5)
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('.fs').innerText.includes('Not kept yet')")
    first = page.evaluate(SHOWN)
    steps.number(page, "Blend", 1)
    page.keyboard.press("Tab")
    page.wait_for_function(f"{SHOWN} !== {first!r}")
    assert len(steps.history(page)) == 1
    steps.run(page, "fast_style")
    assert steps.history(page)[-1] == "Fast style"


def test_two_styles_share_a_picture_by_a_painted_mask(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "WCT")
    panel = page.get_by_role("tabpanel").filter(has=page.locator("#run-wct")).last
    page.wait_for_selector(".fk-bar:visible")
    for name, number in (("Style", 0), ("Second", 3)):
        panel.locator(".fp").filter(has=page.get_by_text(name, exact=True)).locator(".fp-thumb").nth(number).click()
    marks.paint_tool(page, "brush", radius=60)
    marks.drag(page, (120, 80), (120, 220), steps=8)
    steps.number(page, "Size", 256)
    steps.run(page, "wct")
    (recipe,) = read_lineage(steps.download(page, tmp_path))
    inputs = recipe["inputs"]
    assert inputs["style"]["sample"] != inputs["second"]["sample"]
    assert inputs["mask"].startswith("png:")
