"""The latent inside a saved PNG: it comes back whole, and nothing hostile is believed."""

import json
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from editors.latent import latent
from facet import Subject
from facet.app import finish
from facet.stylegan import GeneratorRef
from registry.artifacts.deltas import delta_path, save_delta
from registry.conformance.sample_inputs import small_picture
from registry.saved import png_payload
from registry.saved.lineage import png_bytes, subject_with_lineage
from registry.saved.png_payload import DELTA, LATENT, beside, chunks_of, read_carried
from tests.saving import save_png

PIXELS = small_picture(32, 32)


@pytest.fixture
def subject():
    code = np.linspace(-3, 3, 12 * 192, dtype=np.float32).reshape(12, 192)
    return Subject.read(PIXELS).then(PIXELS, {"editor": "x"}, code, GeneratorRef("puppets"))


def write(path, content, name=LATENT, times=1):
    path.write_bytes(png_bytes(PIXELS, (), [(name, content)] * times))
    return path


def content_of(subject, **changed):
    line, _, raw = dict(chunks_of(subject))[LATENT].partition(b"\n")
    about = {**json.loads(line), **changed}
    return json.dumps({key: value for key, value in about.items() if value != "absent"}).encode() + b"\n" + raw


def test_a_made_picture_comes_back_with_its_latent(tmp_path):
    made = finish(latent, {"model": "puppets", "seed": 5, "gallery": 1}).subject
    save_png(made, tmp_path / "a.png")
    again = subject_with_lineage(tmp_path / "a.png")
    assert np.array_equal(again.latent, made.latent)
    assert again.latent.dtype == np.float32
    assert again.generator == made.generator
    assert again.lineage == tuple(json.loads(json.dumps(made.lineage)))


def test_a_picture_without_latent_carries_no_chunk(tmp_path):
    assert chunks_of(Subject.read(PIXELS)) == []
    save_png(Subject.read(PIXELS), tmp_path / "a.png")
    assert read_carried(tmp_path / "a.png", Subject.read(PIXELS).sha256) is None


def test_changed_pixels_lose_the_latent(subject, tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes(255 - PIXELS, (), chunks_of(subject)))
    assert subject_with_lineage(tmp_path / "a.png").latent is None


def test_another_program_that_saves_the_picture_drops_it(subject, tmp_path):
    save_png(subject, tmp_path / "a.png")
    Image.open(tmp_path / "a.png").save(tmp_path / "b.png")
    assert subject_with_lineage(tmp_path / "b.png").latent is None


@pytest.mark.parametrize(
    "changed",
    [
        {"facet": 2},
        {"facet": "absent"},
        {"pixels": "0" * 64},
        {"pixels": None},
        {"generator": "../../etc/passwd"},
        {"generator": "x" * 500},
        {"generator": None},
        {"generator": ["puppets"]},
        {"generator": "file:zz"},
        {"delta": "../../../home/.bashrc"},
        {"delta": 7},
        {"delta": "absent"},
        {"shape": [12, 191]},
        {"shape": [1 << 40, 192]},
        {"shape": [-12, -192]},
        {"shape": [0, 0]},
        {"shape": [2304]},
        {"shape": [12.0, 192.0]},
        {"shape": [True, 2304]},
        {"shape": "12x192"},
        {"shape": None},
    ],
)
def test_a_header_that_is_not_ours_is_not_believed(subject, tmp_path, changed):
    path = write(tmp_path / "a.png", content_of(subject, **changed))
    assert read_carried(path, subject.sha256) is None
    assert subject_with_lineage(path).latent is None
    assert read_carried(write(tmp_path / "b.png", content_of(subject)), subject.sha256) is not None


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e30])
def test_numbers_that_are_no_code_are_not_believed(subject, tmp_path, wrong):
    code = np.array(subject.latent)
    code[3, 7] = wrong
    bad = Subject(PIXELS, code, subject.generator)
    path = tmp_path / "a.png"
    save_png(bad, path)
    assert subject_with_lineage(path).latent is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[]\n",
        b"\xff\xfe\n1234",
        b"{" * 5000 + b"\n",
        b"[" * 900 + b"]" * 100 + b"\n",
        b'{"facet": 1}\n' + b"\0" * 64,
        b"null\n",
    ],
)
def test_no_content_makes_trouble(subject, tmp_path, content):
    assert read_carried(write(tmp_path / "a.png", content), subject.sha256) is None


def test_twice_the_chunk_is_not_believed(subject, tmp_path):
    path = write(tmp_path / "a.png", content_of(subject), times=2)
    assert read_carried(path, subject.sha256) is None


