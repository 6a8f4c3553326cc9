"""The variables of the environment: one table, read in one module, shown in docs/hosting.md."""

import ast
import re

import pytest

from registry import settings
from registry.errors import BadInput
from registry.settings import SETTINGS
from tests.conftest import ROOT

ROOMS = ("registry", "surfaces", "editors", "nets", "metrics", "facet")
OURS = re.compile(r"FACET_[A-Z_]+")


def of_the_environment(path):
    """Names of ours that a module reads or writes in an environment: `environ.get("FACET_…")`, `environ["FACET_…"]`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Subscript):
            about, names = node.value, [node.slice]
        elif isinstance(node, ast.Call):
            about, names = node.func, node.args
        else:
            continue
        if "env" in ast.unparse(about):
            yield from (
                name.value
                for name in names
                if isinstance(name, ast.Constant) and isinstance(name.value, str) and OURS.fullmatch(name.value)
            )


def test_no_other_module_looks_into_the_environment_for_them():
    paths = [ROOT / "app.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    elsewhere = [path for path in paths if path != ROOT / "registry" / "settings.py"]
    assert [(path.name, name) for path in elsewhere for name in of_the_environment(path)] == []


def test_that_search_finds_what_it_is_for(tmp_path):
    code = "import os\nos.environ['FACET_A']\nos.environ.get('FACET_B', '')\nos.getenv('FACET_C')\nsay('FACET_D')\n"
    (tmp_path / "module.py").write_text(code)
    assert sorted(of_the_environment(tmp_path / "module.py")) == ["FACET_A", "FACET_B", "FACET_C"]


def test_the_docs_show_the_table():
    page = (ROOT / "docs" / "hosting.md").read_text()
    shown = re.findall(r"^\| `(FACET_\w+)` \| (.+) \| (.+) \|$", page, re.M)
    assert shown == [(each.variable, each.meaning, each.otherwise) for each in SETTINGS]


def test_every_variable_that_is_named_anywhere_is_in_the_table():
    known = {each.variable for each in SETTINGS}
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    sources = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    named = {(path.name, name) for path in [*pages, *sources] for name in OURS.findall(path.read_text())}
    assert {(path, name) for path, name in named if name not in known} == set()


def test_every_setting_is_asked_for():
    sources = "".join(path.read_text() for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    assert [each.name for each in SETTINGS if not re.search(rf'\w\("{each.name}"', sources)] == []


@pytest.mark.parametrize("setting", [each for each in SETTINGS if each.default is not None], ids=lambda each: each.name)
def test_what_the_table_says_of_a_number_is_so(setting, monkeypatch):
    monkeypatch.delenv(setting.variable, raising=False)
    assert settings.number(setting.name) == setting.default
    assert not setting.default or setting.otherwise == f"{setting.default:g}"
    monkeypatch.setenv(setting.variable, "7")
    assert settings.number(setting.name) == 7
    for wrong in ("soon", "-1", "inf", "nan"):
        monkeypatch.setenv(setting.variable, wrong)
        with pytest.raises(BadInput, match=f"{setting.variable}: must be a number from 0, not “{wrong}”"):
            settings.number(setting.name)


def test_a_wrong_time_to_load_is_one_sentence_and_refuses_no_plugin(cli, monkeypatch):
    monkeypatch.setenv("FACET_LOAD_SECONDS", "soon")
    ran = cli("list")
    assert ran.code == 2
    assert ran.err == (
        "facet: FACET_LOAD_SECONDS: must be a number from 0, not “soon”. Correct the environment variable.\n"
    )


def test_a_setting_that_is_kept_is_not_set_again():
    environ = {"FACET_SHARED": ""}
    settings.set_here("SHARED", "1", environ, keep=True)
    settings.set_here("OFFLINE", "1", environ, keep=True)
    settings.set_here("DEVICE", "cpu", environ)
    assert environ == {"FACET_SHARED": "", "FACET_OFFLINE": "1", "FACET_DEVICE": "cpu"}
