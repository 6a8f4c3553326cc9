"""A film on the stage: it plays, gives way to its still, is saved, and comes back from the history; and over HTTP."""

import io
from pathlib import Path

import pytest
from PIL import Image

from registry.conformance.sample_inputs import small_picture
from registry.saved.lineage import read_lineage
from tests.pages import marks, steps

pytestmark = pytest.mark.page
gradio_client = pytest.importorskip("gradio_client")
PLAYS = "document.querySelector('.ff-place video')?.currentTime > 0.1"


def file_of(width=64, height=48):
    buffer = io.BytesIO()
    Image.fromarray(small_picture(width, height)).save(buffer, "PNG")
    return {"name": "in.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def filmed(page, format=""):
    steps.upload(page, file_of())
    page.wait_for_selector('.fs[data-state="rest"]')
    steps.tab(page, "Bouncing")
    if format:
        page.get_by_role("radio", name=format).check()
    steps.run(page, "bouncing")


def test_a_film_plays_silently_in_a_loop_and_is_saved(open_page, tmp_path):
    page = open_page()
    filmed(page)
    page.wait_for_function(PLAYS)
    video = page.locator(".ff-place video")
    assert video.evaluate("v => [v.muted, v.loop, v.controls, v.paused, v.videoWidth]") == [True, True, True, False, 64]
    assert "10 frames, 1.0 s" in page.inner_text(".fs-facts")
    with page.expect_download() as waiting:
        page.click(".ff-save")
    assert waiting.value.suggested_filename == "bouncing.mp4"
    waiting.value.save_as(tmp_path / "a.mp4")
    assert read_lineage(tmp_path / "a.mp4")[0]["film"]["frames"] == 10
    assert read_lineage(steps.download(page, tmp_path))[0]["film"]["format"] == "mp4"


def test_the_colours_of_the_film_are_those_of_the_still(open_page):
    page = open_page()
    filmed(page)
    page.wait_for_function(PLAYS)
    quarters = """(node) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
        const draw = canvas.getContext("2d");
        draw.drawImage(node, 0, 0, 64, 48);
        return [[0, 0], [32, 0], [0, 24], [32, 24]].flatMap(([x, y]) => {
            const data = draw.getImageData(x, y, 32, 24).data, sum = [0, 0, 0];
            data.forEach((level, index) => { if (index % 4 < 3) sum[index % 4] += level; });
            return sum.map((total) => total / (32 * 24));
        });
    }"""
    page.locator(".ff-place video").evaluate("v => { v.pause(); v.currentTime = 0; }")
    page.wait_for_function("!document.querySelector('.ff-place video').seeking")
    played = page.locator(".ff-place video").evaluate(quarters)
    still = page.locator(".fs-after").evaluate(quarters)
    # a player that takes BT.709 for BT.601 is 18 levels off here, one that mistakes the range 13
    assert max(abs(one - other) for one, other in zip(played, still, strict=True)) < 9


def test_still_and_history_and_a_new_run_put_the_film_away(open_page):
    page = open_page()
    filmed(page, "GIF")
    page.wait_for_function("document.querySelector('.ff-place img')?.naturalWidth === 64")
    page.get_by_role("button", name="Show the still").click()
    assert page.locator(".ff-place img").count() == 0
    page.get_by_role("button", name="Play the film").click()
    page.wait_for_selector(".ff-place img")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(".ff-place", state="hidden")
    assert page.locator(".ff-save").is_hidden()
    assert page.locator(".fh-row .ff-thumb").count() == 1
    page.get_by_role("button", name="Redo").click()
    page.wait_for_function("document.querySelector('.ff-place img')?.naturalWidth === 64")


def test_less_motion_shows_the_still_first(open_page):
    page = open_page(reduced_motion="reduce")
    filmed(page, "WebM")
    page.wait_for_selector(".ff-save:visible")
    assert page.locator(".ff-place video").count() == 0
    page.get_by_role("button", name="Play the film").click()
    page.wait_for_function(PLAYS)


def test_a_film_gives_way_to_marks_and_comes_back(open_page):
    page = open_page()
    filmed(page)
    page.wait_for_function(PLAYS)
    steps.tab(page, "Pulling")
    page.wait_for_selector(".fs-marking")
    page.wait_for_selector(".ff-place", state="hidden")
    assert page.locator(".ff-toggle").is_hidden()  # there is nothing to play under the marks
    assert page.locator(".ff-save").is_visible()
    marks.drag(page, (20, 20), (40, 30))
    steps.tab(page, "Bouncing")
    page.wait_for_function(PLAYS)
    steps.tab(page, "Pulling")
    page.wait_for_selector(".ff-place", state="hidden")
    assert marks.pairs(page) == [[20, 20, 40, 30]]
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_selector(".ff-save", state="hidden")
    page.get_by_role("button", name="Redo", exact=True).click()
    page.wait_for_selector(".ff-save")
    assert page.locator(".ff-place").is_hidden()
    assert marks.pairs(page) == [[20, 20, 40, 30]]
    steps.run(page, "pulling")
    assert steps.history(page) == ["in.png", "Bouncing", "Pulling"]
    assert page.locator(".ff-save").is_hidden()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_selector(".ff-save")
    steps.tab(page, "Bouncing")
    page.wait_for_function(PLAYS)


def test_over_http_the_film_is_the_fourth_answer(server, tmp_path):
    (tmp_path / "in.png").write_bytes(file_of()["buffer"])
    client = gradio_client.Client(server.url, verbose=False, download_files=str(tmp_path))
    try:
        source = gradio_client.handle_file(str(tmp_path / "in.png"))
        picture, recipe, measured, film = client.predict(source, 4, "webp", api_name="/bouncing")
    finally:
        client.close()
    assert recipe["film"]["frames"] == 4
    assert measured["stopped"] is False
    assert Path(film).suffix == ".webp"
    assert read_lineage(film) == read_lineage(picture)
