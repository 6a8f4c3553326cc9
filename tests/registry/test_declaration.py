"""Declarations: what `@editor` reads from a signature, and every way in which one can be wrong."""

from collections.abc import Iterator
from typing import Annotated, Optional

import pytest

from facet import (
    BadInput,
    Choice,
    Mask,
    MaskInput,
    Net,
    Pair,
    Picture,
    Points,
    Seed,
    Slider,
    Step,
    Subject,
    Weights,
    editor,
)
from facet.app import API_VERSION, BadSpec
from registry.plugins.spec import REQUIRED

Whole = Annotated[int, Slider(1, 9, doc="How many.")]


def declare(handler=None, id="tried", title="Tried", task="restyle", **settings):
    def fine(ctx, *, subject: Subject, steps: Whole = 3) -> Iterator[Step]:
        """Does what it is told."""
        yield Step(subject.image, done=1)

    return editor(id, title, task=task, **settings)(handler or fine)


def test_inputs_are_read_from_the_signature():
    def handler(
        ctx,
        *,
        subject: Subject,
        style: Annotated[Subject, Picture(doc="Its colours are taken.", samples="styles")],
        weight: Annotated[float | None, Slider(0, 1, doc="How much.")] = None,
        other: Optional[Whole] = None,  # noqa: UP045 - the older spelling must work too
        way: Annotated[str, Choice(("mean", "full"), doc="Which way.")] = "mean",
        pairs: Annotated[list[Pair], Points(doc="Drag these.")] = (),
        mask: Annotated[Mask | None, MaskInput(doc="May change.")] = None,
        seed: Annotated[int, Seed()] = 0,
    ) -> Iterator[Step]:
        """Take the colours of another picture.

        By the method of nobody in particular.
        """
        yield Step(subject.image, done=1)

    spec = declare(handler)
    assert [entry.name for entry in spec.inputs] == [
        "subject",
        "style",
        "weight",
        "other",
        "way",
        "pairs",
        "mask",
        "seed",
    ]
    assert spec.doc == "Take the colours of another picture."
    assert spec.about == "By the method of nobody in particular."
    assert spec.takes_subject
    assert spec.input("style").default is REQUIRED
    assert spec.input("weight").optional
    assert not spec.input("weight").kind.whole
    assert spec.input("other").kind.whole
    assert spec.input("mask").optional
    assert spec.input("way").label == "Way"
    checked = spec.check({"subject": "sample:chelsea", "style": "sample:lake"})
    assert list(checked) == [entry.name for entry in spec.inputs]
    assert (checked["weight"], checked["way"], checked["pairs"], checked["mask"]) == (None, "mean", [], None)
    described = spec.describe()
    assert described["inputs"][2] | {"unit": ""} == {
        "name": "weight",
        "label": "Weight",
        "doc": "How much.",
        "schema": {"type": "number"},
        "kind": "slider",
        "low": 0,
        "high": 1,
        "step": None,
        "unit": "",
        "whole": False,
        "required": False,
        "default": None,
    }


def test_an_editor_can_be_called_like_its_handler():
    picture = Subject.read("sample:chelsea")
    (step,) = declare()(None, subject=picture, steps=3)
    assert step.done == 1


def test_gpu_seconds_may_be_a_number_or_a_function():
    assert declare(gpu_seconds=7).gpu_seconds(steps=3) == 7
    assert declare(gpu_seconds=lambda steps, **_: steps * 2).gpu_seconds(steps=3, subject=None) == 6


def test_nets_are_described_with_their_licences():
    source = Weights("", "tiny.safetensors", sha256="0" * 64, size=10, licence="Apache-2.0")
    spec = declare(nets=(Net("tiny", lambda tensors: None, (source,), doc="A tiny net."),))
    (net,) = spec.describe()["weights"]
    assert net["name"] == "tiny"
    assert net["sources"][0]["licence"] == "Apache-2.0"
    assert source.embedded


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"id": "Bad-Id"}, "lower-case letters"),
        ({"id": "x"}, "2 to 40"),
        ({"id": "compare"}, "a word that Facet needs itself"),
        ({"title": ""}, "1 to 40 characters"),
        ({"title": "t" * 41}, "1 to 40 characters"),
        ({"task": "Two words"}, "one lower-case word"),
        ({"version": "one"}, "must look like 1.0"),
        ({"api": API_VERSION + 1}, "install a newer Facet"),
        ({"nets": ("tiny",)}, "tuple of Net"),
        ({"trial": {"stepz": 1}}, "trial names 'stepz'"),
        ({"trial": {"steps": 99}}, "trial: steps: must be"),
    ],
)
def test_wrong_settings(settings, why):
    with pytest.raises(BadSpec, match=why) as problem:
        declare(**settings)
    assert str(problem.value).startswith(f"editor {settings.get('id', 'tried')!r}: ")


