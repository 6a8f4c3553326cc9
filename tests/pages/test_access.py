"""What people with a keyboard, a screen reader or weak eyes need: axe-core, a skip link, one tab stop for many."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages import steps

pytestmark = pytest.mark.page


def serious(page):
    """Findings of axe-core that keep people out, each with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], node["target"], node.get("failureSummary", "")[:300])
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


def empty(page):
    page.wait_for_selector(".fs-empty .fp-thumb >> visible=true")


def chosen(page):
    steps.choose_sample(page)


def made(page):
    steps.choose_sample(page)
    steps.tab(page, "Colour transfer")
    steps.run(page, "colour_transfer")


def history(page):
    made(page)
    page.get_by_role("button", name="History…").click()


def refused(page):
    steps.tab(page, "All kinds")
    steps.run(page, "kinds", wait=False)
    steps.error(page)


def marking(page):
    steps.choose_sample(page)
    steps.tab(page, "Pulling")
    page.wait_for_selector(".fk-bar:visible")


def room(name):
    def open_room(page):
        steps.tab(page, name)
        page.wait_for_timeout(300)

    return open_room


def compared(page):
    """Prepared once for what follows: it takes seconds."""
    steps.choose_sample(page)
    steps.tab(page, "Compare")
    for box in page.locator("#facet-tasks").get_by_role("checkbox").all():
        box.set_checked(False)  # one of them is slow
    page.get_by_role("button", name="Sweep a setting").click()
    page.click("#compare-restyle")
    page.wait_for_selector(".fg-dot")


def enlarge(page):
    page.get_by_role("button", name="Enlarge the original").click()
    page.get_by_role("button", name="Side by side").click()


def marked(page):
    steps.choose_sample(page)
    steps.tab(page, "Compare")
    steps.tab(page, "Drag")
    page.wait_for_selector(".fm .fk")


STATES = {
    "empty": empty,
    "chosen": chosen,
    "made": made,
    "history": history,
    "refused": refused,
    "marking": marking,
    "compare": room("Compare"),
    "marked": marked,
    "batch": room("Batch"),
    "yours": room("Yours"),
    "addons": room("Add-ons"),
}


def sound(page):
    """Nothing serious in the light nor in the dark; one page serves for both."""
    for theme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.contains('dark') === dark"
                      " || document.querySelector('#facet-theme').click()", theme == "dark")  # fmt: skip
        page.mouse.move(1, 1)
        page.wait_for_timeout(300)  # transitions of colours
        assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
        assert serious(page) == [], theme


def descending(page):
    """Headings go down one level at a time."""
    levels = (
        page.locator("h1, h2, h3, h4").locator("visible=true").evaluate_all("all => all.map(one => +one.tagName[1])")
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_serious(open_page, state):
    page = open_page(path="?__theme=light")
    STATES[state](page)
    sound(page)


def test_a_comparison_is_sound_also_where_a_picture_of_it_is_large(open_page):
    page = open_page(path="?__theme=light")
    descending(page)
    compared(page)
    descending(page)
    sound(page)
    enlarge(page)
    sound(page)


def test_a_finding_would_be_found(open_page):
    page = open_page()
    page.evaluate("document.querySelector('.ft-title').style.color = '#eeeeee'")
    page.evaluate("document.querySelector('.fb-upload').textContent = ''")
    assert {"button-name"} <= {row[0] for row in serious(page)}


def test_the_first_tab_stop_skips_to_the_picture(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the picture"
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('#facet-stage').contains(document.activeElement)")


def test_in_another_room_it_skips_there(open_page):
    page = open_page()
    steps.tab(page, "Compare")
    page.locator(".ft-skip").focus()
    assert page.evaluate("document.activeElement.textContent") == "Skip to Compare"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('#facet-tasks')")


def test_styles_are_one_tab_stop_with_arrow_keys(open_page):
    page = open_page(path="?editor=colour_transfer")
    shelf = page.locator("#facet-right .fp-shelf").locator("visible=true").first
    buttons = shelf.locator("button")
    buttons.first.wait_for()
    stops = buttons.evaluate_all("all => all.filter((each) => each.tabIndex === 0).length")
    assert stops == 1
    buttons.nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert buttons.nth(1).evaluate("button => button === document.activeElement")
    page.keyboard.press("End")
    assert buttons.last.evaluate("button => button === document.activeElement")
    page.keyboard.press("Enter")
    assert buttons.last.get_attribute("aria-pressed") == "true"
    assert buttons.last.evaluate("button => button.tabIndex") == 0
