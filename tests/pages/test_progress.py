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
    seen = page.evaluate(
        """async () => {
          const seen = [], pace = facet.pace((now) => seen.push(now));
          const wait = (ms) => new Promise((done) => setTimeout(done, ms));
          pace.start();
          await wait(3200);
          const before = seen.at(-1);
          pace.step(0.1); await wait(400); pace.step(0.2);
          const at = seen.at(-1).done;
          await wait(400);
          const ahead = seen.at(-1).done;
          await wait(5600);
          const late = seen.at(-1);
          pace.step(0.999); await wait(300);
          pace.end();
          const last = seen.length;
          await wait(600);
          const most = Math.max(...seen.map((each) => each.done));
          return { before, at, ahead, late, after: seen.length - last, most };
        }"""
    )
    assert seen["before"]["waiting"]
    assert seen["before"]["words"] == "3 s so far"
    assert seen["at"] == pytest.approx(0.2, abs=0.01)
    assert 0.2 < seen["ahead"] < 0.4
    assert seen["late"]["waiting"]
    assert seen["late"]["words"].startswith("no news for")
    assert seen["most"] < 1
    assert seen["after"] == 0


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
