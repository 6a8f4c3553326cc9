"""A comparison as JSON with the recipes of its pictures, and the same comparison made again from that."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from registry.belongings import Belongings, belongings, kept_in
from registry.bounds import shown
from registry.errors import BadInput
from registry.execution import (
    Halt,
    PlannedRun,
    Remade,
    as_recorded,
    recorded_run,
    recorded_values,
    replay,
    run_plan,
    same_editor,
)
from registry.plugins import Registry
from registry.saved import FORMAT, as_lineage
from registry.settings import facet_home
from registry.subjects import Subject
from registry.weights import OwnFile
from surfaces.compare.columns import Column, measured, one_of_each
from surfaces.compare.methods import MOST_COLUMNS
from surfaces.compare.rows import rows

MOST_BYTES = 8_000_000
_CHOOSE = "Choose the JSON of a comparison that Facet saved."


@dataclass(frozen=True)
class Saved:
    """A comparison read from its JSON.

    Attributes:
        task: what its editors do.
        labels: of the columns that had a result.
        recipes: theirs.
        lineage: of the picture they were compared on: empty for one that was as taken.
    """

    task: str
    labels: tuple[str, ...]
    recipes: tuple[Mapping[str, Any], ...]
    lineage: tuple[Mapping[str, Any], ...]

    @property
    def pictures(self) -> set[str]:
        """The sha256 of every picture that a recipe names."""
        inputs = [recipe["inputs"] for recipe in (*self.recipes, *self.lineage)]
        values = [value for each in inputs for value in each.values() if isinstance(value, Mapping)]
        return {str(value["sha256"]) for value in values if "sha256" in value}


def record(columns: Sequence[Column]) -> dict[str, Any]:
    """A comparison as JSON: its columns with their recipes, and how the picture came to be that they began with."""
    subject = next((each.values["subject"] for each in columns if each.spec.takes_subject), None)
    lineage = list(subject.lineage) if isinstance(subject, Subject) else []
    return {"facet": FORMAT, "task": columns[0].spec.task, "subject_lineage": lineage, "columns": rows(columns)}


def read_saved(content: bytes, named: str = "again") -> Saved:
    """What `record` made. Raises BadInput for anything else: of another version, changed by hand, cut short."""
    try:
        found = json.loads(content) if len(content) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("columns"), list):
        raise BadInput(named, "is no comparison", _CHOOSE)
    if found.get("facet") != FORMAT:
        raise BadInput(named, "was saved by another version of Facet", f"This one reads format {FORMAT}.")
    done = [(n, row) for n, row in enumerate(found["columns"], 1) if isinstance(row, dict) and row.get("recipe")]
    if not done:
        raise BadInput(named, "has no column with a recipe", _CHOOSE)
    if len(done) > MOST_COLUMNS:
        raise BadInput(named, f"has {len(done)} columns, the most is {MOST_COLUMNS}", "Remove some from the file.")
    recipes = [as_lineage(row["recipe"], f"{named} column {number}")[0] for number, row in done]
    lineage = as_lineage(found["subject_lineage"], f"{named} subject_lineage") if found.get("subject_lineage") else []
    labels = [_label(row.get("method"), recipe) for (_, row), recipe in zip(done, recipes, strict=True)]
    return Saved(str(found.get("task"))[:40], tuple(labels), tuple(recipes), tuple(lineage))


def compare_again(
    registry: Registry,
    saved: Saved,
    given: Mapping[str, Subject | OwnFile] | None = None,
    *,
    halt: Halt | None = None,
    named: str = "again",
    **how: Any,
) -> Iterator[Column]:
    """Make the columns of a saved comparison again, each with the threads, steps and device that its recipe says.

    Args:
        registry: where the editors are.
        saved: see `read_saved`.
        given: uploaded pictures and own files by input name, each picture used wherever its sha256 fits.
        halt: set it to end the comparison early.
        named: what the surface calls the file.
        how: further arguments of `registry.execution.run`.

    Yields:
        As `surfaces.compare.compare`; a column that is done says whether its picture is identical.

    Raises:
        BadInput: an editor or a picture is missing, or an editor has another version; raised by the call itself.
    """
    where = belongings() or Belongings(facet_home(), replay=True)  # the recipes may be a stranger's
    given = given or {}
    with kept_in(where):
        subject = _subject(registry, saved, given)
        plan = one_of_each(
            [
                _planned(registry, saved, number, subject, given, f"{named} column {number + 1}")
                for number in range(len(saved.recipes))
            ]
        )
        events = run_plan(registry, plan, halt=halt, **how)
    return _columns(events, saved.recipes, where)


def _planned(
    registry: Registry, saved: Saved, number: int, subject: Remade | None, given: Mapping[str, Any], named: str
) -> PlannedRun:
    recipe = saved.recipes[number]
    try:
        spec = same_editor(registry, recipe)
        if saved.task != spec.task:
            raise BadInput("recipe", f"does {spec.task!r}, and the file says {shown(saved.task)}", _CHOOSE)
        values = spec.check(recorded_values(spec, recipe, subject, _anywhere(given)))
    except BadInput as problem:
        about = "" if problem.field in ("recipe", "editor") else f"{problem.field} "
        raise BadInput(named, about + problem.why, problem.fix) from None
    how = recorded_run(recipe)
    how["threads"] = min(how["threads"], os.cpu_count() or 1)  # a stranger's file asks for no thousand
    return PlannedRun(saved.labels[number], spec.id, values, how)


def _subject(registry: Registry, saved: Saved, given: Mapping[str, Subject | OwnFile]) -> Remade | None:
    """The picture that was compared on: one that was given, or made again from its own recipes."""
    told = [each["inputs"].get("subject") for each in saved.recipes]
    wanted = {str(each["sha256"]) for each in told if isinstance(each, Mapping) and "sha256" in each}
    for picture in given.values():
        if isinstance(picture, Subject) and picture.sha256 in wanted:
            return Remade(picture, picture.sha256)
    if saved.lineage and saved.lineage[-1].get("result") in wanted:
        made = replay(registry, saved.lineage, _anywhere(given)).subject
        return Remade(made, str(saved.lineage[-1]["result"]))
    return None


def _anywhere(given: Mapping[str, Subject | OwnFile]) -> dict[str, Subject | OwnFile]:
    """Pictures under names that no input has, so that each is tried wherever one is missing."""
    return {f"#{name}" if isinstance(value, Subject) else name: value for name, value in given.items()}


def _columns(events: Iterator[Any], recipes: Sequence[Mapping[str, Any]], where: Belongings) -> Iterator[Column]:
    while True:
        with kept_in(where):  # for each step: whoever listens may take every one in another context
            state = next(events, None)
        if state is None:
            return
        if state.result is None:
            yield measured(state)
            continue
        recipe = recipes[state.index]
        try:
            state = replace(state, result=as_recorded(recipe, state.result))
        except BadInput as problem:
            yield measured(replace(state, state="failed", result=None, error=str(problem)))
            continue
        yield measured(state, identical=state.result.subject.sha256 == recipe.get("result"))


def _label(text: Any, recipe: Mapping[str, Any]) -> str:
    """What the file calls the column, if that begins with its editor."""
    editor = str(recipe["editor"])
    sound = isinstance(text, str) and len(text) <= 300 and text.isprintable()
    return str(text) if sound and (text == editor or text.startswith(f"{editor}:")) else editor
