"""The stage as a canvas: pairs and a mask made by mouse, touch and keyboard reach the editor, and are never lost."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from registry.saved.lineage import read_lineage
from tests.pages import steps
from tests.pages.marks import click, drag, paint_tool, pairs, place, press, reach
from tests.registry.test_masks import WHERE, masks

pytestmark = pytest.mark.page


@pytest.fixture
def canvas(open_page):
    """A page with the cat on the stage (451 × 300) and the tab of an editor that takes pairs and a mask open."""

    def opened(**how):
        page = open_page(**how)
        steps.choose_sample(page)
        steps.tab(page, "Pulling")
        page.wait_for_selector(".fk-bar:visible")
        return page

    return opened


def sent(page, tmp_path) -> dict:
    """The inputs in the recipe of the picture on the stage."""
    return read_lineage(steps.download(page, tmp_path))[-1]["inputs"]


def painted(page, tmp_path) -> np.ndarray:
    """The mask in that recipe, as the editor had it."""
    png = base64.b64decode(sent(page, tmp_path)["mask"].removeprefix("png:"))
    return np.asarray(Image.open(io.BytesIO(png)))


def rows(page) -> list[list[float]]:
    """The numbers in the typed rows of the open tab."""
    found = page.locator(".fq-row").locator("visible=true").all()
    return [[float(box.input_value()) for box in row.locator("input").all()] for row in found]


def said(page, where: str, words: str) -> None:
    """Wait until a place on the canvas says so: it is redrawn with the next frame of the screen."""
    script = "([where, words]) => document.querySelector(where).innerText.includes(words)"
    page.wait_for_function(script, arg=[where, words])


def test_pairs_by_drag_and_by_two_clicks_in_source_pixels(canvas, tmp_path):
    page = canvas()
    drag(page, (180, 150), (230, 110))
    click(page, (300, 160))
    assert len(pairs(page)) == 1
    said(page, ".fk-hint", "Now click where it should go")
    click(page, (340, 200))
    wanted = [[180, 150, 230, 110], [300, 160, 340, 200]]
    assert np.abs(np.array(pairs(page)) - wanted).max() <= 1
    assert rows(page) == pairs(page)
    made = pairs(page)
    steps.run(page, "pulling")
    assert sent(page, tmp_path)["pairs"] == made


def test_either_end_moves_and_undo_goes_back_step_by_step(canvas):
    page = canvas()
    drag(page, (180, 150), (230, 110))
    drag(page, (230, 110), (260, 90))
    drag(page, (180, 150), (120, 200))
    assert np.abs(np.array(pairs(page)) - [[120, 200, 260, 90]]).max() <= 1
    page.keyboard.press("Control+z")
    assert np.abs(np.array(pairs(page)) - [[180, 150, 260, 90]]).max() <= 1
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert pairs(page) == []
    page.keyboard.press("Control+Shift+Z")
    page.get_by_role("button", name="Redo a mark").click()
    assert np.abs(np.array(pairs(page)) - [[180, 150, 260, 90]]).max() <= 1
    assert rows(page) == pairs(page)


def test_a_pair_is_deleted_by_key_button_and_right_click(canvas):
    page = canvas()
    for x in (100, 200, 300):
        drag(page, (x, 200), (x, 100))
    click(page, (200, 200))
    page.keyboard.press("Delete")
    assert [round(row[0], -1) for row in pairs(page)] == [100, 300]
    page.mouse.click(*place(page, (100, 100)), button="right")
    assert [round(row[0], -1) for row in pairs(page)] == [300]
    click(page, (300, 100))
    page.get_by_role("button", name="Delete the pair").click()
    assert pairs(page) == []
    said(page, ".fk-says", "Pair 1 deleted")


def test_all_of_it_by_keyboard_and_said_aloud(canvas):
    page = canvas()
    page.locator(".fk").focus()
    page.keyboard.press("n")
    first = pairs(page)[0]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    assert pairs(page)[0] == [first[0] - 1, first[1] - 10, *first[2:]]
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert pairs(page)[0] == [first[0] - 1, first[1] - 10, first[2], first[3] + 1]
    name = f"Pair 1 of 1, target at x {first[2]:g}, y {first[3] + 1:g}"
    page.wait_for_function("name => document.activeElement.getAttribute('aria-label') === name", arg=name)
    said(page, ".fk-says", f"Pair 1, target: {first[2]:g}, {first[3] + 1:g}")
    page.keyboard.press("n")
    assert page.locator(".fk-end").count() == 4
    page.keyboard.press("Backspace")
    page.keyboard.press("Delete")
    assert pairs(page) == []
    page.keyboard.press("Control+z")
    assert len(pairs(page)) == 1


def test_rows_and_canvas_show_the_same_pairs(canvas):
    page = canvas()
    page.get_by_role("button", name="Add a pair").locator("visible=true").click()
    for name, value in (("1: x", 40), ("1: y", 50), ("1: to x", 90.5), ("1: to y", 60)):
        page.get_by_label(f"Pairs {name}", exact=True).locator("visible=true").fill(str(value))
    assert pairs(page) == [[40, 50, 90.5, 60]]
    x, y = place(page, (90.5, 60))
    box = page.locator(".fk-target .fk-disc").bounding_box()
    assert abs(box["x"] + box["width"] / 2 - x) < 1
    assert abs(box["y"] + box["height"] / 2 - y) < 1
    drag(page, (200, 200), (220, 240))
    page.get_by_role("button", name="Remove pair 1").locator("visible=true").click()
    assert len(pairs(page)) == 1
    assert rows(page) == pairs(page)


def test_marks_are_exact_where_the_picture_is_zoomed_and_moved(canvas):
    page = canvas()
    page.mouse.move(*place(page, (300, 200)))
    for _ in range(8):
        page.mouse.wheel(0, -120)
    page.wait_for_function("parseInt(document.querySelector('.fk-fit').textContent) > 300")
    page.keyboard.down("Space")
    start = place(page, (300, 200))
    press(page, start, (start[0] + 60, start[1] - 40))
    page.keyboard.up("Space")
    assert pairs(page) == []
    assert abs(place(page, (300, 200))[0] - start[0] - 60) < 1
    drag(page, (290, 195), (305, 210))
    assert np.abs(np.array(pairs(page)) - [[290, 195, 305, 210]]).max() <= 0.5
    page.locator(".fk-fit").click()
    drag(page, (305, 210), (100, 100))
    assert np.abs(np.array(pairs(page)) - [[290, 195, 100, 100]]).max() <= 1


def test_the_mask_reaches_the_editor_pixel_by_pixel_and_comes_back_with_the_saved_file(canvas, open_page, tmp_path):
    page = canvas()
    drag(page, (400, 250), (420, 250))
    paint_tool(page, "brush", radius=20)
    drag(page, (100, 80), (300, 80), steps=8)
    paint_tool(page, "erase", radius=10)
    drag(page, (200, 20), (200, 140), steps=8)
    steps.run(page, "pulling")
    mask = painted(page, tmp_path)
    y, x = np.mgrid[:300, :451]
    on = np.hypot(x - x.clip(100, 300), y - 80)
    off = np.hypot(x - 200, y - y.clip(20, 140))
    wide, narrow = page.evaluate("facet.marks.mask.map(stroke => stroke.radius)")
    clear = (np.abs(on - wide) > 1.5) & (np.abs(off - narrow) > 1.5)  # all but the rims, where half a pixel decides
    wanted = (on < wide) & (off > narrow)
    assert wanted.sum() > 5000
    assert np.array_equal(mask[clear], wanted[clear])
    facts = page.inner_text(".fs-facts").split()
    assert int(facts[facts.index("masked") + 1]) == mask.sum()

    other = open_page()
    steps.upload(other, steps.download(page, tmp_path))
    other.wait_for_selector("#run-pulling:visible")
    other.wait_for_function("facet.marks.mask.length === 1")
    assert pairs(other) == [[400, 250, 420, 250]]
    steps.run(other, "pulling")
    assert np.array_equal(painted(other, tmp_path), mask)


def test_invert_clear_and_a_mask_of_ones_own(canvas, tmp_path):
    page = canvas()
    own = Image.new("L", (451, 300))
    own.paste(255, (0, 0, 90, 30))
    own.save(tmp_path / "own.png")
    page.locator('input[type="file"]').locator("visible=true").last.set_input_files(str(tmp_path / "own.png"))
    says = page.locator(".fp-own").locator("visible=true").last
    page.wait_for_function("[...document.querySelectorAll('.fp-own')].some((one) => one.innerText.includes('own.png'))")
    assert says.inner_text() == "own.png · 2 % may change"
    page.locator(".fk-tool[data-name=brush]").click()
    page.get_by_role("button", name="Swap what may change").click()
    assert says.inner_text() == "own.png · 98 % may change"
    steps.run(page, "pulling")
    assert painted(page, tmp_path).sum() == 451 * 300 - 90 * 30
    page.get_by_role("button", name="Clear the mask").click()
    assert says.inner_text() == "nothing painted: all may change"
    steps.run(page, "pulling")
    assert sent(page, tmp_path)["mask"] is None


def test_the_browser_and_the_server_agree_on_what_is_painted(canvas):
    page = canvas()
    script = """async ([name, coded, width, height]) => {
        const bytes = Uint8Array.from(atob(coded), (one) => one.charCodeAt(0));
        const stroke = await facet.mask.read(new File([bytes], name), [width, height]);
        if (!stroke) return null;
        const pen = stroke.canvas.getContext("2d"), alpha = pen.getImageData(0, 0, width, height).data;
        return Array.from({length: width * height}, (_, index) => alpha[4 * index + 3] >= 128 ? 1 : 0);
    }"""
    left_to_the_server = set()
    for name, content in masks().items():
        found = page.evaluate(script, [name, base64.b64encode(content).decode(), 40, 32])
        if found is None:
            left_to_the_server.add(name)
        else:
            assert np.array_equal(np.array(found, bool).reshape(32, 40), WHERE), name
    assert left_to_the_server <= {"floats", "labels in a tiff", "labels in 16 bits", "8 bits in 16"}


def test_a_mask_of_another_size_is_refused_in_a_sentence(canvas, tmp_path):
    page = canvas()
    Image.new("L", (40, 20), 255).save(tmp_path / "small.png")
    page.locator('input[type="file"]').locator("visible=true").last.set_input_files(str(tmp_path / "small.png"))
    page.wait_for_function(
        "[...document.querySelectorAll('.fp-own')].some((one) => one.innerText.includes('small.png'))"
    )
    steps.run(page, "pulling", wait=False)
    assert steps.error(page) == ("“Mask” is 40 × 20 pixels but the picture is 451 × 300. Make them the same size.")


def test_marks_survive_an_error_a_stop_and_a_result(canvas):
    page = canvas()
    drag(page, (180, 150), (230, 110))
    paint_tool(page, "brush", radius=30)
    drag(page, (150, 150), (250, 150))
    made = pairs(page)
    page.get_by_text("More", exact=True).locator("visible=true").click()
    page.get_by_label("Breaks").check()
    steps.run(page, "pulling", wait=False)
    assert steps.error(page) == "The rope broke."
    assert pairs(page) == made
    assert page.evaluate("facet.marks.mask.length") == 1

    page.get_by_label("Breaks").uncheck()
    steps.number(page, "Steps", 2000)
    steps.run(page, "pulling", wait=False)
    page.wait_for_selector(".fk-trail[points*=' ']", state="attached")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.wait_for_selector('.fs[data-state="rest"]')
    (stopped,) = pairs(page)
    assert stopped[2:] == made[0][2:]
    assert 180 < stopped[0] < 230  # the handle is where the run left it

    steps.number(page, "Steps", 3)
    steps.run(page, "pulling", top=True)  # “continue” is to apply it on top
    (arrived,) = pairs(page)
    assert arrived[:2] == arrived[2:] == made[0][2:]
    assert page.evaluate("facet.marks.mask.length") == 1

    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_function("facet.marks.entry === 2")
    assert pairs(page) == [stopped]
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_function("facet.marks.entry === 1")
    assert pairs(page) == made


def test_a_target_moved_during_a_run_is_followed(canvas, tmp_path):
    page = canvas()
    drag(page, (180, 150), (230, 110))
    steps.number(page, "Steps", 2000)
    steps.run(page, "pulling", wait=False)
    page.wait_for_selector(".fk-trail[points*=' ']", state="attached")
    drag(page, (230, 110), (150, 200), steps=1)  # at once: a pause on the way would be followed, too
    page.wait_for_function("facet.marks.running?.origin === 1 && facet.marks.running.entry !== 1")
    assert page.inner_text(".fk-badge") == "Following"
    page.wait_for_function("facet.marks.running.at.size")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.wait_for_function("!facet.marks.running")
    page.wait_for_selector('.fs[data-state="rest"]')
    page.wait_for_timeout(1000)  # nobody follows the visitor's own stop
    assert page.get_attribute(".fs", "data-state") == "rest"
    (pair,) = pairs(page)
    assert np.abs(np.array(pair[2:]) - [150, 200]).max() <= 1
    assert steps.history(page) == ["Chelsea the cat", "Pulling"]  # one edit, to be undone as one
    lineage = read_lineage(steps.download(page, tmp_path))
    assert [recipe["stopped"] for recipe in lineage] == [True, True]
    first, second = (recipe["inputs"]["pairs"][0] for recipe in lineage)
    assert first[:2] == [180, 150]
    assert 180 < second[0] < 230  # went on from where the first run had got to
    assert second[2:] == pair[2:]


def test_swap_and_mirror(canvas):
    page = canvas()
    drag(page, (100, 150), (60, 120))
    page.get_by_role("button", name="Swap handle and target").click()
    assert np.abs(np.array(pairs(page)) - [[60, 120, 100, 150]]).max() <= 1
    ((x, y, to_x, to_y),) = pairs(page)
    page.get_by_role("button", name="Add the mirrored pairs").click()
    assert pairs(page)[1] == [450 - x, y, 450 - to_x, to_y]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add the mirrored pairs").click()
    assert len(pairs(page)) == 2  # what is there already is not added again


def test_no_more_pairs_than_the_editor_takes(canvas):
    page = canvas()
    for x in range(5):
        drag(page, (60 + 60 * x, 200), (60 + 60 * x, 120))
    drag(page, (400, 200), (400, 120))
    assert len(pairs(page)) == 5
    said(page, ".fk-says", "There can be 5 pairs at most.")


STILL = """() => new Promise((done) => {
  const top = () => document.querySelector('.fs-frame').getBoundingClientRect().top, first = top();
  setTimeout(() => done(top() === first), 200);
})"""
"""Nothing moves the picture any more: a finger would miss it."""


def test_fingers_make_a_pair_and_pinch(canvas):
    page = canvas(width=390, height=844, has_touch=True)
    page.evaluate("document.querySelector('.fk-bar').scrollIntoView()")
    page.wait_for_function(STILL)
    touch = page.context.new_cdp_session(page)
    top = page.evaluate("scrollY")

    def fingers(kind, *where):
        points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(where)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", place(page, (180, 150)))
    for part in (0.3, 0.7, 1):
        fingers("touchMove", place(page, (180 + 50 * part, 150 - 40 * part)))
    fingers("touchEnd")
    page.wait_for_function("facet.marks.pairs.length === 1")
    assert np.abs(np.array(pairs(page)) - [[180, 150, 230, 110]]).max() <= 1
    assert page.evaluate("scrollY") == top

    x, y = place(page, (225, 150))
    fingers("touchStart", (x - 30, y))
    fingers("touchStart", (x - 30, y), (x + 30, y))
    fingers("touchMove", (x - 60, y), (x + 60, y))
    fingers("touchEnd")
    page.wait_for_function("document.querySelector('.fk-fit').textContent === '200 %'")
    assert len(pairs(page)) == 1


def test_marks_and_compare_take_turns_on_the_stage(canvas):
    page = canvas()
    drag(page, (180, 150), (230, 110))
    steps.run(page, "pulling")
    assert page.locator(".fs-range").is_hidden()
    toggle = page.get_by_role("button", name="Compare", exact=True).locator("visible=true")
    toggle.click()
    assert page.locator(".fs-range").is_visible()
    assert page.locator(".fk").is_hidden()
    toggle.click()
    assert page.locator(".fk-end").count() == 2
    steps.tab(page, "Creeping")
    page.wait_for_selector(".fk-bar", state="hidden")
    assert page.locator(".fs-range").is_visible()
    steps.tab(page, "All kinds")  # another editor with pairs has the same ones
    page.wait_for_selector(".fk-bar:visible")
    assert rows(page) == pairs(page)


def test_every_picture_keeps_its_own_marks(canvas):
    page = canvas()
    drag(page, (180, 150), (230, 110))
    made = pairs(page)
    page.locator(".fb .fp-thumb").nth(3).click()
    page.wait_for_function("facet.marks.entry === 2")
    assert pairs(page) == []
    page.locator(".fh-row button").first.click()
    page.wait_for_function("facet.marks.entry === 1")
    assert pairs(page) == made


def test_a_mark_snaps_to_a_landmark_that_the_view_names(canvas):
    page = canvas()
    page.evaluate("facet.marks.landmarks.push(['left eye', 170, 122])")
    at = reach(page, (170, 122), 6)
    press(page, at, place(page, (230, 110)))
    assert pairs(page)[0][:2] == [170, 122]
