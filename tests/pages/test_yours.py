"""What an edit leaves: listed under Yours, offered by the other editors, saved as a file, taken into a fresh home."""

import shutil

import pytest

from tests.conftest import PLUGINS
from tests.pages import steps
from tests.pages.conftest import serving

pytestmark = [pytest.mark.page, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A page with an editor that leaves generators."""
    home = tmp_path_factory.mktemp("home")
    (home / "editors").mkdir()
    shutil.copy(PLUGINS / "tinted.py", home / "editors")
    with serving(home, tmp_path_factory.mktemp("files"), "latent,tinted") as running:
        yield running


def options(page) -> dict[str, list[str]]:
    """The groups of Latent's list of generators, with their options."""
    steps.tab(page, "Make a portrait")
    return dict(
        page.locator(".fg-select >> visible=true")
        .locator("optgroup")
        .evaluate_all("all => all.map((one) => [one.label, [...one.children].map((each) => each.textContent)])")
    )


def rows(page) -> list[str]:
    return [each.input_value() for each in page.locator(".fy-name").all()]


def test_left_listed_offered_used_renamed_saved_deleted_and_taken_in(open_page, server, tmp_path):
    page = open_page()
    page.set_default_timeout(40_000)
    assert options(page).keys() == {"Here", "To download"}
    assert "Puppets 128 · embedded · Apache-2.0" in options(page)["Here"]
    steps.tab(page, "Yours")
    assert "appear here" in page.locator("#facet-yours .fc-empty").inner_text()

    steps.tab(page, "Edit")
    steps.tab(page, "Tinted")
    steps.run(page, "tinted")
    assert "“Warm 0.5” (see Yours)" in page.inner_text(".fs-facts")
    assert "Everything is warmer." in page.inner_text(".fs-facts")
    assert [text.partition(" · ")[0] for text in options(page)["Yours"]] == ["Warm 0.5"]

    page.locator(".fg-select >> visible=true").select_option(label=options(page)["Yours"][0])
    page.get_by_label("Gallery").locator("visible=true").first.fill("1")
    steps.run(page, "latent")
    assert "Warm" not in page.inner_text(".fs-facts"), "the weights are those of its source"
    recipe = steps.download(page, tmp_path)
    from registry.saved.lineage import subject_with_lineage

    made = subject_with_lineage(recipe)
    assert made.generator.delta_sha256
    assert made.lineage[-1]["inputs"]["model"] == f"yours:{made.generator.delta_sha256[:16]}"

    steps.tab(page, "Yours")
    page.wait_for_selector(".fy-row")
    assert rows(page) == ["Warm 0.5"]
    page.fill(".fy-name", "Evening sun")
    page.press(".fy-name", "Enter")
    page.wait_for_selector("text=It is called “Evening sun” now.")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export Evening sun").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert file.name == "evening-sun.generator.safetensors"

    page.get_by_role("button", name="Delete Evening sun").click()
    page.wait_for_selector("text=Delete for good")
    assert rows(page) == ["Evening sun"]
    page.get_by_role("button", name="Delete Evening sun").click()
    page.wait_for_selector("text=“Evening sun” is deleted.")
    assert rows(page) == []
    steps.tab(page, "Edit")
    assert "Yours" not in options(page)
    assert list((server.home / "artifacts").iterdir()) == []

    steps.tab(page, "Yours")
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(file.read_bytes()[:-1] + b"x")
    page.set_input_files("#facet-yours .fp-file", bad)
    page.wait_for_selector("text=is damaged: its tensors are not those that its card names")
    page.set_input_files("#facet-yours .fp-file", file)
    page.wait_for_selector("text=“Evening sun” is here now.")
    assert rows(page) == ["Evening sun"]
    steps.tab(page, "Edit")
    assert [text.partition(" · ")[0] for text in options(page)["Yours"]] == ["Evening sun"]

    another = open_page()
    another.wait_for_function("document.querySelectorAll('.fg-select optgroup[label=Yours]').length > 0")
    assert [text.partition(" · ")[0] for text in options(another)["Yours"]] == ["Evening sun"]


def test_strangers_see_what_their_visit_made(open_page, server):
    stranger = open_page(extra_http_headers={"X-Forwarded-For": "192.0.2.7"})
    stranger.set_default_timeout(40_000)
    steps.tab(stranger, "Yours")
    stranger.wait_for_timeout(1500)
    assert rows(stranger) == []
    steps.tab(stranger, "Edit")
    assert "Yours" not in options(stranger)
    steps.tab(stranger, "Tinted")
    steps.run(stranger, "tinted")
    assert [text.partition(" · ")[0] for text in options(stranger)["Yours"]] == ["Warm 0.5"]
    steps.tab(stranger, "Yours")
    stranger.wait_for_selector(".fy-row")
    assert rows(stranger) == ["Warm 0.5"]
    assert len(list((server.home / "artifacts").iterdir())) == 1, "the owner's, from before"
