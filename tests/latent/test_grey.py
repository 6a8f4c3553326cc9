"""A generator of grey pictures goes through every editor that takes a generator of one's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from facet.app import finish, load_registry
from nets.stylegan2 import Generator, GeneratorConfig, to_state

CASES = {
    "drag": [{}, {"tracker": "flow"}, {"precision": "exact"}, {"film": "gif"}],
    "free_drag": [{"film": "gif"}],
    "walk": [{}],
    "latent_mix": [{}],
    "latent_arithmetic": [{"formula": "A - seed 3"}],
    "nearest_seed": [{"among": 100}],
    "units": [{"block": "8"}],
    "invert": [{}],
}


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture
def grey(tmp_path):
    torch.manual_seed(3)
    widths = {4: 8, 8: 8, 16: 8, 32: 8, 64: 4}
    net = Generator(GeneratorConfig(64, widths, z_dim=16, w_dim=16, mapping_layers=2, img_channels=1)).eval()
    save_file(to_state(net), tmp_path / "grey.safetensors", {"config": net.config.to_json()})
    return str(tmp_path / "grey.safetensors")


@pytest.mark.parametrize(("name", "more"), [(name, more) for name, cases in CASES.items() for more in cases])
def test_grey_pictures_can_be_edited(registry, grey, name, more):
    source = finish(registry.get("latent"), {"own_model": grey, "gallery": 1, "seed": 4}).subject
    spec = registry.get(name)
    values = {**spec.trial, "subject": source, **more}
    values |= {"own_model": grey} if "own_model" in {entry.name for entry in spec.inputs} else {}
    values.pop("model", None)
    made = finish(spec, values).subject.pixels
    assert made.shape == (64, 64, 3)
    assert np.array_equal(made[..., 0], made[..., 2])
