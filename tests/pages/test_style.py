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


def panel(page, editor: str):
    """The panel of an editor that is open."""
    return page.get_by_role("tabpanel").filter(has=page.locator(f"#run-{editor}")).last


def number(page, editor: str, label: str, value: object) -> None:
    """Type into a slider's number box of one editor; others have sliders of the same name."""
    panel(page, editor).get_by_label(f"number input for {label}").first.fill(str(value))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A page with the one-pass editors only."""
    with serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files"), "one_pass") as running:
        yield running


def test_fast_style_follows_the_slider_and_is_kept_by_the_button(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Fast style")
    number(page, "fast_style", "Blend", 0.5)
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('.fs').innerText.includes('Not kept yet')")
    first = page.evaluate(SHOWN)
    number(page, "fast_style", "Blend", 1)
    page.keyboard.press("Tab")
    page.wait_for_function(f"{SHOWN} !== {first!r}")
    assert len(steps.history(page)) == 1
    steps.run(page, "fast_style")
    assert steps.history(page)[-1] == "Fast style"


def test_two_styles_share_a_picture_by_a_painted_mask(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "WCT")
    own = panel(page, "wct")
    page.wait_for_selector(".fk-bar:visible")
    for name, place in (("Style", 0), ("Second", 3)):
        own.locator(".fp").filter(has=page.get_by_text(name, exact=True)).locator(".fp-thumb").nth(place).click()
    marks.paint_tool(page, "brush", radius=60)
    marks.drag(page, (120, 80), (120, 220), steps=8)
    number(page, "wct", "Size", 256)
    steps.run(page, "wct")
    (recipe,) = read_lineage(steps.download(page, tmp_path))
    inputs = recipe["inputs"]
    assert inputs["style"]["sample"] != inputs["second"]["sample"]
    assert inputs["mask"].startswith("png:")


def looks(page) -> dict[str, list[str]]:
    """The groups of Fast style's list of styles, with their options."""
    steps.tab(page, "Fast style")
    return dict(
        page.locator(".fg-select >> visible=true")
        .first.locator("optgroup")
        .evaluate_all("all => all.map((one) => [one.label, [...one.children].map((each) => each.textContent)])")
    )


def test_a_style_is_taught_and_stands_among_the_others_at_once(open_page, tmp_path):
    page = open_page()
    page.set_default_timeout(60_000)
    steps.choose_sample(page)
    assert "Yours" not in looks(page)
    steps.tab(page, "Teach a style")
    own = panel(page, "teach_style")
    own.locator(".fp").filter(has=page.get_by_text("Style", exact=True)).locator(".fp-thumb").nth(3).click()
    own.get_by_label("Name").fill("My woodcut")
    number(page, "teach_style", "Steps", 4)
    number(page, "teach_style", "Size", 256)
    steps.run(page, "teach_style")
    assert "“My woodcut” (see Yours)" in page.inner_text(".fs-facts")
    assert looks(page)["Yours"] == ["My woodcut"]
    page.locator(".fg-select >> visible=true").first.select_option(label="My woodcut")
    page.wait_for_function("document.querySelector('.fs').innerText.includes('Not kept yet')")  # it is live
    steps.run(page, "fast_style")
    *_, recipe = read_lineage(steps.download(page, tmp_path))
    assert recipe["inputs"]["look"].startswith("yours:")
    assert len(recipe["inputs"]["look"]) == len("yours:") + 64
    steps.tab(page, "Yours")
    page.wait_for_selector(".fy-row")
    assert page.locator(".fy-kind").inner_text().lower() == "style"
    page.fill(".fy-name", "Woodcut, renamed")
    page.press(".fy-name", "Enter")
    page.wait_for_selector("text=It is called “Woodcut, renamed” now.")
    steps.tab(page, "Edit")
    assert looks(page)["Yours"] == ["Woodcut, renamed"]
