"""Finding plugins, and surviving broken ones."""

import importlib
import sys
from types import SimpleNamespace

import pytest

import facet
from facet import BadInput, hookimpl
from facet.app import load_registry
from registry.errors import Moved
from registry.plugins import isolation
from registry.plugins.loader import Registry
from tests.conftest import PLUGINS, ROOT

REFUSED = {
    "import_error": "failed to import: RuntimeError: the moon is in the wrong phase",
    "old_import": "for an earlier Facet: Annotated is no longer in facet: write “from typing import Annotated”",
    "no_such_name": "failed to import: ImportError: cannot import name 'Slidder' from 'facet'",
    "missing_dependency": "needs the package 'a_package_nobody_has', which is not installed",
    "prints_and_exits": "called exit(3) while it was imported; it printed “Goodbye, cruel page”",
    "slow_import": "took longer than 0.5 seconds to import",
    "starts_a_thread": "started a thread while it was imported (uninvited)",
    "misspelt_hook": "implements a hook that does not exist",
    "registers_nothing": "registers no editor",
    "no_hook": "registers no editor",
    "wrong_types": "returned str where an @editor is due",
    "endless_register": "took longer than 0.5 seconds",
    "clashing_id": "'good_one' has the same id as one of a_good_one.py",
    "too_new_api": "needs plugin API 99 and this Facet has 1",
    "bad_spec": "declaration is wrong",
    "twins": "two editors with the id 'twins'",
}


@pytest.fixture
def quick_import(monkeypatch):
    """Half a second for the plugins that never end; the others have as long as a busy machine needs."""
    within = isolation._within
    endless = ("slow_import", "endless_register")
    monkeypatch.setattr(isolation, "_within", lambda _, find, name: within(0.5 if name in endless else 300, find, name))


@pytest.fixture
def good_first(facet_home):
    """A good plugin that sorts before the broken ones."""
    (facet_home / "editors" / "a_good_one.py").write_text((PLUGINS / "good_one.py").read_text())


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_plugin_is_refused_alone_with_its_reason(name, good_first, drop_in, quick_import, cli):
    drop_in(f"broken/{name}")
    registry = load_registry()
    row = next(row for row in registry.rows if row.name == name)
    assert not row.loaded
    assert row.editors == ()
    assert REFUSED[name] in row.reason
    assert row.seconds > 0
    assert "good_one" in registry.editors
    assert name not in registry.editors
    listed = cli("list")
    assert listed.code == 0
    assert REFUSED[name] in listed.out
    if name == "starts_a_thread":
        sys.modules["facet_file_starts_a_thread"].release.set()


def test_no_reason_names_a_folder_of_this_machine(drop_in, facet_home):
    drop_in("broken/no_such_name", "broken/old_import")
    rows = {row.name: row for row in load_registry().rows}
    reasons = [rows[name].reason for name in ("no_such_name", "old_import")]
    assert all(reasons)
    assert not any(str(ROOT) in reason or str(facet_home) in reason for reason in reasons)


@pytest.mark.parametrize(("module", "names"), facet._MOVED.items())
def test_every_name_that_moved_is_where_the_hint_says(module, names):
    for name in names:
        assert name not in facet.__all__
        assert hasattr(importlib.import_module(module), name), f"{module}.{name}"
        with pytest.raises(Moved, match=f"write “from {module} import {name}”"):
            getattr(facet, name)


def test_all_broken_plugins_together_leave_the_good_ones_alone(good_first, drop_in, quick_import):
    drop_in(*(f"broken/{name}" for name in REFUSED))
    registry = load_registry()
    assert {row.name for row in registry.rows if not row.loaded} >= set(REFUSED)
    assert "good_one" in registry.editors


def test_a_syntax_error_is_a_reason(facet_home):
    (facet_home / "editors" / "unfinished.py").write_text("def unfinished(:\n")
    row = next(row for row in load_registry().rows if row.name == "unfinished")
    assert "SyntaxError" in row.reason


def test_hook_register_editors(drop_in):
    drop_in("good_one")
    registry = load_registry()
    assert registry.get("good_one").plugin == "good_one.py"
    assert registry.get("good_one").title == "Good one"


def test_built_ins_come_first_and_through_the_same_hook():
    origins = [row.origin for row in load_registry().rows]
    built_in = origins.count("built-in")
    assert built_in >= 1
    assert origins[:built_in] == ["built-in"] * built_in


def test_facet_editors_narrows_the_choice(drop_in, monkeypatch):
    drop_in("good_one", "broken/wrong_yield")
    monkeypatch.setenv("FACET_EDITORS", "good_one")
    registry = load_registry()
    assert list(registry.editors) == ["good_one"]
    assert [row.name for row in registry.rows] == ["good_one"]


def test_a_built_in_that_brings_nothing_is_no_fault_of_a_narrowed_choice():
    def bare():
        return SimpleNamespace(register_editors=hookimpl(lambda: []))

    registry = Registry()
    registry.add("bare", "built-in", bare, frozenset({"good_one"}))
    assert registry.rows[0].reason == ""
    registry.add("bare", "built-in", bare)
    assert registry.rows[1].reason == "it registers no editor: register_editors() returned none"


def test_files_that_start_with_an_underscore_are_no_plugins(facet_home):
    (facet_home / "editors" / "_shared.py").write_text("raise RuntimeError")
    assert all(row.name != "_shared" for row in load_registry().rows)


def test_an_unknown_editor_is_refused_with_the_nearest_name(drop_in):
    drop_in("good_one")
    with pytest.raises(BadInput, match="Did you mean good_one"):
        load_registry().get("goodone")


def test_by_task_groups_editors(drop_in):
    drop_in("good_one")
    registry = load_registry()
    assert registry.get("good_one") in registry.by_task()["restyle"]


def test_a_failed_plugin_leaves_the_registry_as_it_was():
    registry = Registry()
    registry.add("gone", "nowhere", lambda: __import__("a_package_nobody_has"))
    assert registry.editors == {}
    assert [row.name for row in registry.rows] == ["gone"]


def test_keyboard_interrupt_while_loading_is_not_swallowed():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Registry().add("x", "nowhere", interrupted)


@pytest.mark.parametrize(("old", "new"), facet._RENAMED.items())
def test_an_old_name_still_works_and_its_author_is_warned(old, new):
    with pytest.warns(DeprecationWarning, match=f"{old} is called {new} now"):
        assert getattr(facet, old) is getattr(facet, new)
