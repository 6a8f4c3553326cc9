"""No hostile file runs anything, every one is refused in a sentence, none costs more memory than its size allows."""

from __future__ import annotations

import pytest

from registry import errors
from registry.errors import EditorError
from registry.readers.reading import read_tensors
from tests.readers.hostile import HOSTILE
from tests.readers.measure import allowed, measure


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    paths = {}
    for name, build in HOSTILE.items():
        (folder / name).mkdir()
        paths[name] = build(folder / name)
    found = dict(zip(paths, measure(list(paths.values())), strict=True))
    for name, outcome in found.items():
        outcome["canary"] = (folder / name / "canary").exists()
    return found


def test_there_are_many_kinds():
    assert len(HOSTILE) >= 100


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file(outcomes, name):
    outcome = outcomes[name]
    assert not outcome["canary"]
    assert outcome["events"] == []
    assert outcome["outcome"] == "refused", outcome
    assert issubclass(getattr(errors, outcome["error"]), EditorError)
    assert outcome["peak"] <= allowed(outcome["size"])
    assert outcome["sentence"].endswith(".")
    assert len(outcome["sentence"]) < 400
    assert outcome["sentence"].isprintable()


def test_the_canary_sings_where_a_pickle_is_run(tmp_path):
    path = HOSTILE["os_system"](tmp_path)
    (outcome,) = measure([path], reader="pickle")
    assert (tmp_path / "canary").exists()
    assert any(event.startswith("os.system") for event in outcome["events"])


def test_the_measure_sees_memory(tmp_path):
    path = tmp_path / "list.pkl"
    path.write_bytes(b"\x80\x02](" + b"]" * 4_000_000 + b"e.")
    (plain,) = measure([path], reader="pickle")
    assert plain["peak"] > allowed(path.stat().st_size)


CLASSES = {
    "pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n",
        "git-LFS pointer.*git lfs pull",
    ),
    "page": (b"<!DOCTYPE html><html><body>404</body></html>", "web page.*browser"),
    "page with a mark": (b"\xef\xbb\xbf \n<html>", "web page"),
    "empty": (b"", "it is empty.*download it again"),
    "zeros": (b"\0" * 4096, "full of zeros"),
    "json": (b'{"error": "Repository not found"}', "JSON"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "PNG picture"),
    "noise": (b"\x07\x99weights?", "no kind that Facet reads"),
    "a number": (b"\x80\x04K\x07.", "holds no weights but one int"),
    "an empty dict": (b"\x80\x04}.", "holds no tensors"),
    "texts": (b"\x80\x04}X\x01\x00\x00\x00aX\x01\x00\x00\x00bs.", "holds no tensors"),
}


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_no_weights_is_called_what_it_is(tmp_path, name):
    data, sentence = CLASSES[name]
    path = tmp_path / "stylegan2-ffhq.pkl"
    path.write_bytes(data)
    with pytest.raises(errors.WeightsCorrupt, match=rf"^stylegan2-ffhq.pkl cannot be read: .*{sentence}"):
        read_tensors(path)


def test_a_file_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(errors.WeightsMissing, match=r"There is no file 'a\.pt'"):
        read_tensors(tmp_path / "a.pt")


def test_links_to_files_are_followed(tmp_path):
    from tests.readers.builders import BUILDERS

    BUILDERS["e4e"](tmp_path / "blob")
    (tmp_path / "link.pt").symlink_to(tmp_path / "blob")
    assert read_tensors(tmp_path / "link.pt").layout == "torch-zip"
