"""The kinds of pictures that can be dragged: each in the model list with its licence, and with something to begin."""

import json
import re
from pathlib import Path

import pytest

from editors.drag.checks import check_pairs
from editors.drag.generators import GENERATORS
from editors.drag.settings import DragSettings
from editors.latent import latent
from nets.stylegan2 import GeneratorConfig
from registry.generators import ADAPTED, EMBEDDED
from registry.weights.manifest import entries

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "drag.md").read_text()
ROW = re.compile(r"^\| [^|]+ \| `(\w+)` \| ([^|]+) \| (\d+) \| `(.+)` \|$", re.M)
ROWS = {name: (licence, int(seed), json.loads(pairs)) for name, licence, seed, pairs in ROW.findall(TEXT)}
WANTED = (
    "lions_512 dogs_1024 horses_256 elephants_512 car_512 cat_256 ffhq_1024 afhqcat_512 metfaces_1024 church_256"
    " human_512"
)


def size_of(name):
    side = 128 if name == "puppets" else int(name.rpartition("_")[2])
    return (side, side // 2) if name.startswith("human") else (side, side)


def test_every_kind_is_in_the_model_list_lions_first_after_the_puppets():
    offered = [net.name for net in GENERATORS]
    assert offered[: len(EMBEDDED) + 1] == [*EMBEDDED, "lions_512"]
    assert set(WANTED.split()) <= set(offered)
    model = next(each for each in latent.inputs if each.name == "model")
    assert list(model.kind.labels) == offered


def test_the_model_list_says_the_licence_and_the_size_of_the_pictures():
    for net in GENERATORS:
        assert re.search(r"\d{3,4}", net.doc), f"{net.name}: no size in {net.doc!r}"
        if net.sources[0].embedded:
            assert net.sources[0].licence in net.doc
            continue
        weights = entries()[net.name].weights
        assert weights.licence
        assert ("non-commercial" if weights.non_commercial else weights.licence) in net.doc
        if weights.licence.startswith("CC-BY"):
            assert weights.attribution


def test_every_kind_has_something_to_begin_with():
    derived = {name for name, entry in entries().items() if entry.w_space} | ADAPTED.keys()
    assert ROWS.keys() == {net.name for net in GENERATORS} - derived


@pytest.mark.parametrize("name", ROWS)
def test_what_there_is_to_begin_with_can_be_dragged(name):
    licence, seed, pairs = ROWS[name]
    height, width = size_of(name)
    known = next((entry.weights for key, entry in entries().items() if key == name), None)
    assert licence.strip() == (
        "Apache-2.0" if known is None else "non-commercial" if known.non_commercial else known.licence
    )
    assert seed >= 0
    for x, y, to_x, to_y in pairs:
        assert min(x, to_x) >= 0
        assert max(x, to_x) < width
        assert min(y, to_y) >= 0
        assert max(y, to_y) < height
    channels = {4 << n: 4 for n in range((height // 4).bit_length())}
    config = GeneratorConfig((height, width), channels, z_dim=4, w_dim=4, mapping_layers=1)
    check_pairs([tuple(p[:2]) for p in pairs], [tuple(p[2:]) for p in pairs], DragSettings().scaled(config))
