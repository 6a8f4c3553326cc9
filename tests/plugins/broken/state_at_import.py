"""Changes what all editors share while it is imported."""

import os
import sys
import warnings

import torch
from PIL import Image

from collections.abc import Iterator
from facet import Step, Subject, editor, hookimpl


def pretended(*arguments, **options):
    raise OSError("this Pillow opens nothing")


torch.set_default_dtype(torch.float64)
torch.set_num_threads(3)
os.chdir("/")
os.umask(0o000)
os.environ["FACET_OFFLINE"] = "1"
sys.setrecursionlimit(sys.getrecursionlimit() + 11)
warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = None
Image.open = pretended


@editor("state_at_import", "State at import", task="restyle")
def state_at_import(ctx, *, subject: Subject) -> Iterator[Step]:
    """Does as it should once it is loaded."""
    yield Step(subject.image, done=1)


@hookimpl
def register_editors():
    return [state_at_import]
