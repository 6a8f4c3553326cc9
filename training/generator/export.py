"""Writes a trained student as embedded weights: safetensors, card, golden outputs.

``python -m training.generator.export --run DIR --data DIR --out assets/weights/puppets_128`` fits the mapping network,
rounds all tensors to half precision, reads the file back as the product does, and measures what it read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from nets.stylegan2 import Generator
from nets.stylegan2.states import to_state
from training.controls import ControlEncoder, features
from training.dataset import Dataset
from training.generator.adversary import DISCRIMINATOR
from training.generator.losses import psnr, psnr_by_part
from training.generator.mapping import fit, latents_and_features
from training.generator.student import CONTROL_NET, GENERATOR, Student, read_controls, read_generator, smaller
from training.puppets import CONTROLS

CARD, GOLDEN = "card.json", "golden.webp"
GOLDEN_SEEDS = tuple(range(8))
DIRECTIONS = "python -m training.generator.directions"
MADE_BY = [
    "python -m training.generator.train --config training/configs/puppets_128.json",
    "python -m training.generator.export",
]
CONTINUED = [
    "python -m training.generator.train --config training/configs/puppets_128_polish.json --weights OUT",
    "python -m training.generator.export --continues",
]
TOGETHER = [
    "python -m training.generator.train --config training/configs/puppets_256.json --weights OUT",
    "python -m training.generator.export_finer",
    "python -m training.generator.train --config training/configs/puppets_both.json --weights OUT256 --controls OUT",
    "python -m training.generator.export --size 128",
]
"""What came before the directions, in order: `TOGETHER` when the part of a larger student is written."""
EDITING = {
    "drag": {
        "learning_rate": 0.01,
        "rows": 6,
        "feature_block": 64,
        "radius": 2,
        "axes": 48,
        "axes_rate": 0.02,
        "mask": "exact",
    },
    "truncation_psi": {"default": 0.8, "range": [0.0, 1.2]},
    "inversion": {"learning_rate": 0.03, "steps": 200},
}
"""What editors read: step size of Adam on w_plus, how many leading rows may move, features to track, patch radius."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_tensors(student: Student, out: Path, judge: dict[str, Tensor] | None = None) -> None:
    """Both networks, and the discriminator if there is one, as float16 safetensors."""
    net = student.generator
    half = {name: value.detach().half().contiguous() for name, value in to_state(net).items()}
    save_file(half, out / GENERATOR, {"config": net.config.to_json(), "layout": "facet"})
    half = {name: value.detach().half().contiguous() for name, value in student.controls.state_dict().items()}
    save_file(half, out / CONTROL_NET, {"controls": " ".join(c.name for c in CONTROLS)})
    written = [GENERATOR, CONTROL_NET]
    if judge:
        half = {name: value.detach().half().contiguous() for name, value in judge.items()}
        save_file(
            half,
            out / DISCRIMINATOR,
            {"what": "patch discriminator of training/generator/adversary.py, with part names"},
        )
        written.append(DISCRIMINATOR)
    for name in written:
        (out / name).chmod(0o644)


