"""How far a run is: a forecast from measured steps, a bar that never stands still, a queue that can be left."""

import pytest

from tests.pages import steps

pytestmark = pytest.mark.page


def ready(page, count):
    steps.choose_sample(page)
    steps.number(page, "Steps", count)


def started(page, count):
    ready(page, count)
    steps.run(page, "creeping", wait=False)
    page.wait_for_selector('.fs[data-state="running"]')


def test_a_long_run_says_how_long_it_will_still_take(open_page):
    page = open_page(path="?editor=creeping")
    started(page, 400)
    page.wait_for_function("/^about \\d+ (s|min) left$/.test(document.querySelector('.fs-eta').textContent)")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector('.fs[data-state="rest"]')
    assert page.inner_text(".fs-eta") == ""


def test_the_bar_goes_on_between_steps_and_counts_where_there_are_none(open_page):
    page = open_page()
    page.clock.install()  # from now on the page's time goes on when it is told to
    page.evaluate("window.seen = []; window.pace = facet.pace((now) => seen.push(now)); pace.start()")

    def after(milliseconds, then="0"):
        page.clock.run_for(milliseconds)
        return page.evaluate(f"(() => {{ {then}; return seen.at(-1); }})()")

    before = after(3200)
    assert before["waiting"]
    assert before["words"] == "3 s so far"
    after(0, "pace.step(0.1)")
    assert after(400, "pace.step(0.2)")["done"] == pytest.approx(0.2, abs=0.01)
    assert 0.2 < after(400)["done"] < 0.4
    late = after(5600)
    assert late["waiting"]
    assert late["words"].startswith("no news for")
    after(0, "pace.step(0.999)")
    after(300, "pace.end(); window.ended = seen.length")
    after(600)
    assert page.evaluate("Math.max(...seen.map((each) => each.done))") < 1
    assert page.evaluate("seen.length - ended") == 0


def test_who_waits_sees_the_place_and_can_cancel(open_page):
    one, two = open_page(path="?editor=creeping"), open_page(path="?editor=creeping")
    ready(one, 400)
    ready(two, 30)
    for page in (one, two):  # one right after the other, while the first still goes on
        steps.run(page, "creeping", wait=False)
        page.wait_for_selector('.fs[data-state="running"]')
    two.wait_for_function("document.querySelector('.fs-note').textContent === 'waiting for 1 other edit'")
    two.get_by_role("button", name="Cancel").click()
    two.wait_for_selector('.fs:not([data-state="running"])')
    assert steps.history(two) == ["Chelsea the cat"]
    one.get_by_role("button", name="Stop").click()
    one.wait_for_selector('.fs[data-state="rest"]')
