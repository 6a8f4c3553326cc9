"""An editor whose trial lacks a value is told so once, in words its author can act on."""

from typing import Annotated
from unittest import SkipTest

import pytest

from facet import Step, Subject, Text, editor
from facet.testing import Conformance
from registry.conformance.findings import check_editor
from registry.conformance.kit import Broken

SAID = (
    '“words” has no default and no value in trial: write @editor(…, trial={"words": …}), or set trial in the test class'
)


@editor("lacking", "Lacking", task="restyle", gpu_seconds=0)
def lacking(ctx, *, subject: Subject, words: Annotated[str, Text(doc="Words.", needed=True)]):
    """As it was."""
    yield Step(subject.pixels, done=1.0)


def test_one_sentence_and_the_rules_that_could_not_be_tried():
    findings = {finding.rule: finding for finding in check_editor(lacking)}
    assert findings["trial_is_whole"].problem == SAID
    others = [finding for rule, finding in findings.items() if rule != "trial_is_whole"]
    assert not any(finding.problem for finding in others)
    assert sum(finding.lacks == f"{SAID}." for finding in others) >= 8


def test_in_an_authors_own_tests():
    suite = type("TestLacking", (Conformance,), {"editor": lacking})()
    with pytest.raises(Broken, match="has no default and no value in trial"):
        suite.test_trial_is_whole()
    with pytest.raises(SkipTest):
        suite.test_reports_progress()
    whole = type("TestWhole", (Conformance,), {"editor": lacking, "trial": {"words": "w"}})()
    whole.test_trial_is_whole()
    whole.test_reports_progress()
