"""Honest files of the heaviest kinds also stay within 2.5 times their size and 64 MB."""

from __future__ import annotations

import pickle

import pytest
import torch

from tests.readers.builders import message, onnx_model
from tests.readers.fake_nvlabs import nvlabs_modules
from tests.readers.large import Tower
from tests.readers.measure import allowed, measure

COUNT = 12 * 2**20  # numbers: 48 MB, so that copies stand out against the 64 MB


def _transposed(path):
    torch.save({"a": torch.ones(COUNT // 1024, 1024).t(), "b": torch.ones(COUNT // 1024, 1024).t()}, path)


def _legacy(path):
    torch.save({"a": torch.ones(COUNT), "b": torch.ones(COUNT)}, path, _use_new_zipfile_serialization=False)


def _network(path, protocol):
    with nvlabs_modules():
        path.write_bytes(pickle.dumps({"G_ema": Tower(16, 512)}, protocol=protocol))


def _onnx(path):
    raw = torch.ones(COUNT).numpy().tobytes()
    path.write_bytes(onnx_model(*(message((1, COUNT), (2, 1), (8, b"w%d" % field), (field, raw)) for field in (4, 9))))


def _safetensors(path):
    from safetensors.torch import save_file

    save_file({"a": torch.ones(COUNT), "b": torch.ones(COUNT)}, path)


def _arrays(path):
    data = {"a": torch.ones(COUNT // 64, 64).numpy().T, "b": torch.ones(COUNT).numpy()}
    path.write_bytes(pickle.dumps(data, protocol=4))


FILES = {
    "transposed": _transposed,
    "legacy": _legacy,
    "protocol 2": lambda path: _network(path, 2),
    "protocol 4": lambda path: _network(path, 4),
    "onnx": _onnx,
    "safetensors": _safetensors,
    "arrays": _arrays,
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    paths = {name: tmp_path_factory.mktemp("honest") / "weights" for name in FILES}
    for name, write in FILES.items():
        write(paths[name])
    found = dict(zip(paths, measure(list(paths.values())), strict=True))
    for path in paths.values():
        path.unlink()
    return found


@pytest.mark.parametrize("name", FILES)
def test_peak_memory_of_an_honest_file(outcomes, name):
    outcome = outcomes[name]
    assert outcome["outcome"] == "read", outcome
    assert outcome["held"] > 30e6
    assert outcome["held"] * 0.9 <= outcome["peak"] <= allowed(outcome["size"])
    assert outcome["events"] == []
