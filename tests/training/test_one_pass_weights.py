"""The committed decoders and fast styles: the files are their cards', they give their golden outputs, and they work."""

import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file

from nets.features import Coloured, PerceptualDistance
from training.fast_style.export import FILE as FAST_FILE
from training.fast_style.export import golden as fast_golden
from training.fast_style.export import read_fast_style
from training.trunk.convert import GOLDEN, TRUNK, read_trunk
from training.trunk.export import golden, photograph, read_decoders, reconstruction
from training.trunk.pictures import ASSETS

WEIGHTS = ASSETS / "weights"
TRUNK_FOLDER, DECODERS, FAST = WEIGHTS / "vgg16_edges", WEIGHTS / "vgg16_edges_decoders", WEIGHTS / "fast_style"
needs_fast = pytest.mark.skipif(not (FAST / FAST_FILE).exists(), reason="the fast styles are not part of this checkout")
LEAST = (60.0, 27.0, 23.5, 20.0)
"""dB that bundled photographs, which training never saw, must keep from relu1_1 … relu4_1."""


@pytest.mark.parametrize("folder", [DECODERS, pytest.param(FAST, marks=needs_fast)], ids=["decoders", "fast_style"])
def test_the_files_are_the_cards(folder):
    card = json.loads((folder / "card.json").read_text())
    for name, facts in card["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == facts["sha256"], name
    made_on = next(iter((card.get("of") or card["judged_by"]).values()))
    assert made_on == hashlib.sha256((TRUNK_FOLDER / TRUNK).read_bytes()).hexdigest()
    learnt = card["trained_on"]["photographs"]
    assert all(row["licence"] and "NC" not in row["licence"] for row in learnt)
    shown = {hashlib.sha256(path.read_bytes()).hexdigest() for path in ASSETS.rglob("*.webp")}
    assert not shown & {row["sha256"] for row in learnt}


@needs_fast
def test_fast_style_is_small():
    assert (FAST / FAST_FILE).stat().st_size <= 3_000_000
    assert len(read_fast_style(FAST).config.styles) >= 8


def test_decoders_give_their_golden_outputs():
    same(golden(read_trunk(TRUNK_FOLDER), read_decoders(DECODERS), TRUNK_FOLDER), load_file(DECODERS / GOLDEN))


@needs_fast
def test_fast_styles_give_their_golden_outputs():
    same(fast_golden(read_fast_style(FAST), TRUNK_FOLDER), load_file(FAST / GOLDEN))


def same(found, wanted):
    """Equal but for what processors round differently."""
    assert found.keys() == wanted.keys()
    for name, value in found.items():
        assert torch.allclose(value, wanted[name], atol=2e-3), name


def test_photographs_come_back():
    found = reconstruction(read_trunk(TRUNK_FOLDER), read_decoders(DECODERS), ASSETS / "samples")
    assert all(value > least for value, least in zip(found, LEAST, strict=True)), found


@needs_fast
def test_each_fast_style_is_nearer_to_its_style_than_the_photograph_in_its_colours():
    """Paint, and not the colours alone: in grey, by means and covariances of the trunk's features."""
    from benchmarks.style_families import grey
    from nets.fast_style import Objective
    from training.fast_style.train import style_picture

    net, trunk = read_fast_style(FAST), read_trunk(TRUNK_FOLDER)
    picture = photograph(ASSETS / "samples" / "chelsea.webp", 224)[..., :224]
    nearer, first = [], torch.zeros(1, dtype=torch.long)
    with torch.no_grad():
        for name in net.config.styles:
            blend, objective = net.blend({name: 1.0}), Objective(trunk, [(grey(style_picture(name, 512)), None)])
            pictures = [grey(made(picture, blend).clamp(-1, 1)) for made in (net, net.ground)]
            painted, coloured = (objective(each, pictures[1], first)["style"].item() for each in pictures)
            nearer.append(painted < coloured)
    assert all(nearer), dict(zip(net.config.styles, nearer, strict=True))


def test_a_restyled_picture_still_shows_the_photograph():
    trunk, decoders = read_trunk(TRUNK_FOLDER), read_decoders(DECODERS)
    picture, other = (photograph(ASSETS / "samples" / f"{name}.webp", 128)[..., :128] for name in ("chelsea", "coffee"))
    from nets.features import adain
    from training.fast_style.train import style_picture

    taps = Coloured(trunk)
    with torch.no_grad():
        features, style = (taps(x, 4)[-1] for x in (picture, style_picture("night", 192)))
        made = decoders.styled(adain(features, style), 128, 128)
        distance = PerceptualDistance(trunk, plain=True)
        assert distance(made, picture) < distance(made, other)
