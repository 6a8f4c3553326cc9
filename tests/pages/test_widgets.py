"""A widget that a plugin brought: a circle that is put on the picture."""

import numpy as np
import pytest
from PIL import Image

from registry.saved.lineage import read_lineage
from tests.pages import steps

gradio_client = pytest.importorskip("gradio_client")
pytestmark = pytest.mark.page


def test_a_circle_is_drawn_and_arrives(open_page, tmp_path):
    source = tmp_path / "plain.png"
    Image.fromarray(np.full((100, 200, 3), 200, np.uint8)).save(source)
    page = open_page()
    steps.upload(page, source)
    page.wait_for_selector('.fs[data-state="rest"]')
    steps.tab(page, "Spotlight")
    view = page.locator(".pl-view")
    box = view.bounding_box()
    assert box["width"] / box["height"] == pytest.approx(2, abs=0.05)
    scale = box["width"] / 200
    page.mouse.move(box["x"] + 50 * scale, box["y"] + 50 * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + 80 * scale, box["y"] + 50 * scale, steps=4)
    page.mouse.up()
    assert page.locator(".pl-ring").is_visible()
    steps.run(page, "spotlight")
    saved = steps.download(page, tmp_path)
    (recipe,) = read_lineage(saved)
    assert recipe["inputs"]["circle"] == pytest.approx([50, 50, 30], abs=1.5)
    pixels = np.asarray(Image.open(saved).convert("RGB"))
    assert (pixels[50, 50, 0], pixels[50, 150, 0]) == (200, 60)


def test_the_same_input_over_http(server, tmp_path):
    source = tmp_path / "plain.png"
    Image.fromarray(np.full((40, 60, 3), 200, np.uint8)).save(source)
    client = gradio_client.Client(server.url, verbose=False, download_files=str(tmp_path))
    picture, recipe, measured = client.predict(
        gradio_client.handle_file(str(source)), circle=[10, 12, 5], api_name="/spotlight"
    )
    assert (recipe["inputs"]["circle"], measured["radius"]) == ([10, 12, 5], 5)
    pixels = np.asarray(Image.open(picture).convert("RGB"))
    assert (pixels[12, 10, 0], pixels[12, 40, 0]) == (200, 60)
    with pytest.raises(gradio_client.exceptions.AppError, match="circle: must be three numbers"):
        client.predict(gradio_client.handle_file(str(source)), circle=[1, 2], api_name="/spotlight")
    client.close()
