"""Every documented layout gives back exactly the tensors that were written."""

from __future__ import annotations

import contextlib
import struct
import sys

import pytest
import torch

from registry.errors import OutOfMemory, WeightsCorrupt
from registry.readers import reading
from registry.readers.cache import cached_copy, read_cached
from registry.readers.reading import read_tensors
from tests.readers.builders import BUILDERS, build_all


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return build_all(tmp_path_factory.mktemp("layouts"))


def assert_same(found, expected):
    assert set(found) == set(expected)
    for group, members in expected.items():
        assert set(found[group]) == set(members)
        for name, tensor in members.items():
            assert found[group][name].dtype == tensor.dtype
            assert found[group][name].shape == tensor.shape
            assert found[group][name].is_contiguous()
            assert torch.equal(
                found[group][name].contiguous().view(torch.uint8) if tensor.ndim else found[group][name],
                tensor.contiguous().view(torch.uint8) if tensor.ndim else tensor,
            ), name


def assert_holds(found, expected):
    for key, value in expected.items():
        if isinstance(value, dict):
            assert_holds(found[key], value)
        else:
            assert found[key] == value


@pytest.mark.parametrize("name", BUILDERS)
def test_layout_is_read_exactly(written, name):
    path, expected = written[name]
    found = read_tensors(path)
    assert found.layout == expected.layout
    assert found.warnings == ()
    assert_same(found.tensors, expected.groups)
    assert_holds(found.plain, expected.plain)


@pytest.mark.parametrize("name", BUILDERS)
def test_cached_copy_holds_the_same(written, name, tmp_path, monkeypatch):
    path, expected = written[name]
    copy = cached_copy(path, tmp_path / "cache")
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]

    def refuse(*args, **kwargs):
        raise AssertionError("a pickle was parsed at the second reading")

    monkeypatch.setattr(reading, "_open_pickle", refuse)
    assert cached_copy(path, tmp_path / "cache") == copy
    found = read_cached(copy)
    assert (found.layout, found.name) == (expected.layout, path.name)
    assert_same(found.tensors, expected.groups)
    assert_holds(found.plain, expected.plain)


def test_the_copy_is_ordinary_safetensors(written, tmp_path):
    from safetensors import safe_open

    copy = cached_copy(written["ada_pickle-4"][0], tmp_path)
    with safe_open(copy, "pt") as file:
        names = set(file.keys())
        assert file.metadata()["source_sha256"] == copy.stem
        weight = file.get_tensor("G_ema/mapping.torgb.weight")
    assert torch.equal(weight, written["ada_pickle-4"][1].groups["G_ema"]["mapping.torgb.weight"])
    assert {name.split("/")[0] for name in names} == {"G", "D", "G_ema"}


def test_a_damaged_copy_is_made_again(written, tmp_path):
    path, expected = written["e4e"]
    copy = cached_copy(path, tmp_path)
    whole = copy.read_bytes()
    for damaged in (whole[:-1], whole[:40], b"", whole.replace(b"source_sha256", b"source_sha257")):
        copy.write_bytes(damaged)
        assert cached_copy(path, tmp_path) == copy
        assert copy.read_bytes() == whole
    assert_same(read_cached(copy).tensors, expected.groups)


def test_a_refused_file_leaves_no_copy(tmp_path):
    bad = tmp_path / "bad.pkl"
    bad.write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(WeightsCorrupt):
        cached_copy(bad, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*"))


def test_some_other_safetensors_is_no_cached_copy(written):
    with pytest.raises(WeightsCorrupt, match="no copy that Facet made"):
        read_cached(written["safetensors"][0])


def test_only_the_named_groups_are_read(written):
    path, expected = written["ada_pickle-4"]
    found = read_tensors(path, only=("G_ema",))
    assert_same(found.tensors, {"G_ema": expected.groups["G_ema"]})
    assert set(found.plain) == {"G_ema"}


def test_a_group_that_is_missing_is_named_with_those_that_are_there(written):
    found = read_tensors(written["ada_pickle-4"][0])
    assert found.group("g_ema", "G_ema") is found.tensors["G_ema"]
    with pytest.raises(WeightsCorrupt) as caught:
        found.group("g_ema", "module")
    assert "has no g_ema or module; it holds D (class Discriminator, 3 tensors), G (class Gen" in str(caught.value)


def test_the_source_text_of_a_pickle_is_hashed_and_dropped(written):
    facts = read_tensors(written["ada_pickle-4"][0]).plain["G_ema"]
    assert len(facts["module_sha256"]) == 64
    assert "module source was run" not in str(facts)
    assert not {"torch_utils", "dnnlib", "training.networks_stylegan2"} & set(sys.modules)


def test_a_file_larger_than_memory_is_refused_before_it_is_read(written):
    for name in ("rosinality-True", "safetensors", "onnx", "ada_pickle-4"):
        with pytest.raises(OutOfMemory, match="memory is free"):
            read_tensors(written[name][0], memory_limit_bytes=20)


def test_tied_tensors_share_memory(written):
    found = read_tensors(written["rosinality-True"][0]).tensors
    assert found["g"]["style.weight"].data_ptr() == found["g_ema"]["style.weight"].data_ptr()


def test_an_archive_of_the_wide_zip_format_is_read(written, tmp_path):
    """Torch writes zip64 records for archives beyond 4 GB; here the same records on a small one."""
    path, expected = written["e4e"]
    wide = tmp_path / "wide.pt"
    whole = as_zip64(path.read_bytes())
    wide.write_bytes(whole)
    assert_same(read_tensors(wide).tensors, expected.groups)
    for at in range(-98, -2, 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x55
        wide.write_bytes(damaged)
        with contextlib.suppress(WeightsCorrupt):  # a flipped version is no harm
            assert_same(read_tensors(wide).tensors, expected.groups)


def as_zip64(data: bytes) -> bytes:
    """The archive with every size and offset of its table of contents moved to zip64 records."""
    end = data.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<H2L", data, end + 10)
    table, at = b"", start
    for _ in range(count):
        head = bytearray(data[at : at + 46])
        name, extra, comment = struct.unpack_from("<3H", head, 28)
        packed, unpacked = struct.unpack_from("<2L", head, 20)
        (offset,) = struct.unpack_from("<L", head, 42)
        head[20:28], head[42:46] = b"\xff" * 8, b"\xff" * 4
        struct.pack_into("<H", head, 30, 28)
        wide = struct.pack("<2H3Q", 1, 24, unpacked, packed, offset)
        table += bytes(head) + data[at + 46 : at + 46 + name] + wide + data[at + 46 + name + extra :][:comment]
        at += 46 + name + extra + comment
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(table), start)
    place = struct.pack("<4sLQL", b"PK\6\7", 0, start + len(table), 1)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[2**32 - 1] * 2, 0)
    return data[:start] + table + record + place + tail


def test_entries_that_were_not_asked_for_are_told(written):
    found = read_tensors(written["ada_pickle-4"][0], only=("g_ema",))
    with pytest.raises(WeightsCorrupt, match=r"has no g_ema; it holds D \(not read\), G \(not read\), G_ema"):
        found.group("g_ema")
