"""The rules of the conformance kit over one editor, as findings instead of failed tests: what `facet check` prints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from unittest import SkipTest

from registry.conformance.kit import Conformance
from registry.errors import WeightsMissing
from registry.plugins import EditorSpec
from registry.weights import needs


@dataclass(frozen=True)
class Finding:
    """What one rule found about one editor: `problem` is empty if it holds.

    `lacks` says which weights would have to be downloaded, or which inputs need a value in `trial`, before the rule can
    be tried; then it neither holds nor not.
    """

    rule: str
    doc: str
    problem: str
    seconds: float
    lacks: str = ""


def check_editor(spec: EditorSpec) -> Iterator[Finding]:
    """All rules over one editor, one finding at a time; nothing is raised."""
    suite = type(f"Test_{spec.id}", (Conformance,), {"editor": spec})()
    for name in [name for name in vars(Conformance) if name.startswith("test_")]:
        rule = getattr(suite, name)
        started, problem, lacks = time.perf_counter(), "", ""
        try:
            rule()
        except SkipTest as untried:
            lacks = f"{untried}."
        except WeightsMissing as lack:
            lacks = " ".join(needs(spec.nets))
            problem = "" if lacks else str(lack)
        except Exception as error:  # a strange editor may raise anything; that is a finding too
            problem = str(error) or type(error).__name__
        doc = (rule.__doc__ or "").partition("\n")[0]
        yield Finding(name.removeprefix("test_"), doc, problem, time.perf_counter() - started, lacks)
