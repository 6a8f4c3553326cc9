"""A portrait of one's own with default settings: brought in (stopped when it does), edited, seen, dragged."""

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
MOUTH_CORNER = (511 - 240, 142)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A page with the editors of photographs only."""
    names = "inversion,attributes,warp_drag"
    with serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files"), names) as running:
        yield running


@pytest.fixture(scope="module")
def portrait():
    """A mirrored portrait: no bundled picture has these pixels."""
    return np.ascontiguousarray(pytest.importorskip("skimage.data").astronaut()[:, ::-1])


def switch(page, to):
    page.click(f'.fs-onto[data-id="{to}"]')
    page.wait_for_selector(f'.fs-onto[data-id="{to}"][aria-pressed="true"]')


def test_a_portrait_smiles_in_its_own_photograph_and_is_dragged_there(open_page, portrait, tmp_path, cli):
    page = open_page(width=1440, height=1000)
    page.set_default_timeout(550_000)
    buffer = io.BytesIO()
    Image.fromarray(portrait).save(buffer, "PNG")
    (tmp_path / "portrait.png").write_bytes(buffer.getvalue())
    steps.upload(page, tmp_path / "portrait.png")
    page.wait_for_selector('.fs[data-state="rest"]')

    steps.tab(page, "Attributes")
    count = len(steps.history(page))
    page.click("#invert-for-attributes")
    page.wait_for_function("/^tuning, ([89]|\\d\\d+) of 100/.test(document.querySelector('.fs-note').textContent)")
    page.get_by_role("button", name="Stop").click()  # the likeness does: the rest of the tuning only makes it sharper
    page.wait_for_function(f"document.querySelectorAll('.fh-row button').length > {count}")
    page.wait_for_selector('.fs[data-state="rest"]')
    assert page.get_attribute('.fs-onto[data-id="photograph"]', "aria-pressed") == "true", "seen first"
    switch(page, "generator")
    inside = subject_with_lineage(steps.download(page, tmp_path))
    assert inside.generator.delta_sha256, "a photograph is tuned by itself"
    assert inside.lineage[-1]["facts"]["cut out"].startswith("a face found by MTCNN")

    switch(page, "photograph")
    page.evaluate("document.querySelectorAll('.fd-group').forEach((group) => { group.open = true; })")
    page.locator('.fd-range[aria-label="Smile"]').fill("-1")
    page.wait_for_function("document.querySelector('.fs').innerText.includes('Not kept yet')")
    steps.run(page, "attributes")

    page.screenshot(path=tmp_path / "carried.png", full_page=True)
    back = np.asarray(Image.open(steps.download(page, tmp_path)))
    assert back.shape == portrait.shape
    assert (back == portrait).all(2).mean() > 0.6
    assert np.array_equal(back[300:], portrait[300:])
    face = np.s_[80:160, 511 - 260 : 511 - 180]
    assert np.abs(back[face].astype(int) - portrait[face]).mean() > 1
    grain = [float(np.abs(np.diff(picture[face].astype(int), axis=1)).mean()) for picture in (back, portrait)]
    assert grain[0] > 0.85 * grain[1], "it is as sharp as the photograph"

    page.locator('.fd-range[aria-label="Open mouth"]').fill("0.4")  # the photograph follows, and nothing is kept
    page.wait_for_selector('.fs[data-state="look"]')
    wide = page.evaluate("(image => image.naturalWidth / image.naturalHeight)(document.querySelector('.fs-after'))")
    assert wide == portrait.shape[1] / portrait.shape[0]

    steps.tab(page, "Drag pixels")
    page.wait_for_selector(".fk-bar:visible")
    marks.drag(page, MOUTH_CORNER, (MOUTH_CORNER[0] + 8, MOUTH_CORNER[1] - 8))
    page.wait_for_function("document.querySelector('.fs').innerText.includes('Not kept yet')")  # it follows at once
    steps.run(page, "warp_drag")
    page.screenshot(path=tmp_path / "dragged.png", full_page=True)
    done = steps.download(page, tmp_path)
    assert [row["editor"] for row in read_lineage(done)] == ["invert", "attributes", "paste_back", "warp_drag"]
    again = tmp_path / "again.png"
    source = tmp_path / "portrait.png"
    gone = cli("replay", done, "-o", again)
    assert gone.code == 2, gone.err
    assert "subject" in gone.err
    ran = cli("replay", done, "--subject", source, "-o", again)
    assert ran.code == 0, ran.err
    made, wanted = (np.asarray(Image.open(path)).astype(int) for path in (again, done))
    assert np.abs(made - wanted).max() <= 2
