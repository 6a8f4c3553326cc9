"""Finding plugins and loading each one so that a broken one hurts nobody.

Built-in editors (the `editors` package), installed distributions (entry points of the group ``facet.editors``) and
single files dropped into ``$FACET_HOME/editors`` all register through the same hook. ``FACET_EDITORS=a,b`` loads only
the plugins with these names (a name is that of the entry point, the folder or the file, or a built-in editor's id).
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from registry.errors import BadInput
from registry.plugins.faults import faults_of, note_fault
from registry.plugins.isolation import NoEditor, Refused, collect, import_file, isolated, load_seconds
from registry.plugins.known import register_spec
from registry.plugins.spec import TASKS, EditorSpec
from registry.plugins.widgets import PageWidget
from registry.settings import facet_home, listed
from registry.weights import embedded_path

GROUP = "facet.editors"
BUILT_IN = "built-in"


@dataclass(frozen=True)
class PluginRow:
    """What became of one plugin, for the Add-ons page and ``facet list``.

    Attributes:
        name: the entry point's, folder's or file's name.
        origin: ``"built-in"``, a distribution with its version, or a file's name.
        seconds: how long importing and checking it took.
        editors: ids of the editors it brought; empty if it was refused.
        reason: why it was refused, one sentence; empty if it was not.
    """

    name: str
    origin: str
    seconds: float
    editors: tuple[str, ...] = ()
    reason: str = ""

    @property
    def loaded(self) -> bool:
        """Whether its editors can be used."""
        return not self.reason

    @property
    def faults(self) -> tuple[str, ...]:
        """What its editors were caught doing wrong since."""
        return tuple(f"{name}: {fault}" for name in self.editors for fault in faults_of(name))


@dataclass
class Registry:
    """All loaded editors by id, and a row for every plugin that was tried."""

    editors: dict[str, EditorSpec] = field(default_factory=dict)
    rows: list[PluginRow] = field(default_factory=list)
    widgets: list[PageWidget] = field(default_factory=list)

    def __iter__(self) -> Iterator[EditorSpec]:
        return iter(self.editors.values())

    def get(self, editor_id: str) -> EditorSpec:
        """The editor with that id. Raises BadInput that suggests a near one."""
        if editor_id not in self.editors:
            near = difflib.get_close_matches(editor_id, self.editors, 1)
            fix = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(self.editors)}."
            raise BadInput("editor", f"there is none called {editor_id[:60]!r}", fix)
        return self.editors[editor_id]

    def by_task(self) -> dict[str, list[EditorSpec]]:
        """Task → its editors, in loading order."""
        tasks: dict[str, list[EditorSpec]] = {}
        for spec in self:
            tasks.setdefault(spec.task, []).append(spec)
        return tasks

    def add(self, name: str, origin: str, find: Callable[[], Any], only: frozenset[str] | None = None) -> None:
        """Try one plugin. `find` imports it; whatever goes wrong becomes a row, and nothing else changes.

        `only`: the editors wanted of it; that it has none of them, or none at all, is then no fault.
        """
        started = time.perf_counter()
        try:
            with isolated(name) as bounded:
                brought, changed = bounded(lambda: collect(find()))
            specs = [replace(spec, plugin=origin) for spec in brought.editors if only is None or spec.id in only]
            self._refuse_clash(specs, brought.widgets)
            if origin != BUILT_IN:
                _refuse_misplaced(specs)
        except Refused as problem:
            reason = "" if only is not None and isinstance(problem, NoEditor) else str(problem)
            self.rows.append(PluginRow(name, origin, time.perf_counter() - started, reason=reason))
            return
        for spec in specs:
            self.editors[spec.id] = spec
            register_spec(spec)
            for change in changed:
                note_fault(spec.id, f"changed {change} while it was imported; it was put back")
        self.widgets += brought.widgets
        ids = tuple(spec.id for spec in specs)
        self.rows.append(PluginRow(name, origin, time.perf_counter() - started, ids))

    def _refuse_clash(self, specs: Iterable[EditorSpec], widgets: Iterable[PageWidget]) -> None:
        taken = {widget.function for widget in self.widgets}
        if twice := [widget.function for widget in widgets if widget.function in taken]:
            raise Refused(f"its widget {twice[0]!r} has the same name as one of another plugin, which came first")
        seen: set[str] = set()
        for spec in specs:
            if spec.id in self.editors:
                owner = self.editors[spec.id].plugin
                raise Refused(f"its editor {spec.id!r} has the same id as one of {owner}, which came first")
            if spec.id in seen:
                raise Refused(f"it brings two editors with the id {spec.id!r}")
            seen.add(spec.id)


def load_registry() -> Registry:
    """Load everything there is, in a fixed order: built-ins, then distributions, then files, each by name.

    The editors are then listed task by task, in the order of `TASKS`.

    Raises:
        BadInput: ``FACET_LOAD_SECONDS`` is no number; otherwise every plugin would be refused for it.
    """
    load_seconds()
    registry = Registry()
    wanted = frozenset(listed("EDITORS"))
    for name in _built_ins():
        only = wanted if wanted and name not in wanted else None
        registry.add(name, BUILT_IN, _importer(f"editors.{name}"), only)
    for entry in sorted(metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        if not wanted or entry.name in wanted:
            registry.add(entry.name, _origin(entry), entry.load)
    for file in sorted((facet_home() / "editors").glob("[!_]*.py")):
        if not wanted or file.stem in wanted:
            registry.add(file.stem, file.name, _file_importer(file))
    order = {task: number for number, task in enumerate(TASKS)}
    registry.editors = dict(sorted(registry.editors.items(), key=lambda item: order.get(item[1].task, len(order))))
    if wanted:
        registry.rows[:] = [row for row in registry.rows if row.editors or row.reason]
    return registry


def _refuse_misplaced(specs: Iterable[EditorSpec]) -> None:
    """Raise Refused for weights of a plugin that are named as if they came with Facet."""
    for source in (source for spec in specs for net in spec.nets for source in net.sources):
        if source.embedded and not Path(source.file).is_absolute() and not embedded_path(source).is_file():
            whole = f'str(Path(__file__).parent / "{source.name}")'
            raise Refused(f"Facet has no weights called {source.file!r}; name a file beside the module by {whole}")


def _built_ins() -> list[str]:
    folder = Path(import_module("editors").__path__[0])
    found = [path for path in folder.iterdir() if path.name[0] not in "_." and (path / "__init__.py").is_file()]
    return sorted(path.stem for path in [*found, *folder.glob("[!_]*.py")])


def _importer(module: str) -> Callable[[], ModuleType]:
    return lambda: import_module(module)


def _file_importer(file: Path) -> Callable[[], ModuleType]:
    return lambda: import_file(file)


def _origin(entry: metadata.EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
