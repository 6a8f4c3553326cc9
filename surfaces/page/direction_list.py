"""What the browser is told about the generators there are, and the directions of the subject's. Gradio-free."""

from __future__ import annotations

from typing import Any

from registry.artifacts import found
from registry.directions import Direction, directions_of
from registry.generators import generators
from registry.inputs import YOURS, grouped
from surfaces.page.history.entry import Entry

FIRST = (
    "fitted here",
    "expression",
    "pose",
    "age and gender",
    "hair",
    "accessories",
    "make-up",
    "skin",
    "face",
    "light",
)
"""Headings in the order of the page; others follow."""

HARDLY = 0.2
"""A gain below this says more about the judges than about the direction."""


def generators_view(yours: bool = True) -> dict[str, Any]:
    """The generators there are now, by group, and what else edits have left, by kind.

    `yours`: with what edits of whoever asks have left.
    """
    kept: dict[str, list[list[str]]] = {}
    for each in found() if yours else ():
        kept.setdefault(each.kind, []).append([YOURS + each.sha256, each.name])
    return {"generators": grouped(generators(yours)), "kept": kept}


def offered_view(entry: Entry | None) -> dict[str, Any]:
    """The directions of a session's current picture by heading; sliders begin anew with `entry`, its number."""
    if entry is None or entry.subject.latent is None or entry.subject.generator is None:
        why = "No generator can draw this picture yet. Bring it in, or make a new portrait."
        return {
            "entry": entry.number if entry else 0,
            "groups": [],
            "note": why if entry else "Choose a picture first.",
        }
    generator = entry.subject.generator.id
    found: dict[str, list[dict[str, Any]]] = {}
    for direction in directions_of(generator).values():
        found.setdefault(direction.group, []).append(_row(direction))
    order = sorted(found, key=lambda group: FIRST.index(group) if group in FIRST else len(FIRST))
    note = "" if found else f"Nobody has fitted directions for {generator} yet. Fit one yourself in Fit a direction."
    groups = [{"title": group.capitalize(), "rows": found[group]} for group in order]
    return {"entry": entry.number, "groups": groups, "note": note}


def _row(direction: Direction) -> dict[str, Any]:
    unit = direction.unit
    return {
        "id": direction.id,
        "title": direction.title,
        "low": direction.low,
        "high": direction.high,
        "step": direction.step,
        "unit": unit,
        "says": says(direction),
    }


def says(direction: Direction) -> str:
    """What was measured about a direction, in a sentence or two."""
    parts = []
    if direction.gain is not None:
        hardly = abs(direction.gain) < HARDLY
        parts.append("The judges can hardly read it." if hardly else f"Does {direction.gain:.0%} of what it says.")
    strongest = sorted(direction.effects.items(), key=lambda row: -abs(row[1]))[:3]
    if shown := [f"{name.replace('_', ' ')} {share:+.0%}" for name, share in strongest if abs(share) >= 0.05]:
        parts.append(f"Over its whole range it also changes {', '.join(shown)}.")
    if "accuracy" in direction.facts:
        parts.append(f"Fitted here; held-out accuracy {float(direction.facts['accuracy']):.0%}.")
    if direction.attribution:
        parts.append(f"{direction.attribution}.")
    return " ".join(parts)
