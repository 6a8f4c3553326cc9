"""What an editor did wrong while it ran, told apart from what its visitor or the machine did."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Mapping
from typing import Any

from registry.device import is_out_of_memory
from registry.errors import EditorError, EditorFailed, OutOfMemory
from registry.execution.job import Failure
from registry.plugins import EditorSpec, Step
from registry.subjects import Subject


def checked(step: object, last: Step | None, spec: EditorSpec) -> Step:
    """The step, if it is one; an editor that yields something else, or goes backwards, is at fault."""
    if not isinstance(step, Step):
        raise EditorFailed(f"“{spec.title}” yielded {type(step).__name__} where a Step is due: a fault of the add-on.")
    if not (0 <= step.done <= 1) or (last is not None and step.done < last.done):
        raise EditorFailed(
            f"“{spec.title}” said done={step.done:g}, which must grow from 0 to 1: a fault of the add-on."
        )
    return step


def nothing(spec: EditorSpec) -> EditorFailed:
    """For an editor that ended without a step."""
    return EditorFailed(f"“{spec.title}” ended without a picture: a fault of the add-on.")


def leaked(before: set[threading.Thread], spec: EditorSpec) -> str:
    """Names of threads that the editor's own code started and left; other threads of the process are not its own."""
    package = spec.handler.__module__.partition(".")[0]
    found = []
    for thread in set(threading.enumerate()) - before:
        target = getattr(thread, "_target", None)
        home = getattr(target, "__module__", None) or type(thread).__module__
        if home.partition(".")[0] == package:
            found.append(thread.name)
    return ", ".join(sorted(found))


def written_into(given: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    """Which of its pictures an editor wrote into; it had copies, so that nothing is lost."""
    return [
        f"wrote into the pixels of “{name}”, which belong to the visitor; it had a copy, so nothing was lost"
        for name, value in given.items()
        if isinstance(value, Subject) and not value.same(own[name])
    ]


def failure(spec: EditorSpec, error: BaseException) -> Failure:
    """Whatever was raised inside, as a sentence for the visitor and, if the editor is to blame, one for its author."""
    if is_out_of_memory(error):
        return Failure(OutOfMemory(f"“{spec.title}” ran out of memory. Use a smaller picture or fewer steps."))
    if isinstance(error, EditorFailed):
        return Failure(error, fault=str(error))
    if type(error).__module__ == EditorError.__module__ and isinstance(error, EditorError):
        return Failure(error)
    if isinstance(error, EditorError):  # a plugin's own subclass may not exist on the other side of the border
        return Failure(EditorError(str(error)))
    if isinstance(error, SystemExit):
        sentence = f"“{spec.title}” tried to end the whole program, exit({error.code!r}): a fault of the add-on."
        return Failure(EditorFailed(sentence), fault=f"called exit({error.code!r}) while it ran")
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "unknown place"
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    sentence = f"“{spec.title}” broke while it ran ({text[:200]}, {place}): a fault of the editor."
    return Failure(EditorFailed(sentence), fault=f"raised {text[:200]} at {place}")
