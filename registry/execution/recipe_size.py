"""Whether the recipe of an edit will fit into its picture, judged before any work is done.

A PNG whose text unpacks to more than 1 MiB (1,048,576 bytes) is refused by Pillow, and so by most programs that read
pictures in Python: nobody could open the result.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from registry.errors import BadInput
from registry.plugins import EditorSpec
from registry.subjects import Subject

MOST_BYTES = 1_000_000
"""Most bytes of the lineage in a picture."""

ROOM = 50_000  # for what only the run adds: weights, facts, sizes


def check_recipe_size(spec: EditorSpec, checked: Mapping[str, Any]) -> None:
    """Judge the lineage that a run with these inputs would write.

    Raises:
        BadInput: it would be larger than `MOST_BYTES`; names the largest input, or the subject with its history.
    """
    subject = checked.get("subject")
    lineage = subject.lineage if isinstance(subject, Subject) else ()
    sizes = {name: json_size(value) for name, value in spec.record(checked).items()}
    before = json_size(list(lineage))
    if before + sum(sizes.values()) + ROOM <= MOST_BYTES:
        return
    largest = max(sizes, key=lambda name: sizes[name])
    if sizes[largest] >= before:
        why = (
            f"would take {sizes[largest] / 1e6:.1f} MB of the picture's recipe, which has room for {MOST_BYTES / 1e6:g}"
        )
        raise BadInput(largest, why, "Give a simpler or a shorter one.")
    why = f"carries the recipes of {len(lineage)} edits, {before / 1e6:.1f} MB; there is room for {MOST_BYTES / 1e6:g}"
    raise BadInput("subject", why, "Save it as a WebP or JPEG, which keep no recipes, and go on from that file.")


def fitting(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts that still leave the picture readable: a plugin may tell more of them than there is room for."""
    size = json_size(facts)
    if size <= ROOM // 2:
        return dict(facts)
    return {"left out": f"facts of {size / 1e6:.2f} MB, which the recipe has no room for"}


def json_size(value: Any) -> int:
    """Bytes that a value takes in a recipe."""
    return len(json.dumps(value, separators=(",", ":"), default=dict).encode())
