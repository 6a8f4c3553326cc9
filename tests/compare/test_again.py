"""A comparison made again from its JSON."""

import json

import pytest

from registry.conformance.sample_inputs import small_picture
from registry.errors import BadInput
from registry.execution.run import finish
from registry.plugins.loader import load_registry
from registry.subjects.subject import Subject
from surfaces.compare import compare, compare_again, read_saved, record


@pytest.fixture
def registry(drop_in, monkeypatch):
    drop_in("good_one", "tinted")
    monkeypatch.setenv("FACET_EDITORS", "colour_transfer,good_one")
    return load_registry()


@pytest.fixture
def subject():
    return Subject(small_picture(64, 48))


def last(events):
    return list({column.index: column for column in events}.values())


@pytest.fixture
def saved(registry, subject):
    columns = ["good_one:steps=2", "colour_transfer:style=sample:oil", "good_one"]
    return record(last(compare(registry, "restyle", {"subject": subject, "seed": -1}, columns)))


def read(found):
    return read_saved(json.dumps(found).encode())


def test_the_pictures_are_equal(registry, subject, saved):
    columns = last(compare_again(registry, read(saved), {"subject": subject}))
    assert [column.label for column in columns] == [row["method"] for row in saved["columns"]]
    assert [column.identical for column in columns] == [True, True, True]
    assert all(column.measures for column in columns)


def test_the_subject_is_made_again_from_its_own_recipes(registry, subject):
    made = finish(registry.get("good_one"), {"subject": subject, "seed": 3}).subject
    found = record(last(compare(registry, "restyle", {"subject": made}, ["good_one:steps=2"])))
    assert len(found["subject_lineage"]) == 1
    (column,) = last(compare_again(registry, read(found), {"anything": subject}))
    assert column.identical


def test_what_was_changed_by_hand_is_told(registry, subject, saved):
    saved["columns"][0]["recipe"]["inputs"]["strength"] = 0.1
    first, *_ = last(compare_again(registry, read(saved), {"subject": subject}))
    assert (first.state, first.identical) == ("done", False)


def changed(saved, path, value):
    *steps, last_step = path
    place = saved
    for step in steps:
        place = place[step]
    place[last_step] = value
    return saved


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["facet"], 2, "again: was saved by another version of Facet. This one reads format 1."),
        (["columns"], [], "again: has no column with a recipe"),
        (["columns"], 3, "again: is no comparison"),
        (["task"], "drag", "again column 1: does 'restyle', and the file says"),
        (["columns", 0, "recipe", "facet"], 9, "again column 1: holds a recipe of another version"),
        (["columns", 0, "recipe", "steps"], "x", "again column 1: holds a recipe that was changed or cut short"),
        (["columns", 1, "recipe", "version"], "0.1", "again column 2: was made by colour_transfer 0.1 and"),
        (["columns", 0, "recipe", "editor"], "nobody", "again column 1: there is none called 'nobody'"),
        (["columns", 0, "recipe", "inputs", "strength"], 7, "again column 1: strength must be a number from 0 to 1"),
        (["columns", 0, "recipe", "inputs", "subject"], "a", "again column 1: subject"),
        (["columns", 1, "recipe", "inputs", "style"], "/etc/passwd", "again column 2: style"),
        (["columns", 0, "recipe", "inputs", "colour"], 1, "again column 1: colour is no input of good_one"),
        (["subject_lineage"], [{}], "again subject_lineage: holds no recipe"),
    ],
)
def test_a_file_of_another_version_or_changed_is_refused_in_a_sentence(registry, subject, saved, path, value, sentence):
    with pytest.raises(BadInput) as refusal:
        compare_again(registry, read(changed(saved, path, value)), {"subject": subject})
    assert str(refusal.value).startswith(sentence)


def test_a_hundred_columns_and_what_is_no_json(registry, saved):
    with pytest.raises(BadInput, match="has 100 columns, the most is 12"):
        read({**saved, "columns": saved["columns"][:1] * 100})
    for content in (b"", b"\xff\xfe", b"[" * 100_000, b"[]", b"7"):
        with pytest.raises(BadInput, match="is no comparison"):
            read_saved(content)
