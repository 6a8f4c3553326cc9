"""The painter of label maps and sketches, by mouse, by touch and by keyboard; its maps over HTTP."""

import base64
import io
import shutil

import numpy as np
import pytest
from PIL import Image

from facet.app import load_registry, replay
from registry.saved.lineage import read_lineage
from tests.conftest import PLUGINS
from tests.pages import steps
from tests.pages.conftest import serving

gradio_client = pytest.importorskip("gradio_client")
pytestmark = pytest.mark.page

COLOURS = np.array([(58, 62, 70), (96, 64, 130), (222, 160, 124), (250, 232, 150)])
VIEW, CANVAS = ".lp-view >> visible=true", ".lp-sheet >> visible=true"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("painter-home")
    (home / "editors").mkdir()
    shutil.copy(PLUGINS / "repaint" / "repaint.py", home / "editors")
    with serving(home, tmp_path_factory.mktemp("painter-files"), "repaint") as running:
        yield running


def picture(tmp_path):
    """Three bands: dark, middle, light; 90 × 60."""
    pixels = np.repeat(np.repeat(np.array([[[60] * 3, [120] * 3, [220] * 3]], np.uint8), 60, 0), 30, 1)
    Image.fromarray(pixels).save(tmp_path / "bands.png")
    return tmp_path / "bands.png"


def opened(page, tmp_path, editor="Repaint", parsed=True):
    steps.upload(page, picture(tmp_path))
    page.wait_for_selector('.fs[data-state="rest"]')
    steps.tab(page, editor)
    page.wait_for_selector(VIEW)
    if parsed:
        page.locator(".lp-find >> visible=true").click()
        wait_for(page, 45, 30, 2)
        page.wait_for_selector('.fs[data-state="look"]')  # it is live


def shown(page):
    """The numbers on the canvas."""
    data = page.locator(CANVAS).evaluate("sheet => sheet.querySelector('canvas').toDataURL()")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGB"))
    same = (pixels[:, :, None] == COLOURS).all(3)
    assert same.any(2).all()  # no colour between two parts
    return same.argmax(2)


def wait_for(page, x, y, part):
    page.wait_for_function(
        "([x, y, colour]) => {"
        " const sheet = [...document.querySelectorAll('.lp-sheet canvas')].find(c => c.offsetParent);"
        " if (sheet.width <= x) return false;"
        " return String([...sheet.getContext('2d').getImageData(x, y, 1, 1).data.slice(0, 3)]) === colour; }",
        arg=[x, y, ",".join(map(str, COLOURS[part]))],
    )


def at(page, x, y):
    """Where a cell of the map of 90 × 60 is on the screen."""
    box = page.locator(CANVAS).bounding_box()
    return box["x"] + (x + 0.5) * box["width"] / 90, box["y"] + (y + 0.5) * box["height"] / 60


