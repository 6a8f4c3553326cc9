"""What checkpoints keep beside their weights: harmless facts are left out with a word, the weights are read."""

from __future__ import annotations

import argparse
import collections
import datetime
import decimal
import enum
import logging
import pathlib
import random
import sys
import types
import uuid

import numpy as np
import pytest
import torch

from registry.readers.limits import Budget
from registry.readers.reading import read_tensors
from registry.readers.records import Global
from tests.readers.fake_nvlabs import Generator, nvlabs_modules


class Precision(enum.Enum):
    HALF = "fp16"


class Level(enum.IntEnum):
    HIGH = 3


class Settings:
    def __init__(self):
        self.content, self.kind = {"size": 64}, collections.defaultdict(dict)


FACTS = {
    "queue": (collections.deque([1.0, 2.0], 100), "collections.deque"),
    "date and time": (datetime.datetime(2024, 1, 2), "datetime.datetime"),
    "time with a zone": (datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), "datetime.datetime"),
    "date": (datetime.date(2024, 1, 2), "datetime.date"),
    "span": (datetime.timedelta(3), "datetime.timedelta"),
    "decimal": (decimal.Decimal("1.5"), "decimal.Decimal"),
    "identity": (uuid.UUID(int=5), "uuid.UUID"),
    "enum": (Precision.HALF, "library.settings.Precision"),
    "number of an enum": (Level.HIGH, "library.settings.Level"),
    "settings": (Settings(), "library.settings.Settings"),
    "enum among arguments": (argparse.Namespace(precision=Precision.HALF), "library.settings.Precision"),
    "random state": (random.Random(3), "random.Random"),
    "random state of numpy": (np.random.RandomState(3), "__randomstate_ctor"),
    "logger": (logging.getLogger("facet.tests"), "logging.getLogger"),
    "texts": (np.array(["a", "b"]), "left out an array, which holds no numbers"),
    "text": (np.str_("a"), "numpy.generic"),
    "day": (np.datetime64("2024-01-02"), "numpy.generic"),
}


@pytest.fixture(autouse=True)
def _library(monkeypatch):
    """The classes above, as those of a library that no user has."""
    module = types.ModuleType("library.settings")
    for kind in (Precision, Level, Settings):
        setattr(module, kind.__name__, kind)
        monkeypatch.setattr(kind, "__module__", "library.settings")
    monkeypatch.setitem(sys.modules, "library", types.ModuleType("library"))
    monkeypatch.setitem(sys.modules, "library.settings", module)


@pytest.mark.parametrize("as_zip", [True, False])
@pytest.mark.parametrize("name", FACTS)
def test_a_harmless_fact_is_left_out_with_a_word(tmp_path, name, as_zip):
    value, said = FACTS[name]
    weights = torch.arange(4.0)
    path = tmp_path / "weights.pt"
    content = {"g_ema": {"style.1.weight": weights}, "note": value}
    torch.save(content, path, _use_new_zipfile_serialization=as_zip)
    found = read_tensors(path)
    assert torch.equal(found.group("g_ema")["style.1.weight"], weights)
    assert any(said in warning for warning in found.warnings), found.warnings


def test_paths_of_a_newer_python_are_read_as_texts():
    assert Global("pathlib._local", "PosixPath").dotted == "pathlib.PosixPath"
    assert Global(pathlib.PurePosixPath.__module__, "PurePosixPath").dotted == "pathlib.PurePosixPath"


def test_layers_keep_what_their_networks_arguments_leave_out(tmp_path):
    net = Generator(z_dim=4)
    net.synthesis.conv0.conv_clamp, net.synthesis.torgb.conv_clamp = 256, None
    with nvlabs_modules():
        torch.save({"models": {"G_ema": net}}, tmp_path / "net.pt")
    found = read_tensors(tmp_path / "net.pt")
    facts = found.plain["models"]["G_ema"]
    assert facts["class_name"] == "Generator"
    assert facts["parts"] == {"synthesis.conv0": {"conv_clamp": 256}, "synthesis.torgb": {"conv_clamp": None}}


def test_looking_through_is_paid_for():
    budget = Budget(0)
    before = budget.structure_left
    budget.looked_through(1000)
    assert before - budget.structure_left == 8000


def test_what_was_left_out_is_told_beside_the_picture(tmp_path):
    from editors.latent import latent
    from facet.app import finish
    from nets.stylegan2 import Generator as StyleGAN2
    from nets.stylegan2 import GeneratorConfig, Layout, to_state
    from surfaces.page.words import facts_of

    net = StyleGAN2(GeneratorConfig(16, {4: 4, 8: 4, 16: 4}, z_dim=8, w_dim=8, mapping_layers=2)).eval()
    content = {"g_ema": to_state(net, Layout.ROSINALITY), "losses": collections.deque([1.0])}
    torch.save(content, tmp_path / "net.pt")
    result = finish(latent, {"own_model": str(tmp_path / "net.pt"), "gallery": 1})
    assert result.recipe["weights"][0]["left_out"] == ["left out an object of class collections.deque"]
    assert facts_of(result)["not read"] == "an object of class collections.deque"
