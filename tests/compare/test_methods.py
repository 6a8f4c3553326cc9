"""Columns with settings of their own, and sweeps."""

import pytest

from registry.errors import BadInput
from registry.plugins.loader import load_registry
from registry.subjects import collection
from surfaces.compare import read_column, read_sweep
from surfaces.page.variants import asked, offered


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def labels(methods):
    return [each.label for each in methods]


def test_a_value_may_hold_commas_and_equal_signs(registry):
    made = read_column(registry, "drag:pairs=[[1,2,3,4]], steps=3")
    assert made.own == {"pairs": "[[1,2,3,4]]", "steps": "3"}
    made = read_column(registry, "attributes:strengths=smile=1")
    assert made.spec.input("strengths").check(made.own["strengths"]) == {"smile": 1.0}


def test_a_sweep_counts_lists_or_takes_all_there_are(registry):
    assert labels(read_sweep(registry, "adain.strength=0:1:3")) == [f"adain:strength={x}" for x in ("0", "0.5", "1")]
    assert labels(read_sweep(registry, "drag.steps=10:30:3")) == ["drag:steps=10", "drag:steps=20", "drag:steps=30"]
    assert labels(read_sweep(registry, "wct.seed=1,5")) == ["wct:seed=1", "wct:seed=5"]
    kind = registry.get("drag").input("motion").kind
    assert labels(read_sweep(registry, "drag.motion")) == [f"drag:motion={value}" for value in kind.listed()]
    smiles = read_sweep(registry, "attributes.strengths.smile=-1:1:3")
    assert labels(smiles) == [f"attributes:strengths=smile={x}" for x in ("-1", "0", "1")]


def test_the_page_asks_for_every_combination(registry):
    rows = [
        {
            "editor": "drag",
            "settings": [
                {"name": "steps", "from": 10, "to": "30", "count": "2"},
                {"name": "motion", "values": list(registry.get("drag").input("motion").kind.listed())[:2]},
            ],
        },
        {"editor": "free_drag", "settings": [{"name": "steps", "from": 30, "count": 1}]},
    ]
    made = asked(registry, {"rows": rows, "rev": 1})
    assert [each.own["steps"] for each in made[:4]] == [10, 10, 30, 30]
    assert len({each.own["motion"] for each in made[:4]}) == 2
    assert made[4].label == "free_drag:steps=30"
    assert asked(registry, None) == []


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"editor": "drag"}], "columns: are not what this page sends"),
        ([{"editor": "dragg", "settings": []}], "Did you mean drag"),
        ([{"editor": "adain", "settings": [{"name": "subject", "values": ["x"]}]}], "name a setting that"),
        ([{"editor": "adain", "settings": [{"name": "style", "values": []}]}], "columns: have no picture for “Style”"),
        (
            [{"editor": "adain", "settings": [{"name": "style", "values": ["/etc/passwd"]}]}],
            "style: must be an uploaded",
        ),
        (
            [{"editor": "adain", "settings": [{"name": "style", "values": [{"sample": "x"}]}]}],
            "style: no sample is called",
        ),
        ([{"editor": "adain", "settings": [{"name": "strength", "from": 0, "to": 1, "count": 99}]}], "asks for 99"),
        ([{"editor": "adain", "settings": [{"name": "strength", "from": "x", "count": 1}]}], "have no number for"),
        ([{"editor": "adain", "settings": [{"name": "strength", "from": 7, "count": 1}]}], "strength: must be"),
        ([{"editor": "drag", "settings": [{"name": "motion", "values": ["odd"]}]}], "have no value of"),
        ([{"editor": "wct", "settings": [{"name": "seed", "from": 0, "to": 8, "count": 9}]}] * 2, "columns: are 18"),
    ],
)
def test_what_the_page_never_sends_is_refused_in_a_sentence(registry, rows, sentence):
    with pytest.raises(BadInput) as refusal:
        asked(registry, {"rows": rows})
    assert sentence in str(refusal.value)


def test_every_offered_setting_can_be_asked_for(registry):
    for editor in offered(list(registry))["editors"]:
        for setting in editor["settings"]:
            if shelf := setting.get("pictures"):
                row = [{"name": setting["name"], "values": [{"sample": collection(shelf)[0].id}]}]
                assert len(asked(registry, {"rows": [{"editor": editor["id"], "settings": row}]})) == 1
                continue
            options = setting.get("options")
            first = setting["start"] if setting["start"] is not None else (options or [[setting.get("low")]])[0][0]
            one = {"values": [first]} if options else {"from": first, "count": 1}
            row = {"editor": editor["id"], "settings": [{"name": setting["name"], **one}]}
            assert len(asked(registry, {"rows": [row]})) == 1, (editor["id"], setting)