def drag(page, *points):
    page.mouse.move(*at(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*at(page, *point), steps=5)
    page.mouse.up()


def press(page, name):
    page.locator(f".lp-bar [data-name={name}] >> visible=true").click()


def size(page, share):
    page.locator(".lp-size >> visible=true").fill(str(share))


def look(page):
    return page.get_attribute(".fs-after", "src")


def test_from_the_picture_to_a_result_that_is_replayed(open_page, tmp_path, server, monkeypatch):
    page = open_page()
    asked = []
    page.on("request", lambda request: "queue/join" in request.url and asked.append(request.post_data or ""))
    opened(page, tmp_path)
    assert sum('"ask":"parse"' in body for body in asked) == 1
    numbers = shown(page)
    assert [numbers[30, x] for x in (10, 45, 80)] == [1, 2, 3]

    page.locator(".lp-part >> visible=true").nth(3).click()  # light
    size(page, 0)  # strokes of one pixel
    before = look(page)
    drag(page, (35, 20), (55, 20))
    numbers = shown(page)
    assert (numbers == 3).sum() == 30 * 60 + 21
    assert (numbers[20, 35:56] == 3).all()
    page.wait_for_function("before => document.querySelector('.fs-after').src !== before", arg=before)
    assert page.get_attribute(".fs", "data-state") == "look"
    assert len(steps.history(page)) == 1  # nothing is kept yet

    page.keyboard.press("Control+z")
    assert (shown(page) == 3).sum() == 30 * 60
    page.keyboard.press("Control+y")
    assert (shown(page) == 3).sum() == 30 * 60 + 21
    press(page, "pick")
    page.mouse.click(*at(page, 10, 10))
    page.wait_for_selector(".lp-part[data-part='1'][aria-pressed=true] >> visible=true")
    press(page, "fill")
    page.mouse.click(*at(page, 80, 30))
    numbers = shown(page)
    assert (numbers[:, 60:] == 1).all()
    assert (numbers[20, 35:56] == 3).all()  # does not hang together with it
    press(page, "erase")
    size(page, 45)
    drag(page, (70, 30), (80, 30))
    assert (shown(page)[30, 70:81] == 3).all()  # what the picture's own map had there

    painted = shown(page)
    steps.run(page, "repaint")
    assert np.array_equal(shown(page), painted)  # the result is of this map
    saved = steps.download(page, tmp_path)
    (recipe,) = read_lineage(saved)
    told = recipe["inputs"]["labels"]
    indexed = Image.open(io.BytesIO(base64.b64decode(told["png"].removeprefix("png:"))))
    assert np.array_equal(np.asarray(indexed), painted)
    monkeypatch.setenv("FACET_HOME", str(server.home))
    from facet import Subject

    again = replay(load_registry(), [recipe], {"subject": Subject.read(picture(tmp_path))})
    assert np.array_equal(again.subject.pixels, np.asarray(Image.open(saved).convert("RGB")))

    page.click(".fh-step >> nth=0")  # undo the edit: the map of the picture before is still there
    page.wait_for_selector(".fh-row [aria-current][aria-label$='picture 1']")
    assert np.array_equal(shown(page), painted)


def test_by_keyboard_alone(open_page, tmp_path):
    page = open_page()
    opened(page, tmp_path, parsed=False)
    page.locator(VIEW).focus()
    page.keyboard.press("2")  # skin
    for _ in range(12):
        page.keyboard.press("[")
    page.keyboard.down(" ")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.up(" ")
    numbers = shown(page)
    assert (numbers == 2).sum() == 11
    assert (numbers[30, 45:56] == 2).all()
    assert page.locator(VIEW).inner_text().strip() == "Painted skin."
    page.keyboard.press(".")
    page.keyboard.press("f")
    page.keyboard.press("ArrowUp")
    page.keyboard.press(" ")
    numbers = shown(page)
    assert ((numbers == 3).sum(), (numbers == 2).sum()) == (90 * 60 - 11, 11)
    page.keyboard.press("Control+z")
    assert (shown(page) == 3).sum() == 0
    page.keyboard.press("ArrowDown")
    page.keyboard.press("i")
    page.wait_for_selector(".lp-part[data-part='2'][aria-pressed=true] >> visible=true")
    assert len(steps.history(page)) == 1


def test_what_is_refused_and_what_is_offered(open_page, tmp_path):
    page = open_page()
    opened(page, tmp_path, parsed=False)
    page.click("#run-repaint")
    assert steps.error(page) == "“Labels” is missing. What is where."
    page.set_input_files(".lp-foot .fp-file >> nth=0", str(picture(tmp_path)))
    note = page.locator(".lp-note >> visible=true")
    page.wait_for_function("[...document.querySelectorAll('.lp-note')].some(n => n.textContent.startsWith('“Labels”'))")
    assert note.inner_text().startswith("“Labels” holds the colour #787878 (at x 30, y 0) and 1 more that no part has.")
    photo = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (60, 90, 3)).astype(np.uint8)).save(photo, "PNG")
    page.set_input_files(
        ".lp-foot .fp-file >> nth=0", {"name": "photo.png", "mimeType": "image/png", "buffer": photo.getvalue()}
    )
    page.wait_for_function("[...document.querySelectorAll('.lp-note')].some(n => n.textContent.includes('photograph'))")
    assert "Make its labels first: “From the picture” on the page" in note.inner_text()
    size(page, 45)
    drag(page, (20, 30), (60, 30))
    page.locator(".lp-foot >> visible=true").get_by_text("Clear").click()
    assert not shown(page).any()
    page.click("#run-repaint")
    page.get_by_text("“Labels” shows background alone: nothing is painted in it. Paint skin first.").first.wait_for()


def test_a_map_from_a_file_is_painted_on(open_page, tmp_path):
    page = open_page()
    opened(page, tmp_path, parsed=False)
    numbers = np.zeros((120, 180), np.uint8)
    numbers[40:80, 60:120] = 2
    Image.fromarray(COLOURS.astype(np.uint8)[numbers]).save(tmp_path / "map.png")
    page.set_input_files(".lp-foot .fp-file >> nth=0", str(tmp_path / "map.png"))
    wait_for(page, 90, 60, 2)
    assert np.array_equal(shown(page), numbers)  # twice the picture's size, and its shape
    page.locator(".lp-undo, .lp-bar [data-name=undo] >> visible=true").click()
    assert shown(page).shape == (60, 90)
    page.locator(".lp-bar [data-name=redo] >> visible=true").click()
    steps.run(page, "repaint")
    assert "skin" in page.inner_text(".fs-facts")


