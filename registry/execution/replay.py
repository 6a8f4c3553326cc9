"""Making a picture again from its lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from registry.belongings import Belongings, belongings, kept_in
from registry.errors import BadInput
from registry.execution.run import finish
from registry.plugins import EditorSpec, Registry, Result
from registry.settings import facet_home
from registry.subjects import Subject
from registry.weights import OwnFile


class Remade(NamedTuple):
    """What the edits before one have made again.

    Attributes:
        subject: the picture as it is now.
        recorded: the sha256 that it had when the recipe was made; another processor gives another one.
    """

    subject: Subject
    recorded: str


def replay(
    registry: Registry, lineage: Sequence[Mapping[str, Any]], given: Mapping[str, Subject | OwnFile] | None = None
) -> Result:
    """Run the recipes of a lineage one after the other, with the threads and steps they record.

    On the same machine and dtype the result has the same bytes. Another processor rounds otherwise: there, each edit
    goes on from what the edit before it gives now, which is a level or two off. A recipe may be a stranger's: no path
    in it is read, and within `registry.belongings.replaying` nothing is kept; without it, no direction is.

    Args:
        registry: where the editors are.
        lineage: recipes, oldest first.
        given: uploaded pictures and own files by input name (``"subject"``, ``"style"`` …), each used wherever its
            sha256 fits.

    Raises:
        BadInput: an editor is not installed, a picture is missing, or one does not have the recorded sha256.
        EditorError: an edit failed.
    """
    with kept_in(belongings() or Belongings(facet_home(), replay=True)):
        return _replay(registry, lineage, given or {})


def _replay(registry: Registry, lineage: Sequence[Mapping[str, Any]], given: Mapping[str, Subject | OwnFile]) -> Result:
    made, result = None, None
    for recipe in lineage:
        spec = same_editor(registry, recipe)
        result = as_recorded(recipe, finish(spec, recorded_values(spec, recipe, made, given), **recorded_run(recipe)))
        made = Remade(result.subject, str(recipe.get("result")))
    if result is None:
        raise BadInput("recipe", "is empty")
    return result


def same_editor(registry: Registry, recipe: Mapping[str, Any]) -> EditorSpec:
    """The editor that made a recipe. Raises BadInput if it is not installed, or in another version."""
    spec = registry.get(str(recipe.get("editor")))
    if spec.version != recipe.get("version"):
        theirs = f"{str(recipe.get('version'))[:20]} and {spec.version} is installed"
        raise BadInput("recipe", f"was made by {spec.id} {theirs}", "It might not give the same picture.")
    return spec


def recorded_run(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `run` with which a recipe is made again: its threads, steps, frames and device."""
    frames = recipe.get("film", {"frames": 0})["frames"] if recipe.get("stopped") else None
    return {
        "threads": int(recipe.get("threads", 1)),
        "last_step": int(recipe["steps"]),
        "last_frame": frames,
        "device": str(recipe.get("device", "")),
    }


def as_recorded(recipe: Mapping[str, Any], result: Result) -> Result:
    """The result of a replay, or the further picture of it that the recipe means.

    Raises:
        BadInput: other weights were used than the recipe says, or there is no further picture of that name.
    """
    if "weights" in recipe:
        _same_weights(recipe["weights"], result.recipe["weights"])
    return _further(result, str(recipe["further"])) if "further" in recipe else result


def _further(result: Result, name: str) -> Result:
    """The further picture of that name as the result. Raises BadInput if there is none."""
    if name not in result.further:
        raise BadInput("recipe", f"names the further picture “{name[:60]}”, which the editor does not make now")
    subject = result.further[name]
    return replace(result, subject=subject, recipe=subject.lineage[-1])


def _same_weights(recorded: Sequence[Mapping[str, Any]], used: Sequence[Mapping[str, Any]]) -> None:
    """Raise BadInput if other weights were used, for instance embedded ones because the Hub could not be reached."""
    have = {(row["net"], row["sha256"]) for row in used}  # a run may use two files of the user's own
    for row in recorded:
        if (row["net"], row["sha256"]) not in have:
            name = f"{row['repo'] or 'embedded'} {row['file']}"
            fix = "Fetch them, see “facet weights list”, and replay again."
            raise BadInput("recipe", f"was made with weights that are not to be had now: {name}", fix)
    known = {row["net"] for row in recorded}
    if more := [row for row in used if row["net"] not in known]:
        name = f"{more[0]['repo'] or 'embedded'} {more[0]['file']}"
        raise BadInput("recipe", f"was made where {name} could not be had", "Remove that file, and replay offline.")


def recorded_values(
    spec: EditorSpec, recipe: Mapping[str, Any], made: Remade | None, given: Mapping[str, Subject | OwnFile]
) -> dict[str, Any]:
    """A recipe's inputs, with the pictures and files that it names by their sha256.

    Args:
        spec: the editor that made it.
        recipe: one recipe.
        made: what the edits before it have made, if there were any.
        given: as `replay`.

    Raises:
        BadInput: a picture or a file is missing, or another one than the recipe was made with.
    """
    values = dict(recipe["inputs"])
    for entry in spec.inputs:
        recorded = values.get(entry.name)
        if recorded is None:
            continue
        values[entry.name] = recorded = entry.kind.recorded(recorded, entry.name)  # never a path out of a file
        if entry.kind.is_picture:
            values[entry.name] = _picture(entry.name, recorded, made, given)
        elif entry.kind.by_sha256:
            values[entry.name] = _own_file(entry.name, recorded, given)
    return values


def _picture(
    name: str, recorded: Mapping[str, Any], made: Remade | None, given: Mapping[str, Subject | OwnFile]
) -> Subject:
    """The picture a recipe means: the one just made, a sample, or one that was handed in."""
    wanted = recorded["sha256"]
    if made is not None and name == "subject" and wanted in (made.recorded, made.subject.sha256):
        return made.subject
    offered = []
    if "sample" in recorded:
        offered.append(Subject.read(f"sample:{recorded['sample']}", name))
    pictures = {key: value for key, value in given.items() if isinstance(value, Subject)}
    offered += [pictures[name]] if name in pictures else list(pictures.values())
    for picture in offered:
        if picture.sha256 == wanted:
            return picture
    size = f"{recorded.get('width')} × {recorded.get('height')}"
    if name in pictures:
        raise BadInput(name, f"is not the picture the recipe was made with ({size}, sha256 {wanted[:12]}…)")
    raise BadInput(name, f"is needed: the recipe was made with an uploaded picture of {size}", f"Give it as --{name}.")


def _own_file(name: str, recorded: Mapping[str, Any], given: Mapping[str, Subject | OwnFile]) -> OwnFile:
    file = given.get(name)
    if not isinstance(file, OwnFile):
        raise BadInput(name, "is needed: the recipe was made with a file of its own", f"Give it as --{name}.")
    if file.sha256 != recorded["sha256"]:
        raise BadInput(name, "is not the file the recipe was made with", f"Its sha256 is {recorded['sha256'][:12]}….")
    return file