@torch.no_grad()
def golden(net: Generator) -> Tensor:
    """Pictures of the golden seeds, uint8 [n, s, s, 3], without truncation."""
    pictures = net(net.z(GOLDEN_SEEDS))
    return ((pictures.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1)


@torch.no_grad()
def held_out_figures(net: Generator, controls: ControlEncoder, data: Dataset, count: int) -> dict[str, Any]:
    """PSNR of G(E(controls)) against renders that training never saw, in all and by part."""
    made, wanted, parts = [], [], []
    for index in np.array_split(data.finished()[:count], max(1, count // 16)):
        params, images, numbers = data.batch(index)
        w = controls(features(params))
        made.append(net.synthesis(net.mapping.rows(w)))
        wanted.append(images)
        parts.append(numbers)
    a, b, c = torch.cat(made), torch.cat(wanted), torch.cat(parts)
    return {"pictures": len(a), "psnr_db": round(psnr(a, b), 2), "psnr_db_by_part": psnr_by_part(a, b, c)}


def w_statistics(net: Generator, samples: int = 4096) -> dict[str, float]:
    """How W is spread: editors scale their steps and pulls by it."""
    z = torch.randn(samples, net.config.z_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        w = net.mapping.w(z)
    values = torch.linalg.eigvalsh(torch.cov((w - w.mean(0)).T)).clamp(min=0)
    return {
        "mean_norm": round(w.mean(0).norm().item(), 3),
        "deviation": round(w.std(0).mean().item(), 4),
        "distance_between_samples": round((w[::2] - w[1::2]).norm(dim=1).mean().item(), 3),
        "effective_rank": round((values.sum().square() / values.square().sum()).item(), 1),
    }


def trained_on(state: dict[str, Any], data: Dataset, held_out: int, after: list[Path]) -> dict[str, int]:
    """How much a run drew, with what the weights from which it went on had drawn before."""
    before = [json.loads((folder / CARD).read_text())["trained_on"] for folder in after]
    return {
        "pictures_drawn": state["images"] + sum(one["pictures_drawn"] for one in before),
        "renders": len(data.finished()) - held_out,
        "seconds": round(state["seconds"] + sum(one["seconds"] for one in before)),
    }


def went_on(before: dict[str, Any], config: Path, own: str, *export: str) -> dict[str, Any]:
    """``made_by`` and ``route`` of weights that learned on with W fixed, as ``before``, the card till now, tells them.

    ``own`` are the options that name the weights of the start; the configuration has its own words for its route.
    """
    made_by = [line for line in before["made_by"] if line != DIRECTIONS]
    command = f"python -m training.generator.train --config training/configs/{config.name} {own}"
    route = json.loads(config.read_text())["route"]
    return {"made_by": [*made_by, command, *export], "route": f"{before['route']}; then {route}"}


def card(out: Path, config: dict[str, Any], facts: dict[str, Any], continued: bool, together: bool) -> dict[str, Any]:
    """The card that lies beside the weights."""
    made_by = [*MADE_BY, *(CONTINUED if continued or together else []), *(TOGETHER if together else [])]
    route = "distillation: controls -> w -> synthesis against renders, later with a patch adversary on the pairs; "
    route += "then z -> w by regression"
    if continued or together:
        route += "; then sharpened by distributions within small blocks"
    if together:
        route += "; then E and synthesis together, at 128 and 256 pixels, with controls kept legible in w"
    files = {
        p: {"sha256": sha256(out / p), "size": (out / p).stat().st_size}
        for p in (GENERATOR, CONTROL_NET, DISCRIMINATOR, GOLDEN)
        if (out / p).exists()
    }
    return {
        "name": "Puppets 128",
        "licence": "Apache-2.0",
        "what": "A StyleGAN2 generator of rendered puppet portraits, 128 x 128. No person, no photograph.",
        "made_by": [*made_by, DIRECTIONS],
        "data": "python -m training.dataset: renders of training/puppets, seed 1, with exact labels",
        "route": route,
        "files": files,
        "editing": EDITING,
        "config": config,
        **facts,
    }


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--config", type=Path, default=Path("training/configs/puppets_128.json"))
    parser.add_argument("--fit-seconds", type=float, help="for the mapping; 600, or 0 where the run --continues")
    parser.add_argument("--continues", action="store_true", help="the run started from OUT with fixed controls")
    parser.add_argument("--size", type=int, help="write the part of a larger student that draws pictures of this size")
    parser.add_argument("--after", type=Path, nargs="*", default=[], help="folders of weights from which it went on")
    parser.add_argument("--latents", type=int, default=80_000)
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    state = torch.load(args.run / "checkpoint.pt", weights_only=True)
    student = Student(config["generator"])
    student.load_state_dict(state["average"])
    if args.size:
        student, config["generator"] = smaller(student, config["generator"], args.size)
    z, seen = latents_and_features(args.latents, 77, args.data / "mapping_features.pt")
    after = [*args.after, *([args.out] if args.continues else [])]
    before = json.loads((args.out / CARD).read_text()) if args.continues and args.size else None
    history = trained_on(state, Dataset(args.data), config["held_out"], after)
    if args.continues:
        student.generator.mapping.load_state_dict(read_generator(args.out).mapping.state_dict())
    seconds = args.fit_seconds if args.fit_seconds is not None else 0 if args.continues else 600
    r2 = fit(student, z, seen, seconds, anew=not args.continues)
    args.out.mkdir(parents=True, exist_ok=True)
    write_tensors(student, args.out, state.get("adversary", {}).get("net"))
    net, controls, data = read_generator(args.out), read_controls(args.out), Dataset(args.data)
    pictures = golden(net).numpy()
    strip = np.concatenate(list(pictures), axis=1)
    Image.fromarray(strip).save(args.out / GOLDEN, lossless=True, quality=100, method=6)
    facts = {
        "trained_on": history,
        "held_out": held_out_figures(net, controls, data, config["held_out"]),
        "mapping_r2": round(r2, 4),
        "w": w_statistics(net),
        "golden": {"seeds": list(GOLDEN_SEEDS), "truncation_psi": 1.0, "noise_mode": "const"},
    }  # fmt: skip
    whole = card(args.out, config, facts, args.continues, bool(args.size))
    if before is not None:
        export = "python -m training.generator.export --size 128 --continues" + f" --fit-seconds {seconds:g}" * bool(
            seconds
        )
        whole |= went_on(before, args.config, "--weights OUT256 --controls OUT", export, DIRECTIONS)
    (args.out / CARD).write_text(json.dumps(whole, indent=2) + "\n")
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
