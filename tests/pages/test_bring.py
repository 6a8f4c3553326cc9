"""From a photograph to a tab that needs a latent code, by the two buttons it offers, and back into the photograph."""

import numpy as np
import pytest
from PIL import Image

from registry.saved.lineage import subject_with_lineage
from tests.pages import steps
from tests.pages.conftest import serving

pytestmark = [pytest.mark.page, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A page of its own: the editors of faces would crowd the other tests'."""
    with serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files"), "latent,inversion,drag") as running:
        yield running


def press(page, selector):
    """Press a button that makes a picture, and wait for it."""
    count = len(steps.history(page))
    page.click(selector)
    page.wait_for_function(f"document.querySelectorAll('.fh-row button').length > {count}")
    page.wait_for_selector('.fs[data-state="rest"]')


def test_nobody_is_stuck_with_a_photograph(open_page, tmp_path):
    y, x = np.mgrid[:120, :150]
    source = tmp_path / "garden.png"
    Image.fromarray(np.stack([x, y * 2, 255 - x], -1).astype(np.uint8)).save(source)
    page = open_page()
    page.set_default_timeout(240_000)
    page.wait_for_selector(".fr-tab[data-id=drag][aria-selected=true]")  # the card on the stage is about that
    page.wait_for_selector("#run-drag:visible")
    steps.upload(page, source)
    page.wait_for_selector('.fs[data-state="rest"]')

    steps.tab(page, "Drag points")
    assert page.locator("#latent-for-drag").is_visible()
    page.click("#invert-for-drag")
    assert "No face was found" in steps.error(page), "it is said at once, with the choice there is"
    assert "the middle of the picture" in steps.error(page)
    steps.tab(page, "Bring into a generator")
    page.get_by_label("Align").locator("visible=true").first.click()
    page.get_by_role("option", name="as it is: the middle of the picture").click()
    steps.number(page, "Optimisation steps", 10)
    steps.number(page, "Pivotal tuning steps", 4)
    steps.run(page, "invert")
    assert steps.history(page) == ["garden.png", "Bring into a generator"]
    steps.tab(page, "Drag points")
    assert not page.locator("#invert-for-drag").is_visible()
    code = subject_with_lineage(steps.download(page, tmp_path)).latent
    assert code is not None

    steps.tab(page, "Paste back")
    press(page, "#run-paste_back")
    assert page.inner_text(".fb-facts").startswith("150 × 120")

    steps.tab(page, "Drag points")
    press(page, "#latent-for-drag")
    assert steps.history(page)[-1] == "Make a portrait"
    assert not page.locator("#latent-for-drag").is_visible()
