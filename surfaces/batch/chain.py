"""One edit or several, one after the other, as each picture of a batch meets them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from facet import BadInput, EditorError, Picture, Subject
from facet.app import EditorSpec, Preview, Registry, Result, StopSignal, run
from surfaces.batch.items import Item


@dataclass(frozen=True)
class Link:
    """One edit of a chain; it can be pickled.

    Attributes:
        editor: its id.
        version: its version where the batch began; a worker with another one refuses.
        values: its inputs by name, unchecked, without the subject.
        originals: inputs that get the picture the chain began with, whatever was made of it meanwhile.
        begins: the edits of another saved picture begin here: to them the picture so far is the one they began with.
    """

    editor: str
    version: str
    values: Mapping[str, Any]
    originals: tuple[str, ...] = ()
    begins: bool = False


def read_here(path: str, field: str) -> Subject:
    """A picture, read in this process, with the lineage and the code that its file carries. Raises BadInput."""
    return Subject.read(Picture().given(path, field), field)


@dataclass(frozen=True)
class Chain:
    """Edits in order. `told` is what they are told, as JSON: a folder of results belongs to one chain."""

    links: tuple[Link, ...]
    told: str

    @property
    def sha256(self) -> str:
        """Of `told`."""
        return hashlib.sha256(self.told.encode()).hexdigest()

    @property
    def title(self) -> str:
        """The editors' ids."""
        return " → ".join(link.editor for link in self.links)

    def check(self, registry: Registry) -> None:
        """Raise BadInput if an editor is not here, or has another version than where the batch began."""
        for link in self.links:
            spec = registry.get(link.editor)
            if spec.version != link.version:
                why = f"has {link.editor} {spec.version}, and the batch began with {link.version}"
                raise BadInput("worker", why, "Install the same version everywhere.")

    def steps(
        self,
        registry: Registry,
        item: Item,
        *,
        read: Callable[[str, str], Subject] = read_here,
        next_stop: Callable[[], StopSignal | None] = lambda: None,
        **how: Any,
    ) -> Iterator[Preview | Result]:
        """Do the edits to one item; the result is the last one's, with the measures of all.

        Args:
            registry: where the editors are.
            item: the picture, and what it says of itself goes to the first edit.
            read: makes a subject of a path, for a field.
            next_stop: the stop of the next edit.
            how: further arguments of `facet.app.run`.

        Yields:
            Previews, whose `done` is the share of all edits, then the result.

        Raises:
            BadInput: a picture or a value is wrong.
            EditorError: an edit failed.
        """
        original = read(item.subject, "subject") if item.subject else None
        subject, result = original, None
        metrics: dict[str, float] = {}
        for number, link in enumerate(self.links):
            spec = registry.get(link.editor)
            values = {**link.values, **(given(spec, item.values) if not number else {})}
            original = subject if link.begins else original
            values |= dict.fromkeys(link.originals, original)
            if subject is not None and spec.takes_subject:
                values["subject"] = subject
            for event in run(spec, values, stop=next_stop(), **how):
                if isinstance(event, Result):
                    result = event
                else:
                    yield replace(event, done=(number + event.done) / len(self.links))
            if result is None:
                break
            before = f"{link.editor}." if len(self.links) > 1 else ""
            metrics |= {f"{before}{name}": value for name, value in result.metrics.items()}
            subject = result.subject
        if result is None:
            raise EditorError("The batch has no edit.")
        yield replace(result, metrics=metrics)


def chain_of_options(spec: EditorSpec, values: Mapping[str, Any]) -> Chain:
    """One edit with what the command line says. Raises BadInput for a wrong value, before any work begins."""
    checked = {name: spec.input(name).check(value) for name, value in values.items()}
    told = {name: spec.input(name).kind.record(value) for name, value in checked.items() if value is not None}
    return _chain([Link(spec.id, spec.version, checked)], [told])


def chain_of_recipes(
    registry: Registry, lineages: Sequence[Sequence[Mapping[str, Any]]], given: Mapping[str, Any]
) -> Chain:
    """The edits of saved pictures, to be done to others, those of one picture after those of the one before.

    Args:
        registry: where the editors are.
        lineages: of each saved picture its recipes, oldest first.
        given: uploaded pictures and own files by input name, each used wherever its sha256 fits.

    Raises:
        BadInput: an editor is not here or has another version, or a picture besides the subject is missing.
    """
    links, told = [], []
    for lineage in lineages:
        for number, recipe in enumerate(lineage):
            link, said = _link(registry, recipe, lineage[0], given)
            links.append(replace(link, begins=not number and bool(links)))
            told.append(said)
    if not links:
        raise BadInput("recipe", "is empty")
    return _chain(links, told)


def _link(
    registry: Registry, recipe: Mapping[str, Any], first: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[Link, Mapping[str, Any]]:
    """One recipe as an edit of a chain, and what it is told; `first`: the recipe that the chain began with."""
    spec = registry.get(str(recipe.get("editor")))
    if spec.version != recipe.get("version"):
        why = f"was made by {spec.id} {str(recipe.get('version'))[:20]}, and {spec.version} is here"
        raise BadInput("recipe", why, "Make the edit again with this version, and save it.")
    began = (first["inputs"].get("subject") or {}).get("sha256")
    rows = {name: row for name, row in recipe["inputs"].items() if name != "subject" and row is not None}
    originals = tuple(name for name, row in rows.items() if isinstance(row, Mapping) and row.get("sha256") == began)
    values = {
        entry.name: _recorded(entry.name, entry.kind, rows[entry.name], given)
        for entry in spec.inputs
        if entry.name in rows and entry.name not in originals
    }
    said = {name: row for name, row in rows.items() if name not in originals}
    return Link(spec.id, spec.version, values, originals), said


def given(spec: EditorSpec, values: Mapping[str, str]) -> dict[str, Any]:
    """Values as the command line gives them. Raises BadInput for a name that the editor has no input of."""
    names = [entry.name for entry in spec.inputs]
    for name in values:
        if name not in names:
            raise BadInput(name, f"is no input of {spec.id}", f"It has: {', '.join(names)}.")
    return {name: spec.input(name).kind.given(value, name) for name, value in values.items()}


def _recorded(name: str, kind: Any, row: Any, given: Mapping[str, Any]) -> Any:
    """What a recipe says, as a value; never a path out of the file."""
    value = kind.recorded(row, name)
    if not kind.by_sha256:
        return value
    offered = list(given.values())
    if kind.is_picture and "sample" in value:
        offered.append(Subject.read(f"sample:{value['sample']}", name))
    for one in offered:
        if one.sha256 == value["sha256"]:
            return one
    what = "a picture" if kind.is_picture else "a file"
    why = f"is needed: the recipe was made with {what} of its own (sha256 {value['sha256'][:12]}…)"
    raise BadInput(name, why, f"Give it as --{name.replace('_', '-')}.")


def _chain(links: Sequence[Link], told: Sequence[Mapping[str, Any]]) -> Chain:
    pairs = zip(links, told, strict=True)
    rows = [
        (link.editor, link.version, link.originals, said, *(["begins"] * link.begins)) for link, said in pairs
    ]  # one chain's sha256 is the same as before there were several
    text = json.dumps(rows, sort_keys=True, default=str, ensure_ascii=False)
    return Chain(tuple(links), text)
