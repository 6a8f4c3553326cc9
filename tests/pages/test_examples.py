"""The first minutes: examples, links, shortcuts and the tour."""

import pytest

from tests.pages import steps

pytestmark = pytest.mark.page


def test_one_press_brings_and_runs_an_example_and_a_link_carries_its_settings(open_page):
    page = open_page(path="?editor=colour_transfer", permissions=["clipboard-read", "clipboard-write"])
    page.wait_for_selector("#facet-right .fe-one img[src^=data] >> visible=true")
    page.get_by_role("button", name="Example: Golden cup").click()
    page.wait_for_function("document.querySelectorAll('.fh-row button').length === 2")
    page.wait_for_selector('.fs[data-state="rest"]')
    strength = page.get_by_label("number input for Strength")
    assert strength.first.input_value() == "0.8"

    page.get_by_role("button", name="Copy link").locator("visible=true").click()
    page.wait_for_selector(".fe-link:has-text('Link copied')")
    other = page.context.new_page()
    other.goto(page.evaluate("navigator.clipboard.readText()"))
    other.wait_for_selector("#run-colour_transfer:visible")
    boxes = "[...document.querySelectorAll('#facet-right input[type=number]')]"
    other.wait_for_function(f"{boxes}.some((each) => each.value === '0.8')")
    other.wait_for_selector('#facet-right .fp-thumb[aria-pressed=true][title^="Gold"]')
    other.close()

    height = "document.querySelector('.fs-view').offsetHeight"
    tall = page.evaluate(height)
    page.locator("h1").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function("document.querySelectorAll('.fh-row button').length === 3")
    page.wait_for_selector('.fs[data-state="rest"]')
    assert page.evaluate(height) == tall, "the canvas keeps its size"
    page.keyboard.press("?")
    assert "Ctrl + Enter" in page.inner_text("dialog.fe-keys")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('dialog.fe-keys')")


def test_the_tour_can_be_skipped(open_page):
    page = open_page()
    page.click(".fe-take")
    first = page.inner_text(".fe-tour strong")
    page.get_by_role("button", name="Next").click()
    assert page.inner_text(".fe-tour strong") != first
    page.keyboard.press("Escape")
    assert page.locator(".fe-tour, .fe-ring").count() == 0


def test_on_a_phone_the_picture_stays_above_the_sliders(open_page):
    page = open_page(390, 844, has_touch=True, path="?editor=colour_transfer")
    steps.choose_sample(page)
    page.locator("#run-colour_transfer").evaluate("run => run.closest('#facet-right').scrollIntoView({ block: 'end' })")
    page.wait_for_selector(".fe-pin:visible")
    box = page.locator(".fe-pin img").bounding_box()
    assert 0 <= box["y"] < 60
    assert page.locator(".fe-pin img").get_attribute("src") == page.locator(".fs-after").get_attribute("src")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click(".fe-pin")
    page.wait_for_selector(".fe-pin", state="hidden")
