"""The page's comparison, without a browser."""

from types import SimpleNamespace

import pytest

from registry.conformance.sample_inputs import small_picture
from registry.execution import Visitor
from registry.plugins.loader import load_registry
from registry.subjects import Subject
from surfaces.page import comparison as page
from surfaces.page.session import Session


@pytest.fixture
def registry(drop_in, monkeypatch):
    drop_in("good_one")
    monkeypatch.setenv("FACET_EDITORS", "good_one")
    return load_registry()


def test_a_comparison_takes_turns_under_its_visitors_name(registry, monkeypatch):
    """One that runs under nobody's name would share its turns with every other visitor's comparison."""
    seen, real = [], page.compare
    monkeypatch.setattr(page, "asking", lambda: SimpleNamespace(visitor=Visitor("somebody")))
    monkeypatch.setattr(page, "compare", lambda *a, **how: seen.append(how["visitor"].name) or real(*a, **how))
    session = Session()
    session.choose(Subject(small_picture(24, 24)), "picture")
    list(page.comparison(registry, session, "restyle", ["good_one"], {}, []))
    assert [column.state for column in session.compared] == ["done"]
    assert seen == ["somebody"]
