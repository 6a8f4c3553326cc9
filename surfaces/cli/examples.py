"""The example at the end of an editor's ``--help``: commands that work as they stand, one after the other."""

from __future__ import annotations

import json
import shlex
from typing import Any

from facet.app import EditorSpec, Input
from registry.plugins import REQUIRED
from registry.subjects import collection
from surfaces.cli.parser import text

FACE = "facet latent --seed 3 --gallery 1 -o face.png"
NOSE = "[[146, 148, 122, 152]]"  # of that face: the tip of its nose, to the left
PHOTO = "sample:astronaut"


def example(spec: EditorSpec) -> str:
    """What to type: first, where the editor needs it, the picture with a code or the one that was brought in."""
    needed = [entry for entry in spec.inputs if is_shown(spec, entry)]
    before = []
    if spec.task == "parse" or any(entry.kind.needs_latent or entry.kind.read_by for entry in needed):
        before = [FACE]
    if any(entry.kind.cut_from for entry in needed):
        before = [f"facet invert --subject {PHOTO} -o face.png"]
    given = " ".join(_option(spec, entry, "face.png" if before else "") for entry in needed)
    out = "out.mp4" if spec.film == "always" else "out.png"
    last = f"facet {spec.id} {given} -o {out}".replace("  -o", " -o")
    before += [_parsing(entry) for entry in needed if entry.kind.read_by]
    return text("\n  ".join([f"example{'s' if before else ''}:", *before, last]))


def is_shown(spec: EditorSpec, entry: Input) -> bool:
    """Whether a command says nothing without it: no default, or nothing where the editor's own trial has something."""
    empty = entry.default == "" and entry.name in spec.trial and len(spec.trial) == 1
    left_out = entry.default is None and entry.kind.is_picture and isinstance(spec.trial.get(entry.name), str)
    cut = bool(entry.kind.cut_from) and not entry.kind.advanced
    return entry.default is REQUIRED or cut or empty or left_out


def _option(spec: EditorSpec, entry: Input, made: str) -> str:
    option, name = entry.kind.option(), f"--{entry.name.replace('_', '-')}"
    if option.repeated:
        return f"{name.removesuffix('s')} {option.example}"
    return f"{name} {shlex.quote(value_of(spec, entry, made))}"


def value_of(spec: EditorSpec, entry: Input, made: str) -> str:
    """A value that the input takes: of the face, of the bundled pictures, of the editor's own trial."""
    kind, trial = entry.kind, spec.trial.get(entry.name)
    if kind.cut_from:
        return PHOTO
    if kind.is_picture:
        if made and (entry.name == "subject" or kind.needs_latent):
            return made
        offered = collection(str(kind.describe().get("samples", "")))
        return f"sample:{offered[0].id}" if offered else "photo.jpg"
    if kind.is_mark and made:
        return NOSE
    if trial is not None and kind.example() is None:
        return _written(trial)
    return kind.option().example or "…"


def _parsing(entry: Input) -> str:
    """The command that makes a value of a picture."""
    return f"facet {entry.kind.read_by} --subject face.png -o {entry.kind.option().example}"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
