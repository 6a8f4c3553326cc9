"""The example at the end of an editor's ``--help``: commands that work as they stand, one after the other."""

from __future__ import annotations

import json
import shlex
from typing import Any

from facet import (
    Choice,
    EditorSpec,
    FilmFormat,
    Input,
    Labels,
    Latent,
    Origin,
    Picture,
    Points,
    Slider,
    Strengths,
    Text,
)
from registry.samples import collection
from registry.spec import REQUIRED
from surfaces.cli.parser import text

FACE = "facet latent --seed 3 --gallery 1 -o face.png"
NOSE = "[[146, 148, 122, 152]]"  # of that face: the tip of its nose, to the left
PHOTO = "sample:astronaut"


def example(spec: EditorSpec) -> str:
    """What to type: first, where the editor needs it, the picture with a code or the one that was brought in."""
    needed = [entry for entry in spec.inputs if _is_needed(spec, entry)]
    before = []
    if any(isinstance(entry.kind, Latent) for entry in needed):
        before = [FACE]
    if any(isinstance(entry.kind, Origin) for entry in needed):
        before = [f"facet invert --subject {PHOTO} -o face.png"]
    given = " ".join(_option(spec, entry, "face.png" if before else "") for entry in needed)
    film = any(isinstance(entry.kind, FilmFormat) and not entry.kind.optional for entry in spec.inputs)
    last = f"facet {spec.id} {given} -o {'out.mp4' if film else 'out.png'}".replace("  -o", " -o")
    return text("\n  ".join([f"example{'s' if before else ''}:", *before, last]))


def _is_needed(spec: EditorSpec, entry: Input) -> bool:
    """Whether a command says nothing without it: no default, or an empty text where the editor's own trial has one."""
    empty = isinstance(entry.kind, Text) and entry.default == "" and entry.name in spec.trial and len(spec.trial) == 1
    return entry.default is REQUIRED or isinstance(entry.kind, Origin) or empty


def _option(spec: EditorSpec, entry: Input, made: str) -> str:
    name = f"--{entry.name.replace('_', '-')}"
    if isinstance(entry.kind, Strengths):
        return f"{name.removesuffix('s')} smile=1"
    return f"{name} {shlex.quote(_value(spec, entry, made))}"


def _value(spec: EditorSpec, entry: Input, made: str) -> str:
    """A value that the input takes: of the face, of the bundled pictures, of the editor's own trial."""
    kind, trial = entry.kind, spec.trial.get(entry.name)
    if isinstance(kind, Origin):
        return PHOTO
    if isinstance(kind, Picture):
        if made and (entry.name == "subject" or isinstance(kind, Latent)):
            return made
        offered = collection(kind.samples)
        return f"sample:{offered[0].id}" if offered else "photo.jpg"
    if isinstance(kind, Points):
        return NOSE if made else "[[40, 50, 60, 50]]"
    if trial is not None:
        return _written(trial)
    if isinstance(kind, Slider):
        return f"{kind.low:g}"
    if isinstance(kind, Choice):
        return next(iter(kind.labels))
    return "labels.csv" if isinstance(kind, Labels) else "…"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
