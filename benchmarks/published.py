"""Published translation networks at their true sizes: ``python benchmarks/published.py [--quick] [--json]``.

Weights are random, which changes neither size nor speed: parameters, megabytes in float32, and seconds of one thread
for 256 × 256 pixels (Real-ESRGAN: 64 × 64 that become 256 × 256); `--quick` leaves the largest networks out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import table  # noqa: E402
from nets import translation as t  # noqa: E402

GLOBAL = t.ResnetConfig(inputs=36, downs=4)
NETS: dict[str, tuple[Callable[[], nn.Module], tuple[int, int]]] = {
    "CycleGAN, 9 blocks": (lambda: t.Resnet(t.ResnetConfig()), (3, 256)),
    "CycleGAN, 6 blocks": (lambda: t.Resnet(t.ResnetConfig(blocks=6)), (3, 256)),
    "CUT, 9 blocks": (lambda: t.Resnet(t.ResnetConfig(down="antialias", up="antialias")), (3, 256)),
    "pix2pix, unet_256": (lambda: t.Unet(t.UnetConfig()), (3, 256)),
    "AnimeGANv2": (t.AnimeGan, (3, 256)),
    "pix2pixHD, global": (lambda: t.Resnet(GLOBAL), (36, 256)),
    "pix2pixHD, local": (lambda: t.Enhanced(t.EnhancedConfig(GLOBAL)), (36, 256)),
    "SPADE, COCO-Stuff": (lambda: t.SpadeGenerator(t.SpadeConfig(184)), (184, 256)),
    "SPADE, ADE20K": (lambda: t.SpadeGenerator(t.SpadeConfig(151)), (151, 256)),
    "SPADE, cityscapes": (lambda: t.SpadeGenerator(t.SpadeConfig(36, ups=6)), (36, 256)),
    "CLADE, ADE20K": (lambda: t.SpadeGenerator(t.SpadeConfig(151, kind="clade")), (151, 256)),
    "Real-ESRGAN ×4": (t.Rrdb, (3, 64)),
    "Real-ESRGAN ×4, compact": (lambda: t.Compact(layers=32), (3, 64)),
}
LARGE = ("pix2pixHD, local", "SPADE, COCO-Stuff", "SPADE, cityscapes")


def filled(make: Callable[[], nn.Module]) -> nn.Module:
    """The network with small random weights."""
    with torch.device("meta"):
        net = make()
    net = net.to_empty(device="cpu").eval().requires_grad_(False)
    for name, value in net.state_dict().items():
        value.fill_(1.0) if name.endswith("running_var") else value.normal_(0, 0.02)
    return net


def given(channels: int, side: int) -> Tensor:
    """A picture, or a label map in blocks."""
    if channels == 3:
        return torch.rand(1, 3, side, side)
    classes = torch.randint(channels, (1, side // 32, side // 32)).repeat_interleave(32, 1).repeat_interleave(32, 2)
    return nn.functional.one_hot(classes, channels).permute(0, 3, 1, 2).float()


def measured(name: str) -> list[float]:
    """Millions of parameters, megabytes, and processor seconds of the second pass."""
    make, size = NETS[name]
    net, x = filled(make), given(*size)
    count = sum(value.numel() for value in net.parameters())
    with torch.inference_mode():
        net(x)
        started = time.process_time()
        net(x)
    return [count / 1e6, count * 4 / 1e6, time.process_time() - started]


def main() -> None:
    """Print a row for each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the largest networks")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = {name: measured(name) for name in NETS if not (chosen.quick and name in LARGE)}
    print(table("network", ["M parameters", "MB", "s"], rows))
    if chosen.json:
        print(
            json.dumps(
                {name: dict(zip(("parameters_m", "mb", "seconds"), row, strict=True)) for name, row in rows.items()}
            )
        )


if __name__ == "__main__":
    main()
