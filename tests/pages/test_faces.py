"""A photograph of a person all the way: four points by hand, into the generator, sliders, back, and a film."""

import io

import numpy as np
import pytest
from PIL import Image

from facet.weights import PUPPETS_JUDGES, card
from registry.saved.lineage import read_lineage, subject_with_lineage
from tests.pages import marks, steps
from tests.pages.conftest import serving

pytestmark = [
    pytest.mark.page,
    pytest.mark.slow,
    pytest.mark.skipif(not card(PUPPETS_JUDGES), reason="the judges are not part of this checkout"),
]

EYES, MOUTH = ((202, 101), (247, 103)), ((199, 142), (239, 143))
MOVED = {"Smile": 0.8, "Turn the head": 12, "Age": 0.4}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A page with the editors of faces only."""
    names = "latent,inversion,attributes,animation,drag"
    with serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files"), names) as running:
        yield running


@pytest.fixture(scope="module")
def portrait():
    """The astronaut's portrait of scikit-image, 512 × 512, in the public domain."""
    data = pytest.importorskip("skimage.data")
    return data.astronaut()


def uploaded(page, pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    steps.upload(page, {"name": "portrait.png", "mimeType": "image/png", "buffer": buffer.getvalue()})
    page.wait_for_selector('.fs[data-state="rest"]')


def moved(page, strengths):
    """Move sliders of the open tab as a visitor does, and wait for the look of the last one."""
    page.evaluate("document.querySelectorAll('.fd-group').forEach((group) => { group.open = true; })")
    for name, strength in strengths.items():
        page.locator(f'.fd-range[aria-label="{name}"]').fill(str(strength))
    page.wait_for_function("document.querySelector('.fs').innerText.includes('Not kept yet')")


def brought_in(page, portrait, shot):
    """Four points by hand, a short search and a short tuning."""
    uploaded(page, portrait)
    steps.tab(page, "Bring into a generator")
    page.wait_for_selector(".fk-bar:visible")  # at once, without opening “More”
    for start, end in (EYES, MOUTH):
        marks.drag(page, start, end)
    assert np.abs(np.array(marks.pairs(page)) - [[*sum(pair, ())] for pair in (EYES, MOUTH)]).max() <= 2
    shot("1 four points")
    steps.number(page, "Optimisation steps", 10)
    steps.number(page, "Pivotal tuning steps", 10)
    steps.run(page, "invert")
    assert marks.pairs(page) == [], "what was marked in the photograph means nothing in the square cut out of it"
    told = page.inner_text(".fs-facts")
    assert "four points" in told
    assert "MTCNN: a face, " in told
    assert "sure" in told
    shot("2 brought in")


def test_a_portrait_goes_in_is_edited_goes_back_and_moves(open_page, portrait, tmp_path):
    page = open_page(width=1440, height=1000)
    page.set_default_timeout(400_000)

    def shot(name):
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    brought_in(page, portrait, shot)
    titles = page.eval_on_selector_all(".fs-more figcaption, .fs-more button", "all => all.map((e) => e.innerText)")
    assert "faces found" in " ".join(titles)
    inside = subject_with_lineage(steps.download(page, tmp_path))
    assert inside.generator.delta_sha256, "it was tuned"

    steps.tab(page, "Attributes")
    moved(page, MOVED)
    shot("3 sliders move")
    steps.run(page, "attributes")
    told = page.inner_text(".fs-facts")
    assert "yaw read" in told
    shot("4 sliders kept")
    page.click('.fs-onto[data-id="generator"]')  # the photograph is seen first
    page.wait_for_selector('.fs-onto[data-id="generator"][aria-pressed="true"]')
    edited = subject_with_lineage(steps.download(page, tmp_path))
    assert set(edited.lineage[-1]["inputs"]["strengths"]) == {"smile", "yaw", "age"}

    steps.tab(page, "Drag points")
    assert page.evaluate("facet.marks.landmarks.length") > 5
    shot("5 landmarks to snap to")

    steps.tab(page, "Paste back")
    steps.run(page, "paste_back")
    shot("6 pasted back")
    back = np.asarray(Image.open(steps.download(page, tmp_path)))
    assert back.shape == portrait.shape
    corners = np.array(edited.lineage[-2]["facts"]["placement"]["corners"])
    low, high = np.floor(corners.min(0)).astype(int) - 1, np.ceil(corners.max(0)).astype(int) + 2
    outside = np.ones(portrait.shape[:2], bool)
    outside[max(0, low[1]) : high[1], max(0, low[0]) : high[0]] = False
    assert np.array_equal(back[outside], portrait[outside])
    face = np.s_[95:150, 195:255]
    assert np.abs(back[face].astype(int) - portrait[face]).mean() > 3

    page.locator(".fh-row button[title='Attributes']").last.click()
    page.wait_for_selector('.fs[data-state="rest"]')
    steps.tab(page, "Animation")
    steps.number(page, "Seconds", 1)
    steps.number(page, "Frames per second", 8)
    steps.run(page, "animation")
    page.wait_for_function("document.querySelector('.ff-place video')?.currentTime > 0.1")
    shot("7 film")
    with page.expect_download() as waiting:
        page.click(".ff-save")
    waiting.value.save_as(tmp_path / "film.mp4")
    assert read_lineage(tmp_path / "film.mp4")[-1]["film"]["frames"] == 8
    assert "Animation" in steps.history(page)[-1]


def test_a_picture_of_the_gallery_is_gone_on_with_and_saved_as_itself(open_page, tmp_path):
    page = open_page()
    steps.choose_sample(page, 0)
    steps.tab(page, "Make a portrait")
    steps.run(page, "latent")
    take = page.locator(".fs-take")
    assert take.is_hidden()
    page.locator(".fs-more .fp-thumb").nth(2).click()
    take.click()
    page.wait_for_function("document.querySelector('.fb-title').innerText.endsWith('seed 8')")
    assert steps.history(page)[-1] == "Make a portrait · seed 8"
    saved = subject_with_lineage(steps.download(page, tmp_path))
    assert saved.lineage[-1]["inputs"]["seed"] == 8
    assert saved.latent is not None
