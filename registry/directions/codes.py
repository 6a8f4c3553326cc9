"""The codes of several pictures, side by side in one generator's W+."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from registry.errors import BadInput
from registry.generators import w_space
from registry.subjects import Subject


def codes_of(subject: Subject, **others: Subject | None) -> NDArray[np.float32]:
    """w_plus of a picture and of further ones by input name, [K, num_ws, w_dim]; those that are None are left out.

    Generators that share a W space understand each other's codes. Rows are those of the subject's generator: one that
    draws smaller pictures has fewer, and its last row then serves the finer layers too; those of a larger one are left
    out.

    Raises:
        BadInput: a picture has no code, or one of another W space, which would mean nothing in the subject's.
    """
    found: list[NDArray[np.float32]] = []
    for name, picture in {"subject": subject, **others}.items():
        if picture is None:
            continue
        if picture.latent is None or picture.generator is None:
            raise BadInput(name, "has no latent code, which this editor needs", "Make a portrait, or bring it in.")
        own = subject.generator or picture.generator
        if picture.generator.id != own.id and w_space(picture.generator.id) != w_space(own.id):
            why = f"belongs to the generator {picture.generator.id!r}, but the subject to {own.id!r}"
            raise BadInput(name, why, "Choose two pictures of the same generator.")
        code = picture.latent
        if found and picture.generator.id != own.id:
            code = with_rows(code, len(found[0]))
        if found and code.shape != found[0].shape:
            raise BadInput(name, "has a code of another shape than the subject's", "Make it again.")
        found.append(code)
    return np.stack(found)


def with_rows(code: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    """A code [k, w_dim] with as many rows as a generator of the same W space takes, the last one repeated."""
    return code[np.minimum(np.arange(rows), len(code) - 1)]
