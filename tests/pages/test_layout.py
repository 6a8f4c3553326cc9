"""The page on a phone, in the dark, and by keyboard."""

import pytest

from tests.pages import steps

pytestmark = pytest.mark.page


@pytest.mark.parametrize("place", ["Edit", "Compare", "Add-ons"])
def test_nothing_is_wider_than_a_phone(open_page, place):
    page = open_page(390, 844, has_touch=True)
    steps.choose_sample(page)
    if place == "Edit":
        steps.tab(page, "Good one")
        steps.run(page, "good_one")
    steps.tab(page, place)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_rooms_stand_still_when_another_is_opened(open_page):
    page = open_page()
    lefts = "[...document.querySelectorAll('.ft-room')].map((room) => room.getBoundingClientRect().left)"
    before = page.evaluate(lefts)
    steps.tab(page, "Compare")
    assert page.evaluate(lefts) == before


def test_dark_and_back(open_page):
    page = open_page(path="?__theme=dark")
    body = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(body)
    page.click("#facet-theme")
    page.wait_for_function(f"{body} !== '{dark}'")
    light = page.evaluate(body)
    assert max(map(int, dark[4:-1].split(","))) < 60 < 200 < min(map(int, light[4:-1].split(",")))


def test_pictures_have_words_and_controls_have_names(open_page):
    page = open_page()
    steps.choose_sample(page)
    assert page.locator("img:not([alt])").count() == 0
    unnamed = page.evaluate(
        """[...document.querySelectorAll('.facet-widget button, .facet-widget input:not([type=file])')].filter(
             (one) => !(one.innerText || one.ariaLabel || one.title || one.querySelector('img[alt]')?.alt)).length"""
    )
    assert unnamed == 0


def test_a_sample_can_be_chosen_by_keyboard(open_page):
    page = open_page()
    page.locator(".fs-empty .fp-thumb").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector('.fs[data-state="rest"]')
    assert page.inner_text(".fb-title") == "Eileen Collins, astronaut"
    assert "NASA" in page.inner_text(".fb-facts")
