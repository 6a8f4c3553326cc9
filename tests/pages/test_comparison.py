"""The Compare tab."""

import pytest

from tests.pages import steps

pytestmark = pytest.mark.page


def methods(page, *names: str) -> None:
    """Tick exactly these."""
    for box in page.locator("#facet-tasks").get_by_role("checkbox").all():
        label = box.evaluate("box => box.closest('label').innerText.trim()")
        box.set_checked(label in names)


def finished(page) -> None:
    page.wait_for_function("!document.body.classList.contains('facet-running')")


def test_columns_metrics_and_taking_one_over(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Compare")
    methods(page, "Colour transfer", "Good one", "Raises mid run")
    page.click("#compare-restyle")
    page.wait_for_selector(".fc-table")
    finished(page)
    cards = page.locator(".fc-card")
    assert [card.get_attribute("data-state") for card in cards.all()] == ["done", "done", "failed"]
    assert "ZeroDivisionError" in cards.nth(2).inner_text()
    rows = {row.locator("th").inner_text().split("\n")[0]: row for row in page.locator(".fc-table tbody tr").all()}
    kept = rows["Structure kept (SSIM)"].locator("td")
    assert 0 < float(kept.nth(0).inner_text().split()[0]) < 1
    assert page.locator(".fc-table .fc-best").count() >= 1
    assert "⌂" in rows["Colour distance"].locator("td").nth(0).inner_text()  # colour transfer optimises it
    assert rows["Colour distance"].locator("td").nth(1).inner_text() == "–"  # good one has no style
    cards.nth(0).get_by_role("button", name="Use this picture").click()
    page.wait_for_selector("#facet-stage:visible")
    assert steps.history(page) == ["Chelsea the cat", "Colour transfer"]
    assert page.get_by_role("tab", name="Edit", exact=True).get_attribute("aria-selected") == "true"


def test_stop_leaves_out_the_rest_and_refusals_keep_the_columns(open_page):
    page = open_page()
    steps.tab(page, "Compare")
    methods(page, "Good one")
    page.click("#compare-restyle")
    page.wait_for_function("document.querySelector('.fc .fs-error').innerText.includes('Choose a picture first')")
    steps.tab(page, "Edit")
    steps.choose_sample(page)
    steps.tab(page, "Compare")
    methods(page, "Creeping", "Good one")
    page.click("#compare-restyle")
    page.wait_for_selector(".fc-card[data-state=running] img[src]", state="attached")
    page.locator(".fc .fs-stop").click()
    finished(page)
    states = [card.get_attribute("data-state") for card in page.locator(".fc-card").all()]
    assert states == ["stopped", "stopped"]
    assert "Use this picture" in page.locator(".fc-card").nth(0).inner_text()
    assert "left out" in page.locator(".fc-card").nth(1).inner_text()
    methods(page)
    page.click("#compare-restyle")
    page.wait_for_function("document.querySelector('.fc .fs-error').innerText.includes('methods: are missing')")
    assert page.locator(".fc-card").count() == 2
