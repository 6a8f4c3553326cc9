"""Adapting in a browser: an own reference, stopped early; the generator in other editors, and in a fresh home."""

import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from registry.saved.lineage import subject_with_lineage
from tests.conftest import ROOT
from tests.pages import marks, steps
from tests.pages.conftest import serving

pytestmark = [pytest.mark.page, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A page with the editors that such a generator goes through."""
    names = "latent,adapt,in_generator,attributes,drag"
    with serving(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files"), names) as running:
        yield running


def offered(page, editor):
    """The groups of an editor's list of generators, with their options' texts."""
    steps.tab(page, editor)
    rows = page.locator(".fg-select >> visible=true").locator("optgroup")
    found = rows.evaluate_all("all => all.map((one) => [one.label, [...one.children].map((each) => each.textContent)])")
    return dict(found)


def facet(home, *arguments):
    """The command line with a home of its own."""
    env = {**os.environ, "FACET_HOME": str(home), "FACET_DEVICE": "cpu"}
    command = [sys.executable, str(ROOT / "app.py"), *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)


def test_an_own_picture_makes_a_generator_that_lives_on_elsewhere(open_page, tmp_path):
    reference = tmp_path / "stripes.png"
    stripes = Image.new("RGB", (64, 64), (240, 230, 200))
    for column in range(0, 64, 8):
        stripes.paste((30, 60, 120), (column, 0, column + 3, 64))
    stripes.save(reference)
    page = open_page()
    page.set_default_timeout(90_000)

    assert any(text.startswith("Puppets in ink") for text in offered(page, "Adapt to a picture")["Here"])
    panel = page.get_by_role("tabpanel").filter(has=page.locator("#run-adapt")).last
    small = offered(page, "Adapt to a picture")["Here"][0]
    panel.locator(".fg-select").select_option(label=small)
    style = panel.locator(".fp").filter(has=page.get_by_text("Style", exact=True))
    style.locator(".fp-file").set_input_files(reference)
    steps.number(page, "Steps", 400)
    panel.get_by_label("Gallery").first.fill("1")
    steps.run(page, "adapt", wait=False)
    page.wait_for_function("document.querySelector('.fs').innerText.match(/step [2-9]\\d* of 400/)")
    page.locator(".fs-stop >> visible=true").first.click()
    page.wait_for_function("document.querySelectorAll('.fh-row button').length > 0")
    page.wait_for_selector('.fs[data-state="rest"]')
    assert "(see Yours)" in page.inner_text(".fs-facts")

    (mine,) = offered(page, "Make a portrait")["Yours"]
    assert mine.startswith("Puppets 128 like picture")
    page.locator(".fg-select >> visible=true").select_option(label=mine)
    page.get_by_label("Gallery").locator("visible=true").first.fill("1")
    steps.run(page, "latent")
    steps.tab(page, "Attributes")
    page.locator("#run-attributes").wait_for()
    steps.number(page, "Smile", 0.5)
    steps.run(page, "attributes")
    picture = steps.download(page, tmp_path)
    made = subject_with_lineage(picture)
    assert [row["editor"] for row in made.lineage] == ["latent", "attributes"]
    assert made.generator.delta_sha256
    steps.tab(page, "Drag points")
    page.wait_for_selector(".fk-bar:visible")
    marks.drag(page, (64, 88), (64, 92))
    assert len(marks.pairs(page)) == 1
    steps.number(page, "Steps", 2)
    steps.run(page, "drag")
    assert steps.history(page)[-1] == "Drag points"

    steps.tab(page, "Yours")
    page.wait_for_selector(".fy-row")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export Puppets 128 like picture").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)

    fresh = tmp_path / "fresh"
    told = facet(fresh, "replay", picture, "-o", tmp_path / "again.png")
    assert told.returncode != 0
    assert f"yours:{made.generator.delta_sha256[:16]}" in told.stderr
    assert "facet yours import" in told.stderr
    assert json.loads(facet(fresh, "yours", "import", file, "--json").stdout)["sha256"] == made.generator.delta_sha256
    done = facet(fresh, "replay", picture, "-o", tmp_path / "again.png")
    assert done.returncode == 0, done.stderr
    again = subject_with_lineage(tmp_path / "again.png")
    assert (again.pixels == made.pixels).all()
