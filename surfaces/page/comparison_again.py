"""A comparison made again from its JSON, with the pictures that this visitor still has. Gradio-free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.errors import BadInput
from registry.plugins import Input, Registry
from registry.subjects import Subject
from surfaces.compare import Column, Halt, Saved, compare_again, read_saved
from surfaces.compare.again import MOST_BYTES
from surfaces.page.controls import received
from surfaces.page.groups import task_title
from surfaces.page.origins import picked
from surfaces.page.session import Session
from surfaces.page.uploads import uploaded
from surfaces.page.visitors import asking

FILE = "the file"
"""What refusals call it."""


def columns_again(
    registry: Registry,
    session: Session,
    task: str,
    raw: Any,
    sent: Mapping[str, Any],
    entries: Sequence[Input],
    halt: Halt,
) -> Iterator[Column]:
    """The columns of an uploaded comparison.

    Args:
        registry: where the editors are.
        session: its history may have the pictures.
        task: of the tab that is open.
        raw: Gradio's file object.
        sent: what the tab's controls hold, by input: pictures among it are offered, too.
        entries: those inputs.
        halt: set it to end the comparison early.

    Raises:
        BadInput: it is no comparison of this task, or a picture is missing; raised by the call itself.
    """
    with Path(uploaded(raw, FILE)).open("rb") as file:
        saved = read_saved(file.read(MOST_BYTES + 1), FILE)
    if saved.task != task:
        theirs = f"“{task_title(saved.task)}”"
        raise BadInput(FILE, f"is a comparison of {theirs}, and “{task_title(task)}” is open", f"Open {theirs} first.")
    given = _pictures(session, saved, sent, entries)
    try:
        return compare_again(registry, saved, given, halt=halt, named=FILE, visitor=asking().visitor)
    except BadInput as problem:
        fix = problem.fix
        if fix.startswith("Give it as --"):
            fix = "Choose that picture here or as the picture that is edited, and open the file again."
        raise BadInput(problem.field, problem.why, fix) from None


def _pictures(session: Session, saved: Saved, sent: Mapping[str, Any], entries: Sequence[Input]) -> dict[str, Any]:
    """Pictures that the recipes may mean: the history's by their sha256, and what the controls hold."""
    wanted = saved.pictures
    found = {
        f"history {entry.number}": entry.subject
        for entry in list(session.entries.values())
        if entry.outline.sha256 in wanted
    }
    held = picked(session, {name: value for name, value in sent.items() if value is not None})
    for entry in entries:
        if entry.kind.by_sha256 and entry.name in held:
            value = received(entry, held[entry.name])
            found[entry.name] = Subject.read(value, entry.name) if entry.kind.is_picture and value else value
    return {name: value for name, value in found.items() if value is not None}
