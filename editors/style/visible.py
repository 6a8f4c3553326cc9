"""What is clear in a style or in a subject takes no part in anything; and the subject itself is no style."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from facet import BadInput, Subject
from nets.seen import filled


def cloud(subject: Subject) -> Tensor:
    """The colours that can be seen, RGB in 0..1: [1, 3, 1, n], or the whole picture [1, 3, h, w] if all is opaque."""
    if subject.visible is None:
        return subject.tensor()
    return torch.from_numpy(subject.colours[subject.visible]).T[None, :, None].float() / 255


def cut(subject: Subject, device: str = "cpu") -> tuple[Tensor, Tensor | None]:
    """The picture [1, 3, h, w] in 0..1 cut to what can be seen, and which pixels of it are ([1, 1, h, w]; None: all).

    Its clear pixels hold colours of their surroundings.
    """
    visible = subject.visible
    if visible is None:
        return subject.tensor(device), None
    rows, columns = (np.flatnonzero(visible.any(axis)) for axis in (1, 0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    picture = torch.from_numpy(subject.colours[box].copy()).permute(2, 0, 1)[None].float().div_(255).to(device)
    seen = torch.from_numpy(visible[box].copy())[None, None].float().to(device)
    return (picture, None) if seen.all() else (filled(picture, seen), seen)


def whole(subject: Subject, device: str = "cpu") -> tuple[Tensor, Tensor | None]:
    """The picture [1, 3, h, w] in 0..1 and which of its pixels can be seen, as `cut` has them, but not cut."""
    if subject.visible is None or subject.visible.all():
        return subject.tensor(device), None
    picture = torch.from_numpy(subject.colours.copy()).permute(2, 0, 1)[None].float().div_(255).to(device)
    seen = torch.from_numpy(subject.visible.copy())[None, None].float().to(device)
    return filled(picture, seen), seen


def refuse_same(subject: Subject, style: Subject, field: str) -> None:
    """Raise BadInput for a style that is the subject itself."""
    if subject.sha256 == style.sha256:
        raise BadInput(field, "is the same picture as the subject", "Choose another picture for the style.")