def test_a_chunk_that_is_too_long_is_never_read(subject, tmp_path, monkeypatch):
    monkeypatch.setattr(png_payload, "_MOST_LATENT_BYTES", 100)
    assert read_carried(write(tmp_path / "a.png", content_of(subject)), subject.sha256) is None


def test_a_wrong_checksum_and_a_cut_file_are_not_believed(subject, tmp_path):
    whole = write(tmp_path / "a.png", content_of(subject)).read_bytes()
    at = whole.index(LATENT) + 200
    (tmp_path / "flipped.png").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    (tmp_path / "cut.png").write_bytes(whole[:at])
    assert read_carried(tmp_path / "flipped.png", subject.sha256) is None
    assert read_carried(tmp_path / "cut.png", subject.sha256) is None
    lies = whole.replace(struct.pack(">I", len(content_of(subject))) + LATENT, b"\x7f\xff\xff\xff" + LATENT)
    (tmp_path / "lies.png").write_bytes(lies)
    assert read_carried(tmp_path / "lies.png", subject.sha256) is None


@pytest.fixture
def tuned(subject):
    sha256 = save_delta({"synthesis.blocks.128.rgb.bias": torch.full((3,), 0.25)})
    return Subject(PIXELS, subject.latent, GeneratorRef("puppets", sha256))


def test_a_delta_travels_with_the_picture(tuned, tmp_path):
    save_png(tuned, tmp_path / "a.png")
    kept = delta_path(tuned.generator.delta_sha256)
    before = kept.read_bytes()
    kept.unlink()  # as on another machine
    assert subject_with_lineage(tmp_path / "a.png").generator == tuned.generator
    assert kept.read_bytes() == before


def test_a_large_delta_travels_beside_the_picture(tuned, tmp_path, monkeypatch, cli):
    monkeypatch.setattr(png_payload, "MOST_DELTA_BYTES", 16)
    from surfaces.outputs.files import save

    said = save(tuned, tmp_path / "a.png")
    assert "a.delta.safetensors" in said
    delta_path(tuned.generator.delta_sha256).unlink()
    subject_with_lineage(tmp_path / "a.png")
    assert delta_path(tuned.generator.delta_sha256).read_bytes() == beside(tmp_path / "a.png").read_bytes()


def test_a_foreign_delta_is_not_kept(tuned, tmp_path, facet_home):
    chunks = dict(chunks_of(tuned))
    delta_path(tuned.generator.delta_sha256).unlink()
    for number, content in enumerate((b"anything", chunks[DELTA][:-4], b"")):
        path = tmp_path / f"{number}.png"
        path.write_bytes(png_bytes(PIXELS, (), [(LATENT, chunks[LATENT]), (DELTA, content)]))
        assert read_carried(path, tuned.sha256) is not None
    no_weights = zlib.compress(b"no safetensors")
    import hashlib

    ref = GeneratorRef("puppets", hashlib.sha256(no_weights).hexdigest())
    named = Subject(PIXELS, tuned.latent, ref)
    (tmp_path / "x.png").write_bytes(png_bytes(PIXELS, (), [*chunks_of(named), (DELTA, no_weights)]))
    assert read_carried(tmp_path / "x.png", tuned.sha256) is not None
    assert list((facet_home / "deltas").glob("*.safetensors")) == []


def test_old_deltas_make_way(monkeypatch, facet_home):
    monkeypatch.setenv("FACET_DELTAS_MB", "0.001")
    import os

    first = save_delta({"a": torch.zeros(100)})
    os.utime(delta_path(first), (1, 1))
    second = save_delta({"a": torch.ones(100)})
    third = save_delta({"a": torch.ones(50)})
    assert not delta_path(first).exists()
    assert delta_path(third).exists()
    assert second != third


def test_a_chunk_survives_our_own_reader_of_the_text(subject, tmp_path):
    info = PngInfo()
    info.add(LATENT, content_of(subject))
    Image.fromarray(PIXELS).save(tmp_path / "a.png", pnginfo=info)
    assert np.array_equal(subject_with_lineage(tmp_path / "a.png").latent, subject.latent)


def test_the_command_line_hands_the_latent_on(cli, tmp_path):
    assert cli("latent", "--seed", 4, "--gallery", 1, "-o", tmp_path / "a.png").code == 0
    code = subject_with_lineage(tmp_path / "a.png").latent
    assert code is not None
    again = cli("replay", tmp_path / "a.png", "-o", tmp_path / "b.png", "--json")
    assert json.loads(again.out)["identical"] is True
    assert np.array_equal(subject_with_lineage(tmp_path / "b.png").latent, code)
