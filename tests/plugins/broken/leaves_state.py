"""Leaves behind what all editors share: one setting for each choice."""

import io
import locale
import os
import random
import sys
import warnings

import numpy as np
import torch
from PIL import Image, ImageFile

from typing import Annotated
from facet import Choice, Step, Subject, editor, hookimpl
from collections.abc import Iterator


def pretended(*arguments, **options):
    raise OSError("this Pillow opens nothing")


LEAKS = {
    "dtype": lambda: torch.set_default_dtype(torch.float64),
    "mkldnn": lambda: setattr(torch.backends.mkldnn, "enabled", False),
    "matmul": lambda: torch.set_float32_matmul_precision("medium"),
    "deterministic": lambda: torch.use_deterministic_algorithms(True),
    "grad": lambda: torch.set_grad_enabled(False),
    "threads": lambda: torch.set_num_threads(3),
    "folder": lambda: os.chdir("/"),
    "umask": lambda: os.umask(0o000),
    "environ": lambda: os.environ.update(FACET_OFFLINE="1"),
    "stdout": lambda: setattr(sys, "stdout", io.StringIO()),
    "stderr": lambda: setattr(sys, "stderr", io.StringIO()),
    "recursion": lambda: sys.setrecursionlimit(sys.getrecursionlimit() + 11),
    "pixels": lambda: setattr(Image, "MAX_IMAGE_PIXELS", None),
    "truncated": lambda: setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True),
    "warnings": lambda: warnings.simplefilter("ignore"),
    "errstate": lambda: np.seterr(all="raise"),
    "locale": lambda: locale.setlocale(locale.LC_ALL, "POSIX"),
    "pillow": lambda: setattr(Image, "open", pretended),
    "random": lambda: (random.seed(1), np.random.seed(1), torch.manual_seed(1)),
}


@editor("leaves_state", "Leaves state", task="restyle")
def leaves_state(
    ctx, *, subject: Subject, what: Annotated[str, Choice(tuple(LEAKS), doc="Which.")] = "dtype"
) -> Iterator[Step]:
    """Leaves behind what all editors share."""
    LEAKS[what]()
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [leaves_state]
