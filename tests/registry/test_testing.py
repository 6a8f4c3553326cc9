"""The conformance kit: a good editor keeps every rule, and each way of breaking one is found by that rule."""

import importlib
import itertools
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest
import torch

from facet import BadInput, Net, Picture, Slider, Step, Subject, Weights, editor
from facet.app import load_registry
from registry.conformance.findings import check_editor
from registry.conformance.kit import Conformance

RULES = [name for name in vars(Conformance) if name.startswith("test_")]
counter = itertools.count()
memory = []


def declare(handler, **settings):
    return editor(handler.__name__, "Tried", task="restyle", gpu_seconds=0, **settings)(handler)


def broken_rules(spec):
    return {finding.rule: finding.problem for finding in check_editor(spec) if finding.problem}


def test_a_good_editor_keeps_every_rule(drop_in):
    drop_in("good_one")
    findings = list(check_editor(load_registry().get("good_one")))
    assert [finding.problem for finding in findings if finding.problem] == []
    assert sorted(f"test_{finding.rule}" for finding in findings) == sorted(RULES)
    assert all(finding.doc for finding in findings)


def test_every_rule_says_what_it_is_about():
    assert all(getattr(Conformance, name).__doc__ for name in RULES)


def changing(ctx, *, subject: Subject) -> Iterator[Step]:
    """Give another picture each time."""
    yield Step(np.full((48, 40, 3), next(counter) % 256, np.uint8), 1)


def unfinished(ctx, *, subject: Subject) -> Iterator[Step]:
    """Never say that it is done."""
    yield Step(subject.image, 0.5)


def greedy(ctx, *, subject: Subject) -> Iterator[Step]:
    """Refuse what is odd."""
    if subject.size[0] % 2:
        raise BadInput("subject", "has an odd width")
    yield Step(subject.image, 1)


def grey_only(ctx, *, subject: Subject, weight: Annotated[float, Slider(0, 1, doc="x")] = 0.5) -> Iterator[Step]:
    """Break at the end of a range."""
    yield Step(subject.pixels / 255 * (1 / weight), 1)


def global_state(ctx, *, subject: Subject) -> Iterator[Step]:
    """Keep its picture where another run finds it."""
    memory.append(subject.pixels)
    yield Step(subject.image, 0.5)
    yield Step(memory[-1], 1)


def no_grad(ctx, *, subject: Subject) -> Iterator[Step]:
    """Leave a default dtype behind."""
    torch.set_default_dtype(torch.float64)
    yield Step(subject.image, 1)


def ungentle(ctx, *, subject: Subject) -> Iterator[Step]:
    """Ask for more depth for everybody."""
    sys.setrecursionlimit(sys.getrecursionlimit() + 7)
    yield Step(subject.image, 1)


def scribbling(ctx, *, subject: Subject) -> Iterator[Step]:
    """Blacken the visitor's picture, by torch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.from_numpy(subject.pixels).zero_()
    yield Step(np.full((48, 40, 3), 9, np.uint8), 1)


def infinite_metric(ctx, *, subject: Subject) -> Iterator[Step]:
    """Report a number that is none."""
    yield Step(subject.image, 1, metrics={"loss": float("nan")})


@pytest.mark.parametrize(
    ("handler", "rule", "why"),
    [
        (changing, "same_seed_same_picture", "differ"),
        (changing, "recipe_makes_it_again", "another picture"),
        (unfinished, "reports_progress", "done=0.5 where 1 is due"),
        (greedy, "handles_every_sort_of_picture", "a odd-sized picture was refused"),
        (grey_only, "works_at_the_ends_of_its_ranges", "ZeroDivisionError"),
        (global_state, "sessions_do_not_mix", "takes turns"),
        (no_grad, "leaves_everything_as_it_was", "it changed torch's default type"),
        (ungentle, "leaves_everything_as_it_was", "the recursion limit"),
        (scribbling, "leaves_its_pictures_alone", "wrote into the pixels of “subject”"),
        (infinite_metric, "handles_every_sort_of_picture", "metrics are not finite: loss"),
    ],
)
def test_each_fault_is_found(handler, rule, why):
    try:
        problems = broken_rules(declare(handler))
    finally:
        torch.set_default_dtype(torch.float32)
        memory.clear()
    assert why in problems[rule]


def test_a_stop_that_is_ignored_is_found():
    @editor("deaf", "Deaf", task="restyle", gpu_seconds=0)
    def deaf(ctx, *, subject: Subject) -> Iterator[Step]:
        """Swallow everything."""
        try:
            yield Step(subject.image, 0.5)
            time.sleep(0.01)
            ctx.check_stop()
            yield Step(subject.image, 1)
        finally:
            raise RuntimeError("no end")

    assert "no end" in broken_rules(deaf)["stop_keeps_the_best"]


def test_a_picture_that_is_taken_unread_is_found():
    class Careless(Picture):
        def check(self, value, field):
            return Subject.read(np.zeros((20, 20, 3), np.uint8))

    def careless(ctx, *, subject: Subject, style: Annotated[Subject, Careless(doc="Unread.")]) -> Iterator[Step]:
        """Take anything for a picture."""
        yield Step(subject.image, 1)

    assert "was accepted" in broken_rules(declare(careless))["refuses_wrong_values"]


def test_weights_without_a_licence_are_found():
    source = Weights("", "tiny.safetensors", sha256="0" * 64)
    spec = declare(changing, nets=(Net("tiny", lambda tensors: None, (source,)),))
    assert broken_rules(spec)["weights_are_accounted_for"] == "tiny.safetensors: no licence"
    spec = declare(changing, nets=(Net("tiny", lambda tensors: None, ()),))
    assert "has no source" in broken_rules(spec)["weights_are_accounted_for"]


def test_a_module_that_imports_gradio_is_found(tmp_path, monkeypatch):
    (tmp_path / "fat_plugin.py").write_text(
        "import sys, types\nsys.modules.setdefault('gradio', types.ModuleType('gradio'))\n"
        "from facet import Step, Subject, editor\n"
        "@editor('fat', 'Fat', task='restyle')\n"
        "def fat(ctx, *, subject: Subject):\n    'Bring the whole page along.'\n    yield Step(subject.image, 1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "gradio", raising=False)
    module = importlib.import_module("fat_plugin")
    assert "imports gradio" in broken_rules(module.fat)["imports_without_page_or_gpu"]
