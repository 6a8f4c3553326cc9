"""The Batch room: pictures in, the controls of what is chosen, a gallery and a ZIP out."""

import io
import zipfile

import pytest
from PIL import Image

from registry.conformance import small_picture
from tests.pages import steps

pytestmark = pytest.mark.page


def picture(number):
    content = io.BytesIO()
    Image.fromarray(small_picture(40 + number, 30, number)).save(content, "PNG")
    return {"name": f"p{number}.png", "mimeType": "image/png", "buffer": content.getvalue()}


def choose(page, title):
    page.click("#facet-batch-what input")
    page.get_by_role("option", name=title, exact=True).click()
    page.wait_for_selector("#run-batch")


def test_what_is_missing_stands_above_run(open_page):
    page = open_page()
    steps.tab(page, "Batch")
    choose(page, "Colour transfer")
    said = page.locator("#facet-batch-settings .fw")
    said.filter(has_text="Choose pictures first, or name a folder.").wait_for()
    page.get_by_text("A folder on this machine").click()
    page.fill("#facet-batch-folder textarea", "pictures")
    page.locator("#facet-batch-settings .fp-thumb").nth(1).click()
    said.wait_for(state="hidden")
    page.fill("#facet-batch-folder textarea", "")
    said.wait_for(state="visible")
    page.set_input_files("#facet-batch-pictures input[type=file]", picture(0))
    said.wait_for(state="hidden")
    choose(page, "Edits of saved pictures")
    said.filter(has_text="Choose what is done first: a picture that Facet saved, or its recipe.").wait_for()


def test_many_pictures_go_in_and_a_gallery_and_a_zip_come_out(open_page, server, tmp_path):
    page = open_page()
    steps.tab(page, "Batch")
    most = page.evaluate("() => { const most = window.facetLimit; window.facetLimit = 100; return most; }")
    page.set_input_files(".ft-batch input[type=file] >> nth=0", picture(0))
    page.get_by_text("p0.png has 1 MB, the most is 0 MB. Make it smaller first.").first.wait_for()
    page.evaluate("(most) => { window.facetLimit = most; }", most)
    broken = {"name": "odd.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.set_input_files(".ft-batch input[type=file] >> nth=0", [*map(picture, range(9)), broken])
    choose(page, "Colour transfer")
    page.locator("#facet-batch-settings .fp-thumb").nth(1).click()
    page.wait_for_function("document.querySelectorAll('.ft-batch .file-preview tr, .ft-batch .file').length >= 10")
    page.click("#run-batch")
    page.wait_for_selector(".fn-zip:visible", timeout=60_000)
    assert page.inner_text(".fn-note") == "9 of 10 finished, 1 failed"
    assert page.locator(".fn-card span").all_inner_texts() == [f"p{number}" for number in range(9)]
    assert "not a picture that can be read" in page.inner_text(".fn-failed li")
    with page.expect_download() as waiting:
        page.click(".fn-zip")
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert sorted(archive.namelist()) == [
            "batch.csv",
            "batch.json",
            *(f"p{number}.png" for number in range(9)),
        ]
    choose(page, "Creeping")
    page.click("#run-batch")
    page.wait_for_selector(".fn[aria-busy=true] .fs-stop:visible")
    browser = page.context
    page.close()  # it goes on meanwhile, and is found again
    page = browser.new_page()
    page.goto(server.url + "?room=batch")
    page.wait_for_selector(".fn[aria-busy=true] .fs-stop:visible", timeout=60_000)
    page.click(".fn .fs-stop")
    page.wait_for_selector(".fn[aria-busy=false]", timeout=60_000)
    assert page.inner_text(".fn-note").endswith("Stopped. What is finished stays.")
    open_page.watch.errors.clear()  # Gradio writes a refused upload to the console, some of it later
