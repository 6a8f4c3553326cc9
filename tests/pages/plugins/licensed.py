"""An editor whose first weights may not be used for everything; those that come with it stand in."""

import hashlib
import os
from pathlib import Path

import torch
from safetensors.torch import save

from facet import Net, Step, Subject, Weights, editor, hookimpl

STAND_IN = Path(os.environ["FACET_HOME"]) / "stand_in.safetensors"
STAND_IN.write_bytes(save({"gain": torch.tensor([0.5])}))
TOY = Weights("owner/toy", "toy.safetensors", licence="Only for fun", non_commercial=True, title="Toy net")
OWN = Weights(
    "", str(STAND_IN), sha256=hashlib.sha256(STAND_IN.read_bytes()).hexdigest(), licence="CC0", title="Stand-in"
)


def gain(tensors):
    """The one number in the file."""
    return tensors.group("")["gain"]


@editor("licensed", "Licensed", task="dim", gpu_seconds=0, nets=(Net("gain", gain, (TOY, OWN)),))
def licensed(ctx, *, subject: Subject):
    """Dim a picture by what a network says."""
    dim = subject.tensor()[0] * ctx.net("gain")
    yield Step(dim, 1.0, images={"dim": dim, "as it was": subject.image})


@hookimpl
def register_editors():
    """One editor."""
    return [licensed]
