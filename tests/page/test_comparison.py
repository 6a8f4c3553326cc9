"""The page's comparison, without a browser."""

import json
from types import SimpleNamespace

import pytest

from registry.conformance.sample_inputs import small_picture
from registry.execution import Visitor
from registry.plugins.loader import load_registry
from registry.subjects import Subject
from surfaces.compare import record
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


def test_a_file_of_a_comparison_is_made_again_or_refused_in_a_sentence(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    first, other = Session(), Session()
    subject = Subject(small_picture(24, 24))
    first.choose(subject, "picture")
    list(page.comparison(registry, first, "restyle", ["good_one"], {}, []))
    file = tmp_path / "comparison.json"
    file.write_text(json.dumps(record(first.compared)))

    def again(session, raw, task="restyle"):
        _, run_again = page._runners(registry, task, [])
        return list(run_again(session, {"again": raw}))[-1]

    (column,) = again(first, {"path": str(file)})["columns"]
    assert column["identical"] is True
    said = again(other, {"path": str(file)})["error"]
    assert said.startswith(
        "The file column 1: subject is needed: the recipe was made with an uploaded picture of 24 × 24."
    )
    assert said.endswith("Choose that picture here or as the picture that is edited, and open the file again.")
    assert again(first, {"path": str(file)}, "drag")["error"].startswith("The file is a comparison of “Restyle”")
    assert again(first, {"path": "/etc/passwd"})["error"] == "The file must be an uploaded file. Choose a file."
    assert again(first, None)["error"] == "The file must be an uploaded file. Choose a file."
    assert [each.state for each in first.compared] == ["done"]  # a refusal keeps them
