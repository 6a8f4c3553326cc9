"""No text makes a reader of texts work out of all proportion: four times the length, at most six times the work."""

import json

import pytest

import editors.animation.key_frames as key_frames
import editors.latent.formula as formula
import editors.latent.ranges as ranges
from facet import BadInput, Kind, MaskInput, Palette, Points, Slider, Text
from facet.stylegan import DirectionNames, Labels, Strengths
from registry.bounds import refuse_long, shown
from registry.inputs.labelled import read_samples
from registry.inputs.seeds import seeds_in
from tests.counted import growth, lines_of
from tests.registry.patterns import COMPUTED, Pattern, patterns, pumps, repeated

SIZE = 4000
FOUND, WRITTEN_ELSEWHERE = patterns()


def worst(read, texts, size=SIZE):
    """(growth, text) of the text whose growth is the largest."""
    return max((growth(read, repeated(*each), size), each) for each in texts)


def test_every_expression_of_the_product_is_known():
    assert len(FOUND) > 40
    assert set(COMPUTED) == WRITTEN_ELSEWHERE


@pytest.mark.parametrize("pattern", FOUND, ids=lambda pattern: f"{pattern.file}:{pattern.use}:{pattern.text[:24]}")
def test_no_expression_backtracks(pattern):
    ratio, text = worst(pattern.run, pumps(pattern.text))
    assert ratio <= 6, text


BAD = [("sub", r"\s*[-–]\s*", " "), ("match", r"seed\s*#?\s*(\d{1,10})", " "), ("search", r"\d+x\d+", "1")]


@pytest.mark.parametrize(("use", "text", "unit"), BAD, ids=[row[0] for row in BAD])
def test_an_expression_that_backtracks_is_found(use, text, unit):
    texts = [each for each in pumps(text) if each[1] == unit]
    run = Pattern("", use, text).run
    assert any(growth(run, repeated(*each), 500) > 8 for each in texts)


UNITS = [*'19 -–,;\n:=.()[{"\\Aa_é\x85', "1 ", " -", "1-", "1,", "A+", "A *", "(A", "seed ", "seed 1 ", "mean(", "- -"]
UNITS += ["a=1,", "a=", "1:a=1;", "1:1;", "[1,", "[["]
ATTACKS = [(before, unit, behind) for unit in UNITS for before, behind in (("", ""), ("1", "x"), ("seed", "\0"))]

READERS = {
    "seeds": lambda text: seeds_in(text, "x", 10**6),
    "formula": lambda text: formula.read_formula(text, "x"),
    "rows": lambda text: ranges.read_ranges(text, "x", 18),
    "key frames": lambda text: key_frames.parse(text, "x", 1e9),
    "labels": lambda text: read_samples({"yes": text, "no": [2]}, "x"),
    "labels as JSON": lambda text: read_samples('{"yes": ' + text, "x"),
    "strengths": lambda text: Strengths(doc="x").check(text, "x"),
    "strengths in a list": lambda text: Strengths(doc="x").check([text, text], "x"),
    "names": lambda text: DirectionNames(doc="x").check(text, "x"),
    "points": lambda text: Points(doc="x").check(text, "x"),
    "a mask": lambda text: MaskInput(doc="x").check("png:" + text, "x"),
    "a number": lambda text: Slider(0, 1, doc="x").check(text, "x"),
    "a text": lambda text: Text(10**6, doc="x").check(text, "x"),
    "a refusal": lambda text: shown([text, {text: [text]}]),
}


@pytest.mark.parametrize("name", READERS)
def test_no_reader_of_texts_grows_faster(name):
    ratio, text = worst(READERS[name], ATTACKS)
    assert ratio <= 6, text


def product_kinds(of=Kind):
    for kind in of.__subclasses__():
        if kind.__module__.partition(".")[0] in ("registry", "editors"):
            yield kind
        yield from product_kinds(kind)


PAPER = Palette(("paper", "line"), ((255, 255, 255), (0, 0, 0)))
NEEDED = {"Slider": (0, 1), "Choice": (("a", "b"),), "LabelMapInput": (PAPER,), "KeptChoice": ({"a": "A"},)}
NAMED = {"KeptChoice": {"of": "style"}}
HUGE = {
    "text": lambda: "1 " * 20_000_000,
    "what held a server": lambda: {"yes": "1" + " " * 30_000_000 + "x", "no": [2]},
    "many parts": lambda: [[1, 2, 3, 4]] * 6_000_000,
    "many names": lambda: {str(number): number for number in range(500_000)} | {"x": "y" * 30_000_000},
    "a long number": lambda: [1 << 40_000_000],
    "deep": lambda: json.loads("[" * 900 + "]" * 900),
}


@pytest.mark.parametrize("name", HUGE)
def test_every_kind_measures_before_it_reads(name):
    value = HUGE[name]()
    kinds = {kind.__name__: kind for kind in product_kinds()}
    assert {"Text", "Seeds", "Formula", "KeyFrames", "Labels", "MaskInput", "Picture", "WeightsFile"} <= set(kinds)
    for name, kind in kinds.items():
        made = kind(*NEEDED.get(name, ()), **NAMED.get(name, {}), doc="x")

        def read(made=made):
            with pytest.raises(BadInput) as refusal:
                made.check(value, "the_field")
            assert str(refusal.value).startswith("the_field: ")
            assert len(str(refusal.value)) < 300

        if not isinstance(value, (dict, list)):
            assert lines_of(read, 100_000) < 1000, name
        read()


def test_a_plugins_own_kind_is_measured_too():
    class Poem(Kind):
        def check(self, value, field):
            return value

    class Ode(Poem):
        def check(self, value, field):
            return super().check(value, field)

    for kind in (Poem(doc="x"), Ode(doc="x")):
        assert kind.check("short", "poem") == "short"
        with pytest.raises(BadInput, match="poem: has 20001 characters, the most is 20000"):
            kind.check("x" * 20_001, "poem")


def test_what_is_right_is_taken():
    many = {"yes": list(range(4_294_000_000, 4_294_050_000)), "no": list(range(50_000))}
    assert len(Labels(doc="x").check(json.dumps(many), "samples")) == 100_000
    assert Text(30_000, doc="x").check("x" * 30_000, "x") == "x" * 30_000
    assert Text(5, doc="x").check(" " * 900 + "words", "x") == "words"
    assert seeds_in("7, 12 ,\n40 - 43; 3–1", "x") == [7, 12, 40, 41, 42, 43, 3, 2, 1]


def test_too_many_samples_are_a_sentence():
    with pytest.raises(BadInput, match="samples: hold more than 100,000 samples"):
        Labels(doc="x", most=10**6).check([[1, 1]] * 100_001, "samples")


ODD = [10**5000, [10**5000], "x" * 10**6, [[[[[[["deep"]]]]]]], {"a": "b" * 10**6}, object()]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_a_refusal_stays_short(value):
    assert len(shown(value)) <= 60
    with pytest.raises(BadInput):
        Slider(0, 1, doc="x").check(value, "x")


def test_measuring_looks_into_what_json_can_hold():
    refuse_long({"a": [1, "bc", None]}, "x", 20)
    for value in ({"a" * 30: 1}, ["a"] * 30, [["abc"] * 9], ("a" * 21,), {"k": {"k": "a" * 20}}):
        with pytest.raises(BadInput, match="x: (holds more text than 20 characters|has 21)"):
            refuse_long(value, "x", 20)
