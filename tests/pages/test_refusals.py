"""Whatever a visitor gets wrong is said in one sentence, and nothing of the session is lost."""

import pytest

from tests.pages import steps
from tests.registry.bad_pictures import refused_files, unusual_files

pytestmark = pytest.mark.page

PASTE = """text => {
  const data = new DataTransfer(); data.setData('text', text);
  document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
}"""


def test_bad_pictures_are_refused_and_the_visit_stays(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page)
    for name, (path, why) in refused_files(tmp_path).items():
        if not path.is_file() or name == "empty":  # the browser itself does not send these
            continue
        steps.upload(page, path)
        page.wait_for_function("why => document.querySelector('.fs-error').innerText.includes(why)", arg=why)
        assert steps.error(page).startswith("The picture "), name
        page.get_by_role("button", name="Dismiss").click()
        assert page.inner_text(".fb-title") == "Chelsea the cat"
        assert steps.history(page) == ["Chelsea the cat"]
    assert "Chelsea" in page.get_attribute(".fs-after", "alt")


def test_unusual_pictures_come_out_right(open_page, tmp_path):
    page = open_page()
    for count, (name, (path, expected)) in enumerate(unusual_files(tmp_path).items(), 1):
        steps.upload(page, path)
        page.wait_for_function(f"document.querySelectorAll('.fh-row button').length === {count}")
        height, width = expected.shape[:2]
        assert page.inner_text(".fb-facts") == f"{width} × {height}", name


def test_a_pasted_address_is_refused(open_page):
    page = open_page()
    steps.choose_sample(page)
    page.evaluate(PASTE, "https://example.com/portrait.png")
    assert steps.error(page) == "The picture is a web address. Save the picture first and choose the file."
    assert page.inner_text(".fb-title") == "Chelsea the cat"


def test_a_file_beyond_the_limit_is_not_even_sent(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page)
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(49 * 2**20)
    steps.upload(page, large)
    assert steps.error(page) == "large.png has 49 MB, the most is 48 MB. Make it smaller first."
    assert page.inner_text(".fb-facts").startswith("451 × 300")


def test_no_picture_and_a_wrong_value(open_page):
    page = open_page()
    steps.tab(page, "All kinds")
    steps.run(page, "kinds", wait=False)
    assert steps.error(page) == "Choose a picture first: upload one, or take one of the samples."
    steps.choose_sample(page)
    page.get_by_label("Words").fill("refuse")
    steps.run(page, "kinds", wait=False)
    assert steps.error(page) == "“Words” must not say refuse. Say something else."
    assert page.get_by_label("Words").input_value() == "refuse"
    page.get_by_label("Words").fill("a sentence far longer than twenty characters")
    steps.run(page, "kinds", wait=False)
    page.wait_for_function("document.querySelector('.fs-error').innerText.includes('the most is 20')")
    page.get_by_label("Words").fill("fine")
    steps.run(page, "kinds")
    assert page.is_hidden(".fs-error")
    assert steps.history(page) == ["Chelsea the cat", "All kinds"]


def test_an_editor_that_breaks_says_so_and_is_listed(open_page):
    page = open_page()
    steps.choose_sample(page)
    steps.tab(page, "Raises mid run")
    steps.run(page, "raises_mid_run", wait=False)
    assert "ZeroDivisionError" in steps.error(page)
    assert steps.history(page) == ["Chelsea the cat"]
    steps.tab(page, "Good one")
    steps.run(page, "good_one")
    steps.tab(page, "Add-ons")
    page.wait_for_selector(".fa-fault")
    assert any("division by zero" in fault for fault in page.locator(".fa-fault").all_inner_texts())
    refused = {row.inner_text().split("\n")[0]: row.inner_text() for row in page.locator(".fa-refused").all()}
    assert "not installed" in refused["z_missing_dependency"]
    assert "low < high" in refused["z_bad_spec"]
    assert "register_editor" in refused["z_misspelt_hook"]
    assert "good_one" in refused["z_clashing_id"]
