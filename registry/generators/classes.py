"""Classes of a conditional generator: which one a run draws, and that there is one of that number."""

from __future__ import annotations

from typing import Any

from registry.errors import BadInput
from registry.subjects import GeneratorRef

OWN_CLASS = -1
"""What an input for a class holds where the picture's own is meant."""


def class_of(generator: Any, wanted: int, ref: GeneratorRef | None = None, field: str = "label") -> int | None:
    """The class to draw, from 0; None for a generator that has no classes, whatever was asked for.

    Args:
        generator: has `config.c_dim`, the number of its classes.
        wanted: the input; `OWN_CLASS` for that of the picture which `ref` belongs to.
        ref: of that picture's latent.
        field: the input's name.

    Raises:
        BadInput: there is no such class, or the picture does not say its own.
    """
    classes = int(generator.config.c_dim)
    if not classes:
        return None
    some = f"Choose one from 0 to {classes - 1}."
    if wanted == OWN_CLASS:
        own = ref.label if ref is not None else None
        if own is None or not 0 <= own < classes:
            raise BadInput(field, f"is left to the picture, which does not say which of {classes} classes it is", some)
        return own
    if not 0 <= wanted < classes:
        raise BadInput(field, f"is {wanted}, but this generator has {classes} classes, 0 to {classes - 1}", some)
    return wanted
