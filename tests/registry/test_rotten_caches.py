"""What Facet keeps on the disk is verified when it is read: made again where that can be done, else refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from registry.artifacts.deltas import delta_path, load_delta, save_delta
from registry.artifacts.tables import keep_table, load_table
from registry.directions.catalogue import directions_of, passed_over
from registry.directions.direction import Direction
from registry.directions.keeping import keep
from registry.directions.reading import read_foreign, read_kept
from registry.errors import WeightsCorrupt
from registry.readers.cache import cached_copy, read_cached, read_through
from registry.readers.sealed import SEAL

WEIGHTS = {"g_ema": {"a": torch.arange(64.0), "b": torch.ones(3, 3)}, "note": "kept"}


def rot(path, where):
    """Changes a little of a file without changing its length: the last number, or a word of its header."""
    content = bytearray(path.read_bytes())
    if where == "numbers":
        content[-2] ^= 0x40
    else:
        at = content.index(where.encode())
        content[at] = ord("x")
    path.write_bytes(bytes(content))


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "net.pt"
    torch.save(WEIGHTS, path)
    return path


@pytest.mark.parametrize("where", ["numbers", "kept", "g_ema"])
def test_a_rotten_copy_is_made_again(source, tmp_path, where):
    copy = cached_copy(source, tmp_path / "tensors")
    rot(copy, where)
    with pytest.raises(WeightsCorrupt, match=r"is damaged\. Choose the file it was made from once more\."):
        read_cached(copy)
    found = read_through(source, tmp_path / "tensors")
    assert torch.equal(found.group("g_ema")["a"], WEIGHTS["g_ema"]["a"])
    assert found.plain["note"] == "kept"
    assert torch.equal(read_cached(copy).group("g_ema")["b"], WEIGHTS["g_ema"]["b"])


def test_a_copy_that_was_never_sealed_is_made_again(source, tmp_path):
    copy = cached_copy(source, tmp_path / "tensors")
    found = read_cached(copy)
    metadata = json.loads(copy.read_bytes()[8 : 8 + int.from_bytes(copy.read_bytes()[:8], "little")])["__metadata__"]
    del metadata[SEAL]
    save_file({f"g_ema/{name}": tensor + 1 for name, tensor in found.group("g_ema").items()}, copy, metadata)
    with pytest.raises(WeightsCorrupt, match="is damaged"):
        read_cached(copy)
    again = read_through(source, tmp_path / "tensors")
    assert torch.equal(again.group("g_ema")["a"], WEIGHTS["g_ema"]["a"])


@pytest.mark.parametrize("where", ["numbers", "sigma"])
def test_a_rotten_direction_is_not_offered(where):
    vector = np.linspace(-1, 1, 192, dtype=np.float32)
    path = keep(Direction("grin", "puppets", vector, unit="sigma", low=-2, high=2))
    assert np.array_equal(read_kept(path).vector, vector)
    rot(path, where)
    with pytest.raises(WeightsCorrupt) as refusal:
        read_kept(path)
    assert "grin" not in directions_of("puppets")
    said = [passed.why for passed in passed_over("puppets")]
    assert said == ([str(refusal.value)] if where == "numbers" else [])  # without its card nobody knows what it was


def test_an_array_that_claims_more_than_its_file_has_is_refused_without_the_memory(tmp_path):
    path = tmp_path / "smile.npy"
    np.save(path, np.zeros(512, np.float32))
    content = path.read_bytes()
    header = np.lib.format.magic(1, 0)
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999,), }\n"
    path.write_bytes(header + len(text).to_bytes(2, "little") + text + content[-2048:])
    with pytest.raises(WeightsCorrupt, match="is no array of numbers"):
        read_foreign(path, "ffhq_1024", "own")


@pytest.mark.parametrize("where", ["numbers", "net"])
def test_a_rotten_table_is_worked_out_again(facet_home, where):
    facts = {"net": "abc"}
    assert keep_table(facts, {"a": torch.arange(8.0)})
    assert torch.equal(load_table(facts)["a"], torch.arange(8.0))
    (path,) = (facet_home / "tables").iterdir()
    rot(path, where)
    assert load_table(facts) == {}


def test_a_rotten_delta_is_refused_and_kept_anew():
    sha256 = save_delta({"a": torch.ones(8)})
    rot(delta_path(sha256), "numbers")
    with pytest.raises(WeightsCorrupt, match="is damaged"):
        load_delta(sha256)
    assert save_delta({"a": torch.ones(8)}) == sha256
    assert torch.equal(load_delta(sha256)["a"], torch.ones(8))
