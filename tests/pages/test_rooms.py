"""Finding one's way: rooms in the header, editors in the rail or in its sheet, and addresses that lead to them."""

import pytest

from tests.pages import steps

pytestmark = pytest.mark.page

MANY = """() => {
  const element = document.body.appendChild(document.createElement("div"));
  element.id = "many"; element.className = "facet-widget";
  const editors = (from, to) => Array.from({length: to - from}, (_, n) => ({
    id: `add_on_${from + n}`, title: `Add-on ${from + n}`,
    doc: from + n === 33 ? "Day into night." : "Does a thing."}));
  const value = {groups: [{title: "Restyle", editors: editors(0, 15)}, {title: "Strange", editors: editors(15, 40)}]};
  facet.rail({element, props: {value}, watch() {}, trigger() {}});
}"""


def chosen(page) -> str:
    """Title of the editor that the rail shows as open."""
    return page.locator(".fr [role=tab][aria-selected=true]").get_attribute("aria-label")


def shown(page, editor: str) -> None:
    page.wait_for_selector(f"#run-{editor} >> visible=true")


def test_editors_lie_under_headings_and_the_address_follows(open_page):
    page = open_page()
    headings = [one.inner_text() for one in page.locator(".fr-heading").all()]
    assert headings[0] == "Restyle"
    first = page.locator(".fr-group").first
    assert {"Colour transfer", "Good one"} <= {
        one.get_attribute("aria-label") for one in first.get_by_role("tab").all()
    }
    assert "editor=" not in page.url
    steps.tab(page, "Good one")
    shown(page, "good_one")
    assert chosen(page) == "Good one"
    page.wait_for_url("**/?editor=good_one")
    steps.tab(page, "Compare")
    page.wait_for_url("**/?editor=good_one&room=compare")
    steps.tab(page, "Edit")
    page.wait_for_url("**/?editor=good_one")


def test_an_address_opens_an_editor_or_a_room(open_page, server):
    page = open_page(path="?editor=creeping&__theme=dark")
    shown(page, "creeping")
    assert chosen(page) == "Creeping"
    page.goto(server.url + "?room=addons")
    page.wait_for_selector("#facet-addons >> visible=true")
    assert page.get_by_role("tab", name="Add-ons", exact=True).get_attribute("aria-selected") == "true"
    page.goto(server.url + "?editor=no_such_editor")
    shown(page, "colour_transfer")


def test_inputs_and_marks_outlive_a_change_of_editor_and_of_room(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "All kinds")
    page.get_by_label("Words").fill("kept")
    page.get_by_label("down").check()
    panel = page.get_by_role("tabpanel").filter(has=page.locator("#run-kinds")).last
    panel.locator(".fp-thumb").nth(3).click()
    page.get_by_role("button", name="Add a pair").click()
    for name, value in (("1: x", 10), ("1: y", 20), ("1: to x", 30), ("1: to y", 40)):
        page.get_by_label(f"Pairs {name}", exact=True).fill(str(value))
    for name in ("Colour transfer", "Compare", "Add-ons", "Edit", "All kinds"):
        steps.tab(page, name)
    shown(page, "kinds")
    assert page.get_by_label("Words").input_value() == "kept"
    assert page.get_by_label("down").is_checked()
    assert panel.locator(".fp-thumb").nth(3).get_attribute("aria-pressed") == "true"
    assert page.get_by_label("Pairs 1: to y", exact=True).input_value() == "40"
    steps.run(page, "kinds")
    facts = page.inner_text(".fs-facts").split()
    assert facts[facts.index("pairs") + 1] == "1"


def test_arrow_keys_go_from_editor_to_editor(open_page):
    page = open_page()
    titles = [one.get_attribute("aria-label") for one in page.locator(".fr [role=tab]").all()]
    page.locator(".fr [role=tab]").first.focus()
    page.keyboard.press("ArrowDown")
    assert chosen(page) == titles[1]
    page.keyboard.press("End")
    assert chosen(page) == titles[-1]
    page.keyboard.press("ArrowDown")
    assert chosen(page) == titles[0]
    assert page.locator(".fr [role=tab][tabindex='0']").count() == 1  # one stop of the Tab key, however many editors
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('#facet-right')")


def test_on_a_phone_the_rail_is_a_sheet(open_page):
    page = open_page(390, 844, has_touch=True)
    unfold = page.locator(".fr-open")
    assert "Colour transfer" in unfold.inner_text()
    assert page.locator(".fr-sheet").is_hidden()
    unfold.click()
    assert unfold.get_attribute("aria-expanded") == "true"
    page.get_by_role("tab", name="Good one", exact=True).click()
    assert page.locator(".fr-sheet").is_hidden()
    assert "Good one" in unfold.inner_text()
    unfold.click()
    page.keyboard.press("Escape")
    assert page.locator(".fr-sheet").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_forty_editors_scroll_inside_the_rail_and_can_be_found(open_page):
    page = open_page(1280, 720)
    page.evaluate(MANY)
    many = page.locator("#many")
    box = many.locator(".fr-list").bounding_box()
    assert box["height"] <= 720
    assert many.locator(".fr-list").evaluate("list => list.scrollHeight > list.clientHeight")
    many.get_by_label("Find an editor").fill("night strange")
    assert [one.inner_text() for one in many.locator(".fr-tab >> visible=true").all()] == ["Add-on 33"]
    assert many.locator(".fr-heading >> visible=true").all_inner_texts() == ["Strange"]
    many.get_by_label("Find an editor").fill("nothing of the kind")
    assert many.get_by_role("status").inner_text() == "No editor is called that."
    page.keyboard.press("Escape")
    assert many.locator(".fr-tab >> visible=true").count() == 40
    assert page.locator(".fr-find >> visible=true").count() == 1  # the page's own rail has too few to need it
