"""The Compare tab."""

import pytest

from tests.pages import steps

pytestmark = pytest.mark.page


MOVED = "all => all.map((each) => getComputedStyle(each).transform.match(/-?[\\d.]+/g).map(Number))"


def methods(page, *names: str) -> None:
    """Tick exactly these."""
    for box in page.locator("#facet-tasks").get_by_role("checkbox").all():
        label = box.evaluate("box => box.closest('label').innerText.trim()")
        box.set_checked(label in names)


def measured(card, metric: str) -> str:
    """What a column says under a metric."""
    return card.locator(".fc-measures div", has=card.page.locator("dt", has_text=metric)).locator("dd").inner_text()


def finished(page) -> None:
    page.wait_for_function("!document.body.classList.contains('facet-running')")


def test_columns_metrics_and_taking_one_over(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Compare")
    methods(page, "Colour transfer", "Good one", "Raises mid run")
    page.click("#compare-restyle")
    page.wait_for_selector(".fc-measures div", timeout=120_000)
    finished(page)
    cards = page.locator(".fc-card")
    assert [card.get_attribute("data-state") for card in cards.all()] == ["done", "done", "failed"]
    assert "ZeroDivisionError" in cards.nth(2).inner_text()
    assert cards.nth(0).locator(".fc-state").inner_text().endswith(" s")
    assert 0 < float(measured(cards.nth(0), "Structure kept (SSIM)").split()[0]) < 1
    assert page.locator(".fc-measures .fc-best").count() >= 1
    assert "⌂" in measured(cards.nth(0), "Colour distance")  # colour transfer optimises it
    assert measured(cards.nth(1), "Colour distance") == "–"  # good one has no style
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
    page.wait_for_function("document.querySelector('.fc .fs-error').innerText.includes('Methods are missing')")
    assert page.locator(".fc-card").count() == 2


def test_films_play_side_by_side_and_many_columns_scroll_inside(open_page):
    page = open_page(390, 844)
    steps.choose_sample(page)
    page.get_by_role("tab", name="Compare", exact=True).click()
    page.get_by_role("tab", name="Animate", exact=True).click()
    page.click("#compare-animate")
    page.wait_for_function("document.querySelectorAll('.fc-card[data-state=done]').length === 2")
    finished(page)
    page.wait_for_function(
        "[...document.querySelectorAll('.fc-film video')].filter((video) => video.currentTime > 0.1).length === 2"
    )
    one, two = page.evaluate("[...document.querySelectorAll('.fc-film video')].map((video) => video.currentTime)")
    assert abs(one - two) < 0.5
    grid = page.locator(".fc-grid >> visible=true")
    assert grid.evaluate("grid => grid.scrollWidth > grid.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Stills").click()
    assert page.locator(".fc-film").count() == 0
    page.get_by_role("button", name="Use this picture").last.click()
    page.wait_for_selector(".ff-place video")  # the film goes along


def sweep(page, editor: str, setting: str) -> None:
    """Ask for a sweep of one setting at its first values."""
    page.get_by_role("button", name="Sweep a setting").click()
    row = page.locator(".fv-row >> visible=true").last
    row.locator("select").first.select_option(editor)
    row.locator(".fv-setting select").select_option(setting)


def test_a_sweep_is_sorted_plotted_enlarged_and_made_again(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Compare")
    methods(page)
    sweep(page, "good_one", "strength")
    page.click("#compare-restyle")
    page.wait_for_selector(".fg-dot", timeout=120_000)
    variants = page.locator(".fc-card .fc-variant")
    assert variants.all_inner_texts() == [f"Strength {value}" for value in ("0", "0.3333", "0.6667", "1")]
    page.get_by_label("Sort by").select_option("mad")  # the mean difference: less is better
    page.get_by_label("Sort by").select_option("colour_richness")
    ranked = [float(measured(card, "Colourfulness").split()[0]) for card in page.locator(".fc-card").all()]
    assert ranked == sorted(ranked, reverse=True)
    assert page.locator(".fg-dot").count() == page.locator(".fg-table tbody tr").count() == 4
    assert "higher is better" in page.locator(".fc-better").inner_text() + page.locator(".fc-legend").first.inner_text()

    page.get_by_role("button", name="Difference").click()
    page.wait_for_function("document.querySelector('.fc-note')?.innerText.startsWith('differs by')")
    page.get_by_role("button", name="Difference").click()

    page.get_by_role("button", name="Enlarge 1 Good one, Strength 0", exact=True).click()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Side by side").click()
    scale, _, _, _, left, top = zip(*page.locator(".fl-moved").evaluate_all(MOVED), strict=True)
    assert scale == (1.25,) * 5  # zoomed and moved together
    assert max(left) - min(left) < 0.1 > max(top) - min(top)
    assert max(left) < 0
    page.keyboard.press("Escape")

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save recipes").click()
    waiting.value.save_as(tmp_path / "comparison.json")
    page.set_input_files("#columns-restyle input[type=file]", tmp_path / "comparison.json")
    page.wait_for_function(
        "document.querySelectorAll('.fc-card').length === 4 && [...document.querySelectorAll('.fc-note')]"
        ".every((note) => note.innerText === 'The same picture as before.')"
    )


def test_points_are_placed_where_drags_are_compared(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Compare")
    steps.tab(page, "Drag")
    canvas = page.locator(".fm .fk")
    canvas.wait_for()
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()
    ((left, top, right, bottom),) = page.evaluate(
        "facet.marks.pairs.map((pair) => [...facet.marks.at(pair), ...pair.target])"
    )
    assert right > left
    page.click("#compare-drag")
    page.wait_for_selector("#columns-drag .fg-dot", timeout=120_000)
    states = [card.get_attribute("data-state") for card in page.locator("#columns-drag .fc-card").all()]
    assert len(states) > 1
    assert set(states) == {"done"}
    steps.tab(page, "Edit")
    steps.tab(page, "Pulling")
    page.locator("#facet-stage .fk-handle").first.wait_for()
    assert page.locator("#facet-stage .fk-handle").count() == 1  # the same marks
