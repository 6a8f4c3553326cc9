"""The pool: the same pictures as in this process, and nothing that a file does reaches this process."""

import subprocess

import numpy as np
import pytest
from PIL import Image

from registry.decoding import pool as pools
from registry.decoding.pool import Pool, shared_pool
from registry.errors import BadInput
from registry.inputs.marks import read_mask
from registry.subjects import pixels as pictures
from tests.decoding.hostile_pictures import LARGE, SMALL, encoded, scans_jpeg
from tests.registry.bad_pictures import refused_files, unusual_files
from tests.saving import read_picture


@pytest.fixture(scope="module")
def pool():
    made = Pool()
    yield made
    made.close()


def test_pictures_are_those_of_this_process(pool, tmp_path):
    for path, _ in unusual_files(tmp_path).values():
        found = pool.picture(str(path), "subject").pixels
        assert np.array_equal(found, read_picture(path, "subject"))
        assert found.dtype == np.uint8
        assert not found.flags.writeable
        assert np.array_equal(pool.picture(path.read_bytes(), "subject").pixels, found)


def test_a_phones_photograph_is_read_upright(pool, tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    upright = np.zeros((60, 90, 3), np.uint8)
    upright[:, :45] = (200, 60, 40)
    turned = Image.fromarray(
        np.ascontiguousarray(np.rot90(upright))
    )  # as the sensor saw it; the file says how to turn it
    notes = turned.getexif()
    notes[274] = 6
    path = tmp_path / "IMG_0001.HEIC"
    pillow_heif.register_heif_opener()
    turned.save(path, exif=notes.tobytes(), quality=90)
    found = pool.picture(str(path), "subject").pixels
    assert np.array_equal(found, read_picture(path.read_bytes(), "subject"))
    assert found.shape == upright.shape
    assert np.abs(found.astype(int) - upright)[:, [*range(40), *range(50, 90)]].max() < 12


def test_refusals_are_those_of_this_process(pool, tmp_path):
    for name, (path, _) in refused_files(tmp_path).items():
        with pytest.raises(BadInput) as here:
            read_picture(str(path), "style")
        with pytest.raises(BadInput) as there:
            pool.picture(str(path), "style")
        assert (name, str(there.value), there.value.field) == (name, str(here.value), "style")


def test_nothing_is_decoded_here(pool, tmp_path, monkeypatch):
    file = tmp_path / "a.png"
    file.write_bytes(encoded(Image.fromarray(SMALL), "PNG"))
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("it was opened in this process"))
    assert np.array_equal(pool.picture(str(file), "x").pixels, SMALL)
    assert pool.mask(str(file), "x").shape == SMALL.shape[:2]


def test_masks_are_those_of_this_process(pool, tmp_path):
    grey = np.zeros((20, 30), np.uint8)
    grey[5:9, 6:20] = 255
    content = encoded(Image.fromarray(grey), "PNG")
    assert np.array_equal(pool.mask(content, "mask"), read_mask(content, "mask"))
    layer = np.zeros((20, 30, 4), np.uint8)
    layer[5:9, 6:20, 3] = 255
    (tmp_path / "layer.png").write_bytes(encoded(Image.fromarray(layer), "PNG"))
    assert np.array_equal(pool.mask(str(tmp_path / "layer.png"), "mask"), grey > 127)
    with pytest.raises(BadInput, match="mask: is not a picture"):
        pool.mask(b"words", "mask")


@pytest.mark.parametrize("name", LARGE)
def test_as_large_as_a_picture_may_be(pool, name):
    assert pool.picture(LARGE[name](), "x").pixels.shape == (5000, 5000, 3)


@pytest.mark.skipif(pools.sys.platform != "linux", reason="only Linux limits what a process takes")
def test_a_file_that_takes_too_much_memory_is_a_sentence_and_the_next_one_is_read():
    small = Pool(memory=400 << 20)
    with pytest.raises(BadInput, match="subject: (takes more memory|cannot be opened within)"):
        small.picture(LARGE["float.tif"](), "subject")
    assert np.array_equal(small.picture(encoded(Image.fromarray(SMALL), "PNG"), "subject").pixels, SMALL)
    small.close()


def test_a_file_that_takes_too_long_is_a_sentence(monkeypatch):
    hasty = Pool()
    monkeypatch.setattr(pools, "WALL_SECONDS", 0.01)
    with pytest.raises(BadInput, match="subject: takes too long to open. Open it in another program"):
        hasty.picture(LARGE["flat.png"](), "subject")
    monkeypatch.undo()
    assert hasty.picture(scans_jpeg(20, side=64), "subject").pixels.shape == (64, 64, 3)
    hasty.close()


def test_a_process_that_dies_takes_nothing_along(monkeypatch):
    pool = Pool()
    small = encoded(Image.fromarray(SMALL), "PNG")
    pool.picture(small, "x")
    pool._idle[0]._process.kill()
    pool._idle[0]._process.wait()
    with pytest.raises(BadInput, match="cannot be opened within the limits of a picture"):
        pool.picture(small, "x")
    assert np.array_equal(pool.picture(small, "x").pixels, SMALL)
    pool.close()


def test_a_process_that_grew_is_ended(monkeypatch):
    pool = Pool()
    pool.picture(encoded(Image.fromarray(SMALL), "PNG"), "x")
    assert len(pool._idle) == 1
    pool.picture(LARGE["flat.png"](), "x")
    assert pool._idle == []


def test_where_no_process_can_be_started_it_is_decoded_here(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no processes here")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert np.array_equal(Pool().picture(encoded(Image.fromarray(SMALL), "PNG"), "x").pixels, SMALL)


def test_nothing_is_started_before_a_picture_comes(process):
    ran = process("-c", "from registry.decoding.pool import shared_pool as s; print(len(s()._idle), s().turns.waiting)")
    assert (ran.code, ran.out) == (0, "0 0\n")
    assert shared_pool() is shared_pool()


def test_the_pool_brings_no_torch_into_its_processes(process):
    code = (
        "import io, sys, registry.decoding.worker as w; from PIL import Image; file = io.BytesIO()\n"
        "Image.new('RGB', (40, 40), 'white').save(file, 'PNG')\n"
        "done = [task(file.getvalue(), 'x') for task in w.TASKS.values()]; print(len(done), 'torch' in sys.modules)"
    )
    assert process("-c", code).out == "2 False\n"


def test_many_waiting_is_a_sentence(monkeypatch):
    pool = Pool(slots=1)
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.01)
    with pool.turns.turn(("a", ""), 1), pytest.raises(BadInput, match="cannot be opened yet: it others|cannot be"):
        pool.picture(b"words", "subject", ("b", ""))


def test_the_limits_are_those_of_pictures():
    assert pools.MOST_PIXELS == pictures.MOST_PIXELS
