"""The photographs' trunk against the puppets' network and a random one: ``python benchmarks/features.py``.

    python benchmarks/features.py [--quick] [--json]

Of photographs and paintings that none of them learnt from: how well pixels and hues come back from each tap (a linear
map fitted on other pictures, the same for all three; and what the trunk's own decoders give, which see the colours
besides), how often a mild distortion is nearer than a harsh one of the same mean square error, how often crops in grey
are given to their own painter, and processor time at 256 pixels.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.features_tests import Taps, distorted, read_out, two_alternatives  # noqa: E402
from benchmarks.puppets_features import milliseconds  # noqa: E402
from benchmarks.style_families import CHEAP, grey, pieces  # noqa: E402
from benchmarks.tables import table  # noqa: E402
from nets.features import FeatureNet  # noqa: E402
from training.features.data import FAMILIES, HELD_OUT_SEED, painting  # noqa: E402
from training.features.export import read_features  # noqa: E402
from training.features.figures import by_gram, by_moments, nearest_centroid  # noqa: E402
from training.trunk.convert import read_trunk  # noqa: E402
from training.trunk.export import photograph, read_decoders, reconstruction  # noqa: E402

WEIGHTS, SAMPLES = ROOT / "assets" / "weights", ROOT / "assets" / "samples"
ERRORS = (0.003, 0.012)
"""Mean square errors, of pixels in -1..1: about 5 and 11 % of the range."""


def networks() -> dict[str, Taps]:
    """Each gives relu1_1 to relu4_1."""
    torch.manual_seed(0)
    trunk, puppets = read_trunk(WEIGHTS / "vgg16_edges"), read_features(WEIGHTS / "puppets_features")
    random = FeatureNet(trunk.config).eval().requires_grad_(False)
    return {
        "VGG-16 on edges": lambda x: trunk(x, 4),
        "puppets' network": lambda x: puppets(x, 4),
        "random, same shape": lambda x: random(x, 4),
    }


def squares(quick: bool) -> tuple[Tensor, Tensor]:
    """Pictures [n, 3, 128, 128] to fit a read-out on, and to try it on: photographs and paintings."""
    names = sorted(SAMPLES.glob("*.webp"))
    photographs = torch.cat([photograph(path, 256)[:, :, 64:192, 64:192] for path in names])
    families = CHEAP if quick else FAMILIES
    painted = np.stack([painting(name, HELD_OUT_SEED, 128) for name in families])
    rows = torch.from_numpy(painted).float() / 127.5 - 1
    return torch.cat([photographs[:4], rows[::2]]), torch.cat([photographs[4:], rows[1::2]])


Crops = tuple[Tensor, Tensor]
"""Pictures in grey, and the numbers of their painters."""


def crops(families: tuple[str, ...], each: int) -> tuple[Crops, Crops]:
    """Those that centroids are taken of, and those that are asked."""
    known, asked = (pieces(families, HELD_OUT_SEED + n * each, each) for n in (0, 1))
    return (grey(known[0]), known[1]), (grey(asked[0]), asked[1])


def painters(taps: Taps, known: Crops, asked: Crops) -> dict[str, float]:
    """Share of grey crops whose nearest centroid is their own painter's."""
    ways = {"mean and deviation": by_moments(taps), "Gram": by_gram(taps)}
    found = {name: nearest_centroid(way, *known, *asked) for name, way in ways.items()}
    return {name: round(share, 4) for name, share in found.items()}


@torch.no_grad()
def measure(quick: bool) -> dict[str, Any]:
    """All figures. Pictures are painted and distorted once, for all networks."""
    known, asked = squares(quick)
    shown = [
        photograph(SAMPLES / f"{n}.webp", 160) for n in ("chelsea", "coffee", "lake", "hopper")[: 2 if quick else 4]
    ]
    variants = distorted(shown, ERRORS[:1] if quick else ERRORS)
    of_painters = crops(CHEAP if quick else FAMILIES, 1 if quick else 2)
    found: dict[str, Any] = {}
    for name, taps in networks().items():
        blank = torch.zeros(1, 3, 256, 256)
        found[name] = {
            **read_out(taps, known, asked),
            "mild_is_nearer": two_alternatives(taps, variants),
            "own_painter_in_grey": painters(taps, *of_painters),
            "ms_at_256": milliseconds(lambda taps=taps, blank=blank: taps(blank), 3),
        }
    folder = WEIGHTS / "vgg16_edges_decoders"
    if (folder / "card.json").is_file():
        found["decoders"] = reconstruction(read_trunk(WEIGHTS / "vgg16_edges"), read_decoders(folder), SAMPLES)
    return found


def show(found: dict[str, Any]) -> None:
    """Prints the tables."""
    names = [name for name in found if name != "decoders"]
    taps = ["relu1_1", "relu2_1", "relu3_1", "relu4_1"]
    print(table("PSNR in dB, linear", taps, {name: found[name]["psnr_db"] for name in names}))
    if "decoders" in found:
        print(table("with its decoders", taps, {"VGG-16 on edges": found["decoders"]}))
    print(table("\nhue error in degrees", taps, {name: found[name]["hue_degrees"] for name in names}))
    pairs = list(found[names[0]]["mild_is_nearer"])
    rows = {pair: [found[name]["mild_is_nearer"].get(pair) for name in names] for pair in pairs}
    print("\n" + table("which is nearer", names, rows))
    rest = {key: [found[name]["own_painter_in_grey"][key] for name in names] for key in ("mean and deviation", "Gram")}
    print("\n" + table("own painter, in grey", names, rest | {"ms at 256 px": [found[n]["ms_at_256"] for n in names]}))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pictures and painters")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = measure(options.quick)
    show(found)
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
