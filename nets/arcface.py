"""ArcFace (Deng et al. 2019): whose face it is, as a vector. IR-SE50 in the layout of the published checkpoint.

The network is the trunk of pSp and e4e (which began as this one), with a layer that flattens 7×7 places to 512 numbers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nets.contents import Contents
from nets.psp.trunk import trunk

WIDTHS = (64, 64, 128, 256, 512)
SIZE = 112
CROP = (35, 223, 32, 220)
"""Top, bottom, left and right of the face in an aligned picture of 256 pixels, as the inversion papers cut it."""


class ArcFace(nn.Module):
    """Faces → unit vectors; the dot product of two is the cosine that papers call identity."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS, embedding: int = 512) -> None:
        super().__init__()
        stem, last = widths[0], widths[-1]
        self.input_layer = nn.Sequential(nn.Conv2d(3, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.PReLU(stem))
        self.body = trunk(widths)
        places = (SIZE // 16) ** 2
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(last),
            nn.Identity(),
            nn.Flatten(),
            nn.Linear(last * places, embedding),
            nn.BatchNorm1d(embedding),
        )

    def forward(self, faces: Tensor) -> Tensor:
        """Cut faces [N, 3, 112, 112] in -1..1 → unit vectors [N, embedding]."""
        x = self.input_layer(faces)
        for block in self.body:
            x = block(x)
        return F.normalize(self.output_layer(x), dim=1)


def cut(pictures: Tensor) -> Tensor:
    """The faces [N, 3, 112, 112] of pictures [N, 3, h, w] that are aligned as in FFHQ."""
    square = F.interpolate(pictures, (256, 256), mode="bilinear", antialias=True, align_corners=False)
    top, bottom, left, right = CROP
    return F.adaptive_avg_pool2d(square[:, :, top:bottom, left:right], SIZE)


def from_contents(contents: Contents) -> ArcFace:
    """The network in a file that has been read. Raises ValueError for anything else."""
    state = contents.tensors.get("", {}) or contents.tensors.get("state_dict", {})
    if "output_layer.3.weight" not in state or "input_layer.0.weight" not in state:
        raise ValueError("it is no IR-SE50 of ArcFace: its first or last layer is missing")
    firsts = ("input_layer.0.weight", *(f"body.{block}.res_layer.1.weight" for block in (0, 3, 7, 21)))
    if missing := [name for name in firsts if name not in state]:
        raise ValueError(f"it is no IR-SE50 of ArcFace: {missing[0]} is missing")
    with torch.device("meta"):
        net = ArcFace(tuple(len(state[name]) for name in firsts), len(state["output_layer.3.weight"]))
    wanted, zero = net.state_dict(), torch.zeros((), dtype=torch.long)
    counters = {name: zero for name in wanted if name.endswith("num_batches_tracked")}
    ours = counters | {name: state[name] for name in wanted if name in state}
    if wrong := [name for name in wanted if name not in ours or ours[name].shape != wanted[name].shape]:
        raise ValueError(f"it is no IR-SE50 of ArcFace: {wrong[0]} is missing or has another shape")
    net.load_state_dict({name: ours[name].clone() for name in wanted}, assign=True)
    return net.eval()
