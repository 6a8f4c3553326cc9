"""Tables come back as they were kept, or not at all."""

import torch

from facet.weights import keep_table, load_table
from registry.artifacts import tables
from registry.settings import facet_home

FACTS = {"generator": "a", "clip": "b"}


def test_a_table_comes_back(home):
    assert load_table(FACTS) == {}
    assert keep_table(FACTS, {"row": torch.arange(6.0).reshape(2, 3).half()})
    found = load_table(FACTS)
    assert found["row"].dtype == torch.float16
    assert torch.equal(found["row"], torch.arange(6.0).reshape(2, 3).half())
    assert load_table(FACTS | {"clip": "c"}) == {}
    assert keep_table(FACTS, {"other": torch.ones(1)})
    assert list(load_table(FACTS)) == ["other"]


def test_a_damaged_table_is_none(home):
    keep_table(FACTS, {"row": torch.ones(3)})
    (path,) = (facet_home() / "tables").iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    assert load_table(FACTS) == {}
    keep_table({"x": "y"}, {"row": torch.ones(3)})
    other = next(file for file in (facet_home() / "tables").iterdir() if file != path)
    other.replace(path)  # whole, but of other facts
    assert load_table(FACTS) == {}


def test_a_disk_that_refuses_is_said(home, monkeypatch):
    (home / "no folder").write_text("")
    monkeypatch.setenv("FACET_HOME", str(home / "no folder"))
    assert not keep_table(FACTS, {"row": torch.ones(3)})
    assert load_table(FACTS) == {}


def test_old_tables_make_room(home, monkeypatch):
    import os

    monkeypatch.setattr(tables, "MOST_BYTES", 10_000)
    for number in range(3):
        keep_table({"n": str(number)}, {"row": torch.zeros(1000)})
        for path in (facet_home() / "tables").iterdir():
            os.utime(path, (path.stat().st_mtime - 100,) * 2)
    assert [bool(load_table({"n": str(number)})) for number in range(3)] == [False, True, True]
