"""Adapts the embedded puppets to one picture each and writes what was learned as an embedded generator.

``python -m training.adapted ink oil --run DIR`` trains on one thread, keeps its state in DIR every few steps and goes
on from there when it is called again; nothing is downloaded. It ends with a folder ``assets/weights/puppets_NAME``:
the delta in half precision, its card, and golden pictures of what the product makes of it.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file
from torch import Tensor

from nets.adapt import Manner, Painted, Plan, adapt
from nets.inversion.delta import state_delta, with_delta
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import codes, pictures
from training.generator.export import CARD, EDITING, GOLDEN, GOLDEN_SEEDS, sha256
from training.generator.student import GENERATOR, read_generator
from training.trunk.convert import read_trunk
from training.trunk.decoders import TRUNK
from training.trunk.pictures import ASSETS

BASE = ASSETS / "weights" / "puppets_256"
DELTA = "delta.safetensors"
MOST_BYTES = 1_500_000
KEPT_EVERY = 5
PSI = 0.8
PARTS = ("weights", "squares", "counts")
"""Of a state: the objective keeps none."""


class Kind(NamedTuple):
    """title: the end of the name of its generator. manner: how it is painted. strength: share of it that is kept."""

    title: str
    manner: Manner = Manner()
    strength: float = 1.0


KINDS = {
    "ink": Kind("in ink"),
    "oil": Kind("in oil", strength=0.6),
    "watercolour": Kind("in watercolour", Manner(palette=0.8)),
    "bronze": Kind("in bronze", Manner(palette=0.8)),
    "night": Kind("by night", Manner(palette=0.8), strength=0.65),
    "pencil": Kind("in coloured pencil", strength=0.6),
    "neon": Kind("in neon", Manner(palette=0.8), strength=0.8),
}
"""By the name of each style's picture in ``assets/styles``. The whole of the oil painting's dark palette would leave
dark faces unreadable and side effects of directions nearly twice as large."""


def reference(style: str) -> Tensor:
    """The style's picture, [1, 3, h, w] in 0..1."""
    image = Image.open(ASSETS / "styles" / f"{style}.webp").convert("RGB")
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255


def train(style: str, plan: Plan, run: Path) -> tuple[dict[str, Tensor], float]:
    """The delta and the seconds of processor time that it took, going on from what an earlier call left in `run`."""
    generator, kept = read_generator(BASE), run / f"{style}.safetensors"
    state, before = restore(kept)
    if state is None or state["step"] < plan.steps:
        objective = Painted(
            generator, read_trunk(TRUNK), reference(style), KINDS[style].manner, psi=plan.truncation_psi
        )
        started = time.process_time()
        for adapted in adapt(generator, objective, plan, state):
            if adapted.step % KEPT_EVERY == 0 or adapted.step == plan.steps:
                seconds = before + time.process_time() - started
                keep(kept, adapted.state(), seconds)
                print(f"{style}: {adapted.step} of {plan.steps}, loss {adapted.loss:.3f}, {seconds:.0f} s", flush=True)
        state, before = restore(kept)
    assert state is not None
    strength = KINDS[style].strength
    weights = {name: torch.from_numpy(value) for name, value in state["weights"].items()}
    after = {name: torch.lerp(generator.synthesis.get_parameter(name), weights[name], strength) for name in weights}
    found = state_delta({name: generator.synthesis.get_parameter(name) for name in after}, after)
    return {f"synthesis.{name}": value for name, value in found.items()}, before


def keep(path: Path, state: dict[str, Any], seconds: float) -> None:
    """Writes where training is, whole or not at all."""
    arrays = {f"{part} {name}": value for part in PARTS for name, value in state[part].items()}
    part = path.with_suffix(".part")
    save_arrays(arrays, part, {"step": str(state["step"]), "seconds": str(seconds)})
    part.replace(path)


def restore(path: Path) -> tuple[dict[str, Any] | None, float]:
    """What `keep` wrote, and the seconds until then; None where there is nothing yet."""
    if not path.is_file():
        return None, 0.0
    with safe_open(path, "np") as file:
        facts, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    state: dict[str, Any] = {part: {} for part in PARTS}
    for name, value in arrays.items():
        part, _, tensor = name.partition(" ")
        state[part][tensor] = value
    return state | {"step": int(facts["step"]), "objective": {}}, float(facts["seconds"])


def strip(generator: Generator) -> Image.Image:
    """The golden seeds side by side."""
    drawn = torch.cat(list(pictures(generator, codes(generator, GOLDEN_SEEDS, PSI), 128)), 2)
    return Image.fromarray((drawn * 255).round().to(torch.uint8).permute(1, 2, 0).numpy())


def export(style: str, delta: dict[str, Tensor], plan: Plan, seconds: float, out: Path) -> dict[str, Any]:
    """Writes the folder, and returns its card. The golden pictures come from the file as it will be read."""
    out.mkdir(parents=True, exist_ok=True)
    save_file(delta, out / DELTA, {"base": sha256(BASE / GENERATOR), "layout": "facet"})
    if (size := (out / DELTA).stat().st_size) > MOST_BYTES:
        raise SystemExit(f"{style}: {size} bytes, more than {MOST_BYTES}")
    generator = with_delta(read_generator(BASE), load_file(out / DELTA))
    strip(generator).save(out / GOLDEN, lossless=True)
    for name in (DELTA, GOLDEN):
        (out / name).chmod(0o644)
    kind = KINDS[style]
    picture = ASSETS / "styles" / f"{style}.webp"
    card = {
        "name": f"Puppets {kind.title}",
        "licence": "Apache-2.0",
        "what": f"Puppets 256 adapted to one picture, “{picture.name}” of the bundled styles. No photograph.",
        "base": {"file": f"{BASE.name}/{GENERATOR}", "sha256": sha256(BASE / GENERATOR)},
        "reference": {"file": f"styles/{picture.name}", "sha256": sha256(picture), "licence": "CC0-1.0"},
        "made_by": [f"python -m training.adapted {style} --steps {plan.steps}"],
        "trained_on": {"people": plan.steps * plan.batch, "processor_seconds": round(seconds)},
        "files": {
            name: {"sha256": sha256(out / name), "size": (out / name).stat().st_size} for name in (DELTA, GOLDEN)
        },
        "editing": EDITING | {"drag": json.loads((BASE / CARD).read_text())["editing"]["drag"]},
        "config": {"plan": vars(plan), "manner": vars(kind.manner), "strength": kind.strength},
    }
    (out / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return card


def main() -> None:
    """Reads the command line, trains and exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("styles", nargs="+", choices=KINDS)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--run", type=Path, required=True, help="where the state of training is kept")
    parser.add_argument("--out", type=Path, default=ASSETS / "weights")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.run.mkdir(parents=True, exist_ok=True)
    for style in args.styles:
        plan = Plan(steps=args.steps, truncation_psi=PSI)
        delta, seconds = train(style, plan, args.run)
        card = export(style, delta, plan, seconds, args.out / f"puppets_{style}")
        print(style, card["files"][DELTA]["size"], "bytes,", card["trained_on"]["processor_seconds"], "s")


if __name__ == "__main__":
    main()
