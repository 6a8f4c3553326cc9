"""The registry as a package: ours, light, and the same from everywhere."""

import ast
import re
import sys
from pathlib import Path

import pytest

import registry
from facet import BadInput
from facet.app import Stop
from registry.device import pick_device, resident_bytes
from tests.conftest import ROOT

ALONE = "import registry, sys; print(registry.__file__); print('gradio' in sys.modules)"


def test_our_registry_is_the_one_imported():
    assert Path(registry.__file__) == ROOT / "registry" / "__init__.py"


def test_also_from_another_folder(process, tmp_path):
    ran = process("-c", ALONE, cwd=tmp_path)
    assert ran.out.split() == [str(ROOT / "registry" / "__init__.py"), "False"]


def test_also_when_a_package_of_that_name_comes_later_on_the_path(process, tmp_path):
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    ran = process("-c", ALONE, PYTHONPATH=f"{ROOT}:{tmp_path}")
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("module", ["facet", "registry.plugins", "surfaces.cli", "registry.conformance"])
def test_importing_brings_neither_gradio_nor_cuda(module, process, tmp_path):
    code = f"import {module}, sys, torch; print('gradio' in sys.modules, torch.cuda.is_initialized())"
    assert process("-c", code, cwd=tmp_path).out.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("module", "may"),
    [
        ("app.py", {"surfaces"}),
        *((path.relative_to(ROOT).as_posix(), {"registry"}) for path in ROOT.glob("facet/*.py")),
    ],
)
def test_the_modules_at_the_top_import_only_what_they_may(module, may):
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"app"}
    tree = ast.parse((ROOT / module).read_text())
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} & ours == may


def _modules() -> dict[str, Path]:
    rooms = ("registry", "surfaces", "editors", "nets", "metrics", "facet", "training")
    found = {}
    for path in (path for room in rooms for path in (ROOT / room).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def _imported(path: Path, modules: dict[str, Path]) -> set[str]:
    """Modules of ours that a module needs, at its top or within functions; not those that only type checkers see."""
    found: set[str] = set()

    def look(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.ImportFrom) and child.module:
                names = {f"{child.module}.{alias.name}" for alias in child.names}
                found.update(name if name in modules else child.module for name in names)
            elif isinstance(child, ast.Import):
                found.update(alias.name for alias in child.names)
            look(child)

    look(ast.parse(path.read_text()))
    return found & modules.keys()


def test_no_modules_import_each_other_in_a_circle():
    modules = _modules()
    needs = {name: _imported(path, modules) - {name} for name, path in modules.items()}
    while ready := {name for name, needed in needs.items() if not needed}:
        needs = {name: needed - ready for name, needed in needs.items() if name not in ready}
    assert sorted(needs) == [], "these import each other, or need modules that do"


def test_the_registrys_root_holds_only_what_all_rooms_share():
    root = {path.stem for path in (ROOT / "registry").glob("*.py")}
    shared = {"belongings", "bounds", "device", "errors", "paths", "served", "settings", "spoilt", "writing"}
    assert root == {"__init__", *shared}


def test_no_surface_asks_which_kind_an_input_is_of():
    """A kind says itself what the surfaces need; only the page's table from kinds to widgets names any."""
    asks = re.compile(r"(isinstance|issubclass)\([^)]*\bkind\b")
    found = [
        f"{path.name}: {line.strip()}"
        for room in ("registry", "surfaces")
        for path in (ROOT / room).rglob("*.py")
        for line in path.read_text().splitlines()
        if asks.search(line) and path.name != "widgets.py"  # which asks whether a plugin's kind is a kind
    ]
    assert found == []


def test_texts_name_modules_that_are_there():
    """Docstrings, and programs that tests and benchmarks run in a process of their own."""
    modules, wrong = _modules(), []
    others = [path for room in ("benchmarks", "tests") for path in (ROOT / room).rglob("*.py")]
    for path in [*modules.values(), *others]:
        texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
        for name in re.findall(r"\b(?:registry|surfaces)\.[a-z]\w*(?:\.[a-z]\w*)*", "\n".join(map(str, texts))):
            module, _, attribute = name.rpartition(".")
            there = name in modules or (module in modules and attribute in modules[module].read_text())
            if not there and not attribute.startswith("no_such"):
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert wrong == []


def test_picking_a_device(monkeypatch):
    monkeypatch.setenv("FACET_DEVICE", "")
    assert pick_device() in ("cuda", "mps", "cpu")
    monkeypatch.setenv("FACET_DEVICE", "cpu")
    assert pick_device() == "cpu"
    assert pick_device("cpu") == "cpu"
    with pytest.raises(BadInput, match="device: must be one of cuda, mps, cpu, not “tpu”"):
        pick_device("tpu")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(BadInput, match="cuda is not present on this machine. Use cpu"):
        pick_device("cuda")


def test_resident_memory_is_that_of_this_process():
    assert 50_000_000 < resident_bytes() < 100_000_000_000


def test_the_stop_wire_works_from_another_process(process):
    stop = Stop()
    assert not stop.is_set()
    code = f"import pickle; pickle.loads({__import__('pickle').dumps(stop)!r}).set()"
    assert process("-c", code).code == 0
    assert stop.is_set()
    stop.clear()
    stop.clear()
    assert not stop.is_set()


def test_python_is_one_we_support():
    assert sys.version_info >= (3, 10)
