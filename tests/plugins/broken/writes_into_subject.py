"""Writes into the picture it is given: torch can where NumPy may not."""

import warnings

import numpy as np
import torch

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl

warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)


@editor("writes_into_subject", "Writes into subject", task="restyle")
def writes_into_subject(ctx, *, subject: Subject) -> Iterator[Step]:
    """Writes into the picture it is given."""
    torch.from_numpy(subject.pixels).fill_(7)
    yield Step(np.full_like(subject.pixels, 200), done=1)


@hookimpl
def register_editors():
    return [writes_into_subject]