def no_generator(ctx, *, subject: Subject) -> Iterator[Step]:
    """Returns where it should yield."""
    return iter([Step(subject.image, done=1)])


def no_doc(ctx, *, subject: Subject) -> Iterator[Step]:
    yield Step(subject.image, done=1)


def no_ctx(*, subject: Subject) -> Iterator[Step]:
    """Has no ctx at all."""
    yield Step(subject.image, done=1)


def positional(ctx, subject: Subject) -> Iterator[Step]:
    """Takes its input by position."""
    yield Step(subject.image, done=1)


def reserved(ctx, *, threads: Whole) -> Iterator[Step]:
    """Uses a name of Facet's."""
    yield Step(None, done=1)


def underscored(ctx, *, _subject: Subject) -> Iterator[Step]:
    """Hides its input."""
    yield Step(None, done=1)


def bare(ctx, *, steps: int = 3) -> Iterator[Step]:
    """Has an input of no kind."""
    yield Step(None, done=1)


def no_annotation(ctx, *, steps=3) -> Iterator[Step]:
    """Has an input without annotation."""
    yield Step(None, done=1)


def two_kinds(ctx, *, steps: Annotated[int, Slider(1, 9, doc="x"), Seed()] = 3) -> Iterator[Step]:
    """Has an input of two kinds."""
    yield Step(None, done=1)


def wrong_type(ctx, *, steps: Annotated[str, Slider(1, 9, doc="x")]) -> Iterator[Step]:
    """Slides over words."""
    yield Step(None, done=1)


def wrong_default(ctx, *, steps: Whole = 99) -> Iterator[Step]:
    """Defaults to what it refuses."""
    yield Step(None, done=1)


def none_default(ctx, *, steps: Whole = None) -> Iterator[Step]:
    """Defaults to None without saying so."""
    yield Step(None, done=1)


def drawn_on_nothing(ctx, *, pairs: Annotated[list[Pair], Points(doc="x", on="picture")]) -> Iterator[Step]:
    """Draws on a picture that is not there."""
    yield Step(None, done=1)


def odd_subject(ctx, *, subject: Whole = 1) -> Iterator[Step]:
    """Calls a number its subject."""
    yield Step(None, done=1)


def two_seeds(ctx, *, first: Annotated[int, Seed()] = 0, second: Annotated[int, Seed()] = 0) -> Iterator[Step]:
    """Has two seeds, none of them called so."""
    yield Step(None, done=1)


def unknown_name(ctx, *, steps: "Annotated[int, Slyder(1, 9)]" = 1) -> Iterator[Step]:  # noqa: F821
    """Has an annotation that cannot be resolved."""
    yield Step(None, done=1)


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (no_generator, "must be a generator"),
        (no_doc, "needs a docstring"),
        (no_ctx, "first argument must be ctx"),
        (positional, "keyword-only"),
        (reserved, "a name that Facet needs itself"),
        (underscored, "a name that Facet needs itself"),
        (bare, "annotated with one kind"),
        (no_annotation, "annotated with one kind"),
        (two_kinds, "annotated with one kind"),
        (wrong_type, "describes int or float, not str"),
        (wrong_default, "the default of steps: must be"),
        (none_default, "must allow None"),
        (drawn_on_nothing, "drawn on 'picture', which is no input"),
        (odd_subject, "must be Annotated"),
        (two_seeds, "must be called 'seed'"),
        (unknown_name, "cannot be resolved"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_wrong_handlers(handler, why):
    with pytest.raises(BadSpec, match=why):
        declare(handler)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "subject: is missing"),
        ({"subject": "sample:chelsea", "stepz": 1}, "stepz: is no input of tried. It has: subject, steps"),
        ({"subject": "sample:chelsea", "steps": 10}, "steps: must be a whole number from 1 to 9, not 10"),
        ({"subject": "sample:nobody"}, "subject: no sample is called 'nobody'"),
    ],
)
def test_wrong_values_name_the_input(values, why):
    with pytest.raises(BadInput, match=why):
        declare().check(values)
