"""The guide's fragments are whole editors: points with a mask, and weights that lie beside the module."""

import hashlib
import re

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "adding_an_editor.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
HEAD = """
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from facet import Context, LabelMap, LabelMapInput, Mask, MaskInput, Net, Pair, Palette, Points, Step, Subject, Weights
from facet import editor, hookimpl

"""
HOOK = """

@hookimpl
def register_editors():
    return [{name}]
"""


def module(name):
    (block,) = [block for block in BLOCKS if f'@editor("{name}"' in block and "register_editors" not in block]
    return HEAD + block + HOOK.format(name=name)


@pytest.fixture
def nudge(facet_home):
    (facet_home / "editors" / "nudge.py").write_text(module("nudge"))


@pytest.fixture
def grade(facet_home):
    net = torch.nn.Conv2d(3, 3, 1)
    net.load_state_dict({"weight": torch.eye(3)[:, :, None, None].flip(0).contiguous(), "bias": torch.zeros(3)})
    file = facet_home / "editors" / "grade.safetensors"
    save_file(net.state_dict(), file)
    told = module("grade").replace("64 hexadecimal digits", hashlib.sha256(file.read_bytes()).hexdigest())
    (facet_home / "editors" / "grade.py").write_text(told)
    return file


@pytest.fixture
def fill_parts(facet_home):
    (facet_home / "editors" / "fill_parts.py").write_text(module("fill_parts"))


@pytest.mark.parametrize("name", ["nudge", "grade", "fill_parts"])
def test_they_pass_the_conformance_kit(name, request, cli):
    request.getfixturevalue(name)
    ran = cli("check", name)
    assert ran.code == 0, ran.out


def test_points_move_and_the_mask_holds(nudge, cli, tmp_path):
    mask = np.zeros((300, 451), np.uint8)
    mask[:, :300] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    points = ("--pairs", "[[150, 120, 200, 120]]", "--mask", tmp_path / "mask.png")
    ran = cli("nudge", "--subject", "sample:chelsea", *points, "-o", tmp_path / "out.png")
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "out.png") as made, Image.open(ROOT / "assets/samples/chelsea.webp") as cat:
        after, before = np.asarray(made), np.asarray(cat.convert("RGB"))
    assert (after[120, 200] == before[120, 150]).all()
    assert (after[:, 300:] == before[:, 300:]).all()


def test_weights_beside_the_module_are_used(grade, cli, tmp_path):
    ran = cli("grade", "--subject", "sample:chelsea", "-o", tmp_path / "out.png")
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "out.png") as made, Image.open(ROOT / "assets/samples/chelsea.webp") as cat:
        after, before = np.asarray(made).astype(int), np.asarray(cat.convert("RGB")).astype(int)
    assert abs(after - before[..., ::-1]).max() <= 1


def test_what_is_wrong_with_the_weights_of_a_plugin_is_said(grade, facet_home, cli, tmp_path):
    file, run = facet_home / "editors" / "grade.py", ("grade", "--subject", "sample:chelsea", "-o", tmp_path / "a.png")
    digest = hashlib.sha256(grade.read_bytes()).hexdigest()
    whole = file.read_text()
    file.write_text(whole.replace(f'    sha256="{digest}",\n', ""))
    assert f'write sha256="{digest}" in its Weights' in cli(*run).err
    file.write_text(whole.replace('str(Path(__file__).parent / "grade.safetensors")', '"grade.safetensors"'))
    assert 'name a file beside the module by str(Path(__file__).parent / "grade.safetensors")' in cli("list").out
    file.write_text(whole)
    grade.unlink()
    assert "is not there: grade.safetensors. Install its add-on again." in cli(*run).err
