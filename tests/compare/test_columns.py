"""A comparison without a page."""

import json
from dataclasses import replace

import pytest

from registry.conformance.sample_inputs import small_picture
from registry.errors import BadInput
from registry.plugins.loader import load_registry
from registry.subjects.subject import Subject
from surfaces.compare import Halt, compare, compare_again, read_methods, read_saved, record, shared_inputs
from surfaces.compare.measures import Measure, best_of


@pytest.fixture
def registry(drop_in, monkeypatch):
    drop_in("good_one", "broken/raises_mid_run", "broken/swallows_stop")
    monkeypatch.setenv("FACET_EDITORS", "colour_transfer,good_one,raises_mid_run")
    return load_registry()


@pytest.fixture
def values():
    return {"subject": Subject(small_picture(64, 48)), "style": Subject(small_picture(40, 40, seed=3))}


def last(events):
    return list({column.index: column for column in events}.values())


def test_each_method_gets_the_inputs_it_declares(registry, values):
    columns = last(compare(registry, "restyle", values | {"strength": 0.25}))
    assert [column.spec.id for column in columns] == ["colour_transfer", "good_one", "raises_mid_run"]
    transfer, good, broken = columns
    assert transfer.state == good.state == "done"
    assert transfer.result.recipe["inputs"]["strength"] == good.result.recipe["inputs"]["strength"] == 0.25
    assert "style" not in good.result.recipe["inputs"]
    assert (broken.state, broken.result, broken.measures) == ("failed", None, {})
    assert "ZeroDivisionError" in broken.error
    assert good.seconds > 0


def test_the_result_is_that_of_a_single_run(registry, values):
    from registry.execution.run import finish

    (column,) = last(compare(registry, "restyle", {"subject": values["subject"], "seed": 4}, ["good_one"]))
    alone = finish(registry.get("good_one"), {"subject": values["subject"], "seed": 4})
    assert column.result.subject.sha256 == alone.subject.sha256


def test_variants_are_columns_of_their_own(registry, values):
    methods = ["good_one:strength=0", "good_one:strength=1, steps=2"]
    first, second = last(compare(registry, "restyle", {"subject": values["subject"]}, methods))
    assert (first.label, second.label) == tuple(methods)
    assert first.result.recipe["inputs"]["strength"] == 0
    assert second.result.recipe["inputs"] | {"strength": 1.0, "steps": 2} == second.result.recipe["inputs"]
    assert first.measures["ssim"].value > second.measures["ssim"].value


def test_a_picture_that_columns_share_is_one_object(registry, values):
    columns = ["colour_transfer:strength=0.5", "colour_transfer", "colour_transfer:style=sample:ink"]
    first, second, third = last(compare(registry, "restyle", values | {"style": "sample:oil"}, columns))
    assert first.values["style"] is second.values["style"], "metrics look at it once"
    assert first.values["style"].sample_id == "oil"
    assert third.values["style"].sample_id == "ink"
    saved = read_saved(json.dumps(record([first, second, third])).encode())
    again = last(compare_again(registry, saved, {"subject": values["subject"]}))
    assert again[0].values["style"] is again[1].values["style"]
    assert [column.identical for column in again] == [True, True, True]


def test_a_film_that_begins_with_the_subject_is_not_measured(registry, values):
    from registry.execution.run import finish
    from registry.film.declare import FilmFile
    from surfaces.compare.measures import measure

    spec, start = registry.get("good_one"), values["subject"]
    made = finish(spec, {"subject": start, "seed": 4})
    film = FilmFile(b"", "gif", 2, 10.0, *start.size)
    assert measure(spec, {"subject": start}, replace(made, film=film))["ssim"].value < 1
    begun = replace(made, subject=start)
    assert measure(spec, {"subject": start}, begun)["ssim"].value == 1
    assert measure(spec, {"subject": start}, replace(begun, film=film)) == {}


def test_what_a_method_optimised_is_marked(registry, values):
    transfer, good, _ = last(compare(registry, "restyle", values))
    assert transfer.measures["colour_distance"].home
    assert not transfer.measures["ssim"].home
    assert "colour_distance" not in good.measures  # it has no style picture


def test_halt_keeps_the_best_and_leaves_out_the_rest(registry, values):
    halt = Halt()
    columns = {}
    methods = ["good_one:steps=1000", "colour_transfer"]
    for column in compare(registry, "restyle", values, methods, halt=halt):
        columns[column.index] = column
        if column.done > 0:
            halt.set()
    assert columns[0].state == "stopped"
    assert 0 < columns[0].result.recipe["steps"] < 1000
    assert (columns[1].state, columns[1].result) == ("stopped", None)


@pytest.mark.parametrize(
    ("task", "given", "methods", "sentence"),
    [
        ("juggle", {}, None, "task: no editor does 'juggle'"),
        ("restyle", {}, [], "methods: are missing"),
        ("restyle", {}, ["good_one"] * 13, "methods: are 13, the most is 12"),
        ("restyle", {}, ["god_one"], "Did you mean good_one?"),
        ("restyle", {}, ["good_one:strength"], "cannot read “strength”"),
        ("restyle", {}, ["good_one:strength=2"], "strength: must be a number from 0 to 1"),
        ("restyle", {}, ["good_one:colour=2"], "colour: is no input of good_one"),
        ("restyle", {"style": "sample:nobody"}, ["colour_transfer"], "no sample is called 'nobody'"),
        ("restyle", {"volume": 3}, ["good_one"], "volume: is an input of none of the methods"),
        ("restyle", {}, ["colour_transfer"], "style: is missing"),
    ],
)
def test_everything_is_checked_before_anything_runs(registry, values, task, given, methods, sentence):
    with pytest.raises(BadInput) as refusal:
        compare(registry, task, {"subject": values["subject"]} | given, methods)
    assert sentence in str(refusal.value)


def test_an_editor_of_another_task_is_refused(registry):
    from dataclasses import replace

    registry.editors["other"] = replace(registry.get("good_one"), id="other", task="drag")
    with pytest.raises(BadInput, match="other does 'drag', not 'restyle'"):
        read_methods(registry, "restyle", ["other"])


def test_shared_inputs_are_the_needed_ones_and_those_declared_alike(registry):
    specs = list(registry)
    assert [entry.name for entry in shared_inputs(specs)] == ["style"]  # two strengths, but with different words
    assert {entry.name for entry in shared_inputs([registry.get("good_one")] * 2)} == {"strength", "steps", "seed"}


def test_the_best_of_a_row_needs_two_and_knows_the_direction():
    def one(value, better):
        return {"x": Measure("x", "X", "", "", value, better)}

    assert best_of([one(1, "higher"), one(3, "higher")]) == {"x": 3}
    assert best_of([one(1, "lower"), one(3, "lower"), {}]) == {"x": 1}
    assert best_of([one(1, "lower"), {}]) == {}


def test_sliders_say_what_was_aimed_at():
    from editors.latent import latent
    from registry.execution.run import finish

    registry, subject = load_registry(), finish(latent, {"model": "puppets", "seed": 3, "gallery": 1}).subject
    (column,) = last(compare(registry, "attribute", {"subject": subject, "strengths": {"smile": 1}}, ["attributes"]))
    found = column.measures
    assert {"identity", "attribute_change", "aimed_change", "collateral_change", "puppet_features"} <= set(found)
    assert found["aimed_change"].value > 0
    assert "lpips" not in found
    assert column.seconds > 0
