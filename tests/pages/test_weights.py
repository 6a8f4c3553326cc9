"""Weights on the page: a licence is asked for on the stage, a notice says what stood in, further pictures are shown."""

import json

import pytest

from tests.pages.steps import choose_sample, error, history, run, tab

pytestmark = pytest.mark.page


def test_a_licence_is_accepted_on_the_stage_and_remembered(open_page, server):
    page = open_page()
    choose_sample(page)
    tab(page, "Licensed")
    run(page, "licensed", wait=False)
    assert "Toy net (repository owner/toy) comes under “Only for fun”" in error(page)
    assert len(history(page)) == 1
    assert not (server.home / "licences.json").exists()
    page.get_by_role("button", name="Accept the licence").click()
    page.wait_for_function("document.querySelector('.fs-note').textContent.includes('Toy net accepted')")
    assert not page.is_visible(".fs-error")
    (row,) = json.loads((server.home / "licences.json").read_text()).values()
    assert (row["accepted"], row["repo"], row["licence"]) == (True, "owner/toy", "Only for fun")

    run(page, "licensed", wait=False)
    assert error(page) == "Toy net cannot be downloaded now: The Hub can't be reached. Use Stand-in instead?"
    assert len(history(page)) == 1, "nothing is made before the visitor agrees"
    page.get_by_role("button", name="Use Stand-in").click()
    page.wait_for_function("document.querySelectorAll('.fh-row button').length === 2")
    page.wait_for_selector('.fs[data-state="rest"]')
    assert page.inner_text(".fs-fact-notice dd") == "gain: The Hub can't be reached: using the embedded Stand-in."
    assert page.inner_text(".fs-fact-weights dd") == "Stand-in · CC0"

    shown = page.get_attribute(".fs-after", "src")
    other = page.get_by_role("group", name="More pictures").get_by_role("button", name="as it was")
    other.click()
    page.wait_for_function("shown => document.querySelector('.fs-after').src !== shown", arg=shown)
    assert other.get_attribute("aria-pressed") == "true"
    other.click()
    page.wait_for_function("shown => document.querySelector('.fs-after').src === shown", arg=shown)


def test_only_weights_of_editors_here_can_be_accepted(tmp_path, monkeypatch):
    from surfaces.page import choosing
    from surfaces.page.session import Session

    monkeypatch.setenv("FACET_HOME", str(tmp_path))
    stage, *_ = choosing.accept([], Session(), {"accept": {"repo": "owner/toy", "licence": "Only for fun"}})
    assert stage["sentence"].startswith("Licence belongs to no weights")
    assert not (tmp_path / "licences.json").exists()
