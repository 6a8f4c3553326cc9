"""Converts the published MTCNN weights once, from the wheel of facenet-pytorch, into embedded weights.

``pip download --no-deps facenet-pytorch==2.6.0``, then ``python -m training.mtcnn --wheel FILE --out
assets/weights/mtcnn``: reads the three state dicts as data, renames their tensors, rounds them to half precision, and
writes safetensors, card, golden outputs and the licence text. Nothing is trained.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.mtcnn import Mtcnn, from_state, to_state
from training.generator.export import CARD, sha256

WEIGHTS, GOLDEN, LICENCE = "mtcnn.safetensors", "golden.safetensors", "LICENSE.md"
PARTS = {"proposal": "pnet", "closer": "rnet", "closest": "onet"}
HEADS = {
    "proposal": {"face": "conv4_1", "box": "conv4_2"},
    "closer": {"dense.0": "dense4", "dense.1": "prelu4", "face": "dense5_1", "box": "dense5_2"},
    "closest": {
        "dense.0": "dense5",
        "dense.1": "prelu5",
        "face": "dense6_1",
        "box": "dense6_2",
        "points": "dense6_3",
    },
}
CARD_FACTS = {
    "name": "MTCNN",
    "licence": "MIT",
    "attribution": "Copyright (c) 2019 Timothy Esler, facenet-pytorch; MTCNN by Zhang et al. 2016",
    "what": "Three small networks that find faces in photographs, with eyes, nose and mouth corners of each.",
    "origin": "facenet-pytorch 2.6.0 (https://github.com/timesler/facenet-pytorch), data/pnet.pt, rnet.pt, onet.pt; "
    "ported there from David Sandberg's facenet (MIT), which has them from the authors",
    "changes": "tensors renamed, rounded to half precision, stored as safetensors; nothing was trained",
    "made_by": ["python -m training.mtcnn"],
}


def read_wheel(wheel: Path) -> tuple[dict[str, dict[str, Tensor]], str, dict[str, str]]:
    """The three state dicts by our names, the licence text, and the sha256 of each file. Only tensors are read."""
    states, sums, licence = {}, {}, ""
    with zipfile.ZipFile(wheel) as archive:
        for ours, theirs in PARTS.items():
            content = archive.read(f"facenet_pytorch/data/{theirs}.pt")
            sums[f"{theirs}.pt"] = hashlib.sha256(content).hexdigest()
            states[ours] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        name = next(name for name in archive.namelist() if name.endswith(f"dist-info/{LICENCE}"))
        licence = archive.read(name).decode()
    return states, licence, sums


def renamed(part: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """One of the three, with its tensors under the names of `nets.mtcnn.network`."""
    convolutions = sum(1 for name in state if name.startswith("conv") and name.endswith(".weight"))
    convolutions -= sum(1 for theirs in HEADS[part].values() if theirs.startswith("conv"))
    names, at = dict(HEADS[part]), 0
    pooled = {"proposal": {1}, "closer": {1, 2}, "closest": {1, 2, 3}}[part]
    for number in range(1, convolutions + 1):
        names |= {f"layers.{at}": f"conv{number}", f"layers.{at + 1}": f"prelu{number}"}
        at += 3 if number in pooled else 2
    theirs_to_ours = {theirs: ours for ours, theirs in names.items()}
    found = {}
    for name, value in state.items():
        layer, _, kind = name.rpartition(".")
        found[f"{part}.{theirs_to_ours[layer]}.{kind}"] = value
    return found


def golden(net: Mtcnn) -> dict[str, Tensor]:
    """What the three networks say of noise that a seed fixes."""
    random, found = torch.Generator().manual_seed(7), {}
    with torch.no_grad():
        face, box = net.proposal(torch.rand(1, 3, 30, 40, generator=random) * 2 - 1)
        found |= {"proposal.face": face, "proposal.box": box}
        for name, side in (("closer", 24), ("closest", 48)):
            face, box, points = getattr(net, name)(torch.rand(4, 3, side, side, generator=random) * 2 - 1)
            found |= {f"{name}.face": face, f"{name}.box": box}
            found |= {} if points is None else {f"{name}.points": points}
    return {name: value.contiguous() for name, value in found.items()}


def read_mtcnn(folder: Path) -> Mtcnn:
    """The network as the product reads it."""
    with safe_open(folder / WEIGHTS, "pt") as file:
        metadata = file.metadata()
    return from_state(load_file(folder / WEIGHTS), metadata)


def main() -> None:
    """Reads the command line and converts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("assets/weights/mtcnn"))
    args = parser.parse_args()
    states, licence, sums = read_wheel(args.wheel)
    net = Mtcnn()
    net.load_state_dict({name: value for part in PARTS for name, value in renamed(part, states[part]).items()})
    args.out.mkdir(parents=True, exist_ok=True)
    tensors, metadata = to_state(net)
    save_file(tensors, args.out / WEIGHTS, metadata)
    save_file(golden(read_mtcnn(args.out)), args.out / GOLDEN)
    (args.out / LICENCE).write_text(licence)
    files = {}
    for name in (WEIGHTS, GOLDEN, LICENCE):
        (args.out / name).chmod(0o644)
        files[name] = {"sha256": sha256(args.out / name), "size": (args.out / name).stat().st_size}
    card = {**CARD_FACTS, "converted_from": sums, "files": files}
    (args.out / CARD).write_text(json.dumps(card, indent=1) + "\n")
    print(json.dumps(files))


if __name__ == "__main__":
    main()
