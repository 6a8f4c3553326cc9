"""Trains the fast style network on the photographs' trunk.

``python -m training.fast_style.train --pictures DIR --run DIR`` starts, or goes on from the run's checkpoint. DIR was
filled by `training.trunk.pictures`; the styles are bundled style pictures. Every style comes equally often (Dumoulin,
Shlens and Kudlur 2017, with the losses of Johnson et al. 2016). ``python -m training.fast_style.export`` writes the
weights.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from nets.fast_style import FastStyle, FastStyleConfig, Objective, Weights, grain, looked_up, palette_of
from training.optimiser import Optimisers
from training.trunk.convert import read_trunk
from training.trunk.decoders import TRUNK
from training.trunk.pictures import ASSETS, Pictures


def style_picture(name: str, size: int) -> Tensor:
    """A bundled style picture [1, 3, size, size] in -1..1."""
    image = Image.open(ASSETS / "styles" / f"{name}.webp").convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1


class Adam(torch.optim.Adam):
    """Adam for scales and shifts, which are no matrices."""

    def __init__(self, rows: list[torch.nn.Parameter]) -> None:
        super().__init__(rows, lr=0.0, betas=(0.9, 0.99))

    def update(self, lr: float) -> None:
        """As `Optimisers.step`."""
        self.param_groups[0]["lr"] = lr
        self.step()
        self.zero_grad(set_to_none=True)


class Trainer:
    """The training of one style: its network, the moving average, which is exported, and how many pictures it has seen.

    Args:
        config: the file of the whole training.
        path: of the checkpoint.
        style: which of its styles.
        first: the state of another style's run, whose network it begins with; None: a new one.
        images: how many pictures it looks at.
    """

    def __init__(
        self,
        config: dict[str, Any],
        trunk: Path,
        pictures: Pictures,
        path: Path,
        style: str,
        images: int,
        first: dict[str, Any] | None = None,
    ) -> None:
        self.config, self.pictures, self.limit = {**config, **config["of"].get(style, {})}, pictures, images
        self.path, config = path, self.config
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config["seed"])
        self.net = FastStyle(FastStyleConfig((style,), config["widths"], config["blocks"]))
        if first:
            self.net.load_state_dict(first["average"])
        picture = style_picture(style, config["style_size"])
        self.net.palette.data[0] = palette_of(pictures.seen(), picture)
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.net.palette.requires_grad_(False)  # it is known
        self.net.detail.requires_grad_(False).zero_()
        named = dict(self.net.named_parameters())
        kernels = [value for name, value in named.items() if name.endswith("conv.weight") or name == "last.weight"]
        others = [value for name, value in named.items() if "norm" in name or name == "offset"]
        self.kernels, self.others = Optimisers(kernels, config["learning_rate"], True), Adam(others)
        self.images, self.seconds = 0, 0.0
        if self.path.exists():
            self.load(torch.load(self.path, weights_only=True))
        self.random = np.random.default_rng(config["seed"] + self.images)
        weights = Weights(**{name: config[name] for name in ("content", "style", "colour", "smooth")})
        self.objective = Objective(read_trunk(trunk), [(picture, None)], weights)

    def load(self, state: dict[str, Any]) -> None:
        """Continues from a checkpoint."""
        self.images, self.seconds = state["images"], state["seconds"]
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.kernels.load_state_dict(state["kernels"])
        self.others.load_state_dict(state["others"])

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        state = {"net": self.net.state_dict(), "average": self.average.state_dict(), "images": self.images}
        return state | {
            "kernels": self.kernels.state_dict(),
            "others": self.others.state_dict(),
            "seconds": self.seconds,
        }

    def save(self) -> None:
        """Writes the checkpoint in one piece."""
        torch.save(self.state(), self.path.with_suffix(".new"))
        os.replace(self.path.with_suffix(".new"), self.path)

    def counts(self) -> dict[str, int]:
        """How many pictures of each kind the next step looks at, by the kinds' shares."""
        shares: dict[str, float] = self.config["kinds"]
        total = sum(shares.values())
        drawn = self.random.multinomial(self.config["batch"], [share / total for share in shares.values()])
        return dict(zip(shares, drawn.tolist(), strict=True))

    def step(self) -> dict[str, float]:
        """One update; returns each loss."""
        config = self.config
        content = self.pictures.batch(self.random, self.counts(), config["size"])
        with torch.no_grad():
            wanted = looked_up(self.net.palette, content).clamp(-1, 1)
        with torch.autocast("cpu", torch.bfloat16):
            places = [tuple(self.random.integers(0, grain.SIDE, 2).tolist()) for _ in content]
            made = self.net(content, torch.ones(1, 1), at=places)
            at = tuple(8 * int(n) for n in self.random.integers(0, config["size"] // 16 + 1, 2))
            same = torch.zeros(len(content), dtype=torch.long)
            found = self.objective(made, wanted, same, (at[0], at[1]), self.images)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        rate = config["learning_rate"] * min(1.0, (1 - self.images / self.limit) / 0.5 + 0.02)
        rate *= min(1.0, (self.images + 1) / config["warm_up"])
        self.kernels.step(rate)
        self.others.update(rate * config["rows"])
        self.images += len(content)
        keep = 0.5 ** (len(content) / min(config["ema_images"], 1 + 0.1 * self.images))
        with torch.no_grad():
            kept, new = ([p for p in net.parameters() if p.is_floating_point()] for net in (self.average, self.net))
            torch._foreach_lerp_(kept, new, 1 - keep)
        return {name: value.item() for name, value in found.items()}

    def train(self, report_every: int = 200) -> Iterator[dict[str, Any]]:
        """Trains until the budget is spent; yields a report at every checkpoint."""
        begun, seen = time.process_time() - self.seconds, []
        while self.images < self.limit:
            before = self.images
            seen.append(self.step())
            if self.images // report_every > before // report_every or self.images >= self.limit:
                self.seconds = time.process_time() - begun
                self.save()
                loss = {name: round(float(np.mean([row[name] for row in seen])), 4) for name in seen[0]}
                seen = []
                yield {"images": self.images, "seconds": round(self.seconds), "loss": loss}


def train(
    config: dict[str, Any], trunk: Path, pictures: Pictures, run: Path, report_every: int = 200
) -> Iterator[dict[str, Any]]:
    """Trains all styles, each from the first one's beginning; yields the reports."""
    plan = [("begin", config["styles"][0], config["begin_images"])]
    plan += [(style, style, config["of"].get(style, {}).get("images", config["images"])) for style in config["styles"]]
    first = None
    for name, style, images in plan:
        path = run / f"{name}.pt"
        state = torch.load(path, weights_only=True) if path.exists() else None
        if state is None or state["images"] < images:
            trainer = Trainer(config, trunk, pictures, path, style, images, first)
            for report in trainer.train(report_every):
                yield {"style": name, **report}
            state = trainer.state()
        first = first or state


def main() -> None:
    """Reads the command line; trains or exports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path("training/configs/fast_style.json"))
    parser.add_argument("--trunk", type=Path, default=TRUNK)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    args = parser.parse_args()
    config, pictures = json.loads(args.config.read_text()), Pictures(args.pictures)
    args.run.mkdir(parents=True, exist_ok=True)
    with (args.run / "log.jsonl").open("a") as log:
        for report in train(config, args.trunk, pictures, args.run):
            print(json.dumps(report), file=log, flush=True)


if __name__ == "__main__":
    main()
