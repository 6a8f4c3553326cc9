"""Files that visitors hand in are decoded in the pool, with the visitor's place in the queue for it."""

import base64
import uuid
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from gradio.context import LocalContext
from gradio.utils import get_upload_folder
from PIL import Image

from registry.inputs.marks import MaskInput
from registry.inputs.pictures import Picture
from registry.plugins.signature import Input
from registry.saved.lineage import png_bytes, subject_png
from registry.subjects.pixels import read_layers
from registry.subjects.subject import GeneratorRef, Subject
from surfaces.page import controls
from surfaces.page.controls import received
from surfaces.page.visitors import asking
from tests.decoding.hostile_pictures import SMALL, encoded

SUBJECT, MASK = Input("subject", Picture()), Input("mask", MaskInput(doc="May change."))


def upload(content, name="a.png"):
    folder = Path(get_upload_folder()) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    return {"path": str(folder / name), "meta": {"_type": "gradio.FileData"}}


@pytest.fixture
def closed(monkeypatch):
    """Pillow opens nothing in this process."""
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("it was opened in this process"))


def test_a_picture_is_decoded_elsewhere(closed):
    for raw in (upload(png_bytes(SMALL, [])), {"file": upload(png_bytes(SMALL, []))}):
        assert np.array_equal(received(SUBJECT, raw).pixels, SMALL)


def test_its_code_comes_along(closed):
    code = np.ones((4, 8), np.float32)
    found = received(SUBJECT, upload(subject_png(Subject(SMALL, code, GeneratorRef("puppets")))))
    assert np.array_equal(found.latent, code)


def test_masks_are_decoded_elsewhere(closed, monkeypatch):
    grey = np.zeros((20, 30), np.uint8)
    grey[4:9] = 255
    content = encoded(Image.fromarray(grey), "PNG")
    text = base64.b64encode(content).decode()
    for raw in (upload(content), f"png:{text}", f"data:image/png;base64,{text}", {"png": f"png:{text}"}):
        assert np.array_equal(received(MASK, raw), grey > 127)
        assert np.array_equal(MASK.check(received(MASK, raw)), grey > 127)


def test_the_visitor_is_known(monkeypatch):
    seen = []

    class Pool:
        def picture(self, path, field, who):
            seen.append(who)
            return read_layers(path, field)

    monkeypatch.setattr(controls, "shared_pool", Pool)
    assert asking().who == ("", "")
    request = SimpleNamespace(client=SimpleNamespace(host="10.0.0.7"), session_hash="abc")
    token = LocalContext.request.set(request)
    try:
        received(SUBJECT, upload(png_bytes(SMALL, [])))
    finally:
        LocalContext.request.reset(token)
    assert seen == [("10.0.0.7", "abc")]
