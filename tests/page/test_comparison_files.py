"""A comparison as files: the sheet, a table, recipes."""

import csv
import io
import json

import pytest
from PIL import Image

from facet.app import load_registry
from registry.errors import BadInput
from registry.subjects import Subject
from surfaces.compare import Column, compare
from surfaces.page.comparison import comparison
from surfaces.page.comparison_answers import save
from surfaces.page.comparison_files import comparison_file
from surfaces.page.session import Session


@pytest.fixture
def compared(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    registry = load_registry()
    subject = Subject.read("sample:coffee")
    values = {"subject": subject, "style": "sample:oil"}
    columns: dict[int, Column] = {}
    for column in compare(registry, "restyle", values, ["colour_transfer", "colour_transfer:strength=0.5"]):
        columns[column.index] = column
    return [columns[index] for index in sorted(columns)]


def test_sheet_table_and_recipes_say_what_was_compared(compared):
    with Image.open(comparison_file(compared, "sheet")) as sheet:
        assert sheet.width > 700
    rows = list(csv.DictReader(io.StringIO(comparison_file(compared, "table").read_text())))
    assert [row["method"] for row in rows] == [column.label for column in compared]
    assert all(float(row["seconds"]) > 0 for row in rows)
    metrics = [name for name in rows[0] if name not in ("method", "state", "seconds")]
    assert metrics
    assert all(float(row[name]) == float(row[name]) for row in rows for name in metrics if row[name])
    told = json.loads(comparison_file(compared, "recipes").read_text())["columns"]
    assert [row["recipe"]["inputs"]["strength"] for row in told] == [1.0, 0.5]


def test_columns_have_styles_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    own = tmp_path / "upload" / "mine.png"
    own.parent.mkdir()
    Subject.read("sample:ink").image.save(own)
    registry, session = load_registry(), Session()
    session.choose(Subject.read("sample:coffee"), "Coffee")
    entries = [entry for entry in registry.get("colour_transfer").inputs if entry.name == "style"]
    values = [{"sample": "watercolour"}, {"file": {"path": str(own)}}]
    more = {"rows": [{"editor": "colour_transfer", "settings": [{"name": "style", "values": values}]}]}
    sent = {"style": {"sample": "oil"}}
    *_, view = comparison(registry, session, "restyle", ["colour_transfer"], sent, entries, more)
    assert [column["variant"] for column in view["columns"]] == ["", "Style Watercolour washes", "Style your picture"]
    assert [len(column["own"]) for column in view["columns"]] == [0, 1, 1]
    assert view["of"] == [1, "Coffee"]
    styles = [column.result.recipe["inputs"]["style"] for column in session.compared]
    assert [style.get("sample") for style in styles] == ["oil", "watercolour", None]
    assert len({column.result.subject.sha256 for column in session.compared}) == 3
    with Image.open(comparison_file(session.compared, "sheet")) as sheet:
        assert sheet.width > 1000
    labels = [column.label for column in session.compared]
    assert labels[1] == "colour_transfer:style=sample:watercolour"
    assert labels[2].startswith("colour_transfer:style=picture ")


def test_what_is_no_comparison_is_refused_and_the_page_says_so(compared):
    for columns, kind in ((compared, "../x"), (compared, ["sheet"]), ([], "sheet")):
        with pytest.raises(BadInput, match="has no picture yet"):
            comparison_file(columns, kind)
    session = Session()
    assert "Compare something first" in save(session, {"save": "sheet"})["error"]
    session.compared, session.compared_original = compared, compared[0].values["subject"]
    view = save(session, {"save": "table"})
    assert view["file"]["name"] == "comparison.csv"
    assert view["original"].startswith("data:image/jpeg")
    first, second = save(session, {"difference": True})["differences"]
    assert first["picture"].startswith("data:image/jpeg")
    levels = [float(each["note"].split()[2]) for each in (first, second)]
    assert levels[0] > levels[1] > 0  # half the strength changes less