def test_the_window_beside_the_result(open_page, tmp_path):
    page = open_page(width=1440, height=900)
    opened(page, tmp_path)
    press(page, "large")
    window = page.locator(".lp-window")
    assert window.locator(".lp-result").is_visible()
    wide = page.locator(CANVAS).bounding_box()["width"]
    assert wide > 600
    before = window.locator(".lp-result").get_attribute("src")
    drag(page, (10, 50), (80, 50))
    page.wait_for_function("before => document.querySelector('.lp-result').src !== before", arg=before)
    page.mouse.move(*at(page, 20, 20))
    page.mouse.wheel(0, -300)
    page.wait_for_function("[...document.querySelectorAll('.lp-bar .fk-fit')].some(b => parseInt(b.textContent) > 100)")
    x, y = at(page, 20, 20)
    assert page.locator(VIEW).bounding_box()["x"] <= x  # what lies under the pointer stays there
    drag(page, (20, 20), (22, 20))
    assert shown(page)[20, 21] == 2
    window.get_by_role("button", name="Run").click()
    page.wait_for_function("document.querySelectorAll('.fh-row button').length === 2")
    page.keyboard.press("Escape")
    assert not window.count()
    assert page.locator(CANVAS).bounding_box()["width"] < 500


def test_a_sketch_is_drawn_without_a_picture(open_page, tmp_path):
    page = open_page()
    steps.tab(page, "Inked")
    page.wait_for_selector(VIEW)
    assert not page.locator(".lp-part >> visible=true").count()
    assert page.locator(".lp-bar >> visible=true").locator("[data-name=pick]").count() == 0
    box = page.locator(CANVAS).bounding_box()
    assert box["width"] / box["height"] == pytest.approx(192 / 256, abs=0.01)
    size(page, 0)
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=9)
    page.mouse.up()
    steps.run(page, "inked")
    made = np.asarray(Image.open(steps.download(page, tmp_path)).convert("RGB"))
    assert made.shape == (128, 96, 3)
    inked = (made == (28, 34, 66)).all(2)
    assert inked.any(0).sum() == pytest.approx(58, abs=2)  # a line of one pixel, half as large, without a gap
    assert inked.any(1).sum() == 1


def test_a_portrait_from_nothing_on_an_empty_stage(open_page):
    page = open_page()
    steps.tab(page, "Outlined")
    page.wait_for_selector(VIEW)
    assert page.get_by_text("This begins from nothing, or with a picture that a generator can draw.").is_visible()
    page.locator(VIEW).focus()
    page.keyboard.press(" ")
    page.wait_for_selector('.fs[data-state="look"]')
    assert page.locator(".fs-frame").is_visible()
    assert not page.locator(".fs-empty").is_visible()
    steps.run(page, "outlined")
    assert steps.history(page) == ["Outlined"]


def test_on_a_phone(open_page, tmp_path):
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    opened(page, tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".lp-part >> visible=true").nth(3).tap()
    page.locator(VIEW).scroll_into_view_if_needed()
    page.touchscreen.tap(*at(page, 45, 30))
    assert shown(page)[30, 45] == 3
    press(page, "large")
    box = page.locator(CANVAS).bounding_box()
    assert box["width"] > 300
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_over_http(server, tmp_path):
    client = gradio_client.Client(server.url, verbose=False, download_files=str(tmp_path))
    told = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/repaint"]["parameters"]
    words = {row["parameter_name"]: row["python_type"]["description"] for row in told}["labels"]
    assert "background #3a3e46, shadow #604082, skin #dea07c, light #fae896" in words
    file = gradio_client.handle_file(str(picture(tmp_path)))
    parsed, _, _ = client.predict(file, api_name="/tones")
    first, recipe, _ = client.predict(file, gradio_client.handle_file(parsed), api_name="/repaint")
    text = base64.b64encode((tmp_path / "bands.png").read_bytes()).decode()
    png = recipe["inputs"]["labels"]["png"]
    for form in (png, png.replace("png:", "data:image/png;base64,"), {"png": png}):
        again, _, measured = client.predict(file, form, api_name="/repaint")
        assert np.array_equal(np.asarray(Image.open(first)), np.asarray(Image.open(again)))
    assert measured["skin"] == pytest.approx(1 / 3)
    for form, why in [
        ("png:" + text, "holds the colour #"),
        ("bands.png", "must be a label map"),
        ("/etc/passwd", "must be a label map"),
        ("png:####", "is not the base64 of a PNG"),
        (None, "is missing"),
    ]:
        with pytest.raises(gradio_client.exceptions.AppError, match=f"labels: {why}"):
            client.predict(file, form, api_name="/repaint")
    rows = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/outlined"]["parameters"]
    assert [row["parameter_name"] for row in rows] == ["labels", "subject"]  # what is needed comes first
    alone, recipe, measured = client.predict(gradio_client.handle_file(parsed), api_name="/outlined")
    assert (recipe["inputs"]["subject"], measured["over"]) == (None, 0)
    assert np.array_equal(np.asarray(Image.open(alone)), np.asarray(Image.open(parsed)))
    client.close()
