"""What a visitor draws or marks in examples: parts of a portrait, a sketch, who of many has something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.translate_edits import drawn_by_hand  # noqa: E402
from editors.translate.palettes import PARTS, SKETCH  # noqa: E402
from facet import LabelMap  # noqa: E402
from nets.judges import read  # noqa: E402
from nets.label_encoder import lines_of  # noqa: E402
from nets.stylegan2.sampling import codes, pictures  # noqa: E402
from registry.execution import Context, finish  # noqa: E402
from registry.plugins import load_registry  # noqa: E402
from registry.saved import subject_with_lineage  # noqa: E402
from registry.subjects import Subject  # noqa: E402
from training.judges.export import read_judges  # noqa: E402

SEEDS = 60
"""How many pictures a visitor marks."""


def painted(edit: Callable[[LabelMap], LabelMap]) -> Callable[[Subject], LabelMap]:
    """The parts of a picture, as “From the picture” finds them, with an edit."""

    def labels(subject: Subject) -> LabelMap:
        parts = finish(load_registry().get("parse_portrait"), {"subject": subject})
        return edit(LabelMap.from_picture(parts.subject.pixels, PARTS))

    return labels


def sketch(_: Subject | None) -> LabelMap:
    """A face in a few strokes."""
    return drawn_by_hand()


def rims(_: Subject | None) -> LabelMap:
    """The rims between the parts of the second puppet, whose head is turned."""
    labels = painted(lambda found: found)(subject_with_lineage(ROOT / "assets" / "examples" / "second.png"))
    parts = torch.from_numpy(labels.resized((128, 128)).indices.copy()).long()
    return LabelMap((lines_of(parts[None])[0, 0] > 0.5).byte().numpy(), SKETCH)


def marked(control: str) -> Callable[[Subject | None], dict[str, Any]]:
    """Who of the first seeds has more of something than most, as the embedded judges read it."""

    def samples(_: Subject | None) -> dict[str, Any]:
        judges = read_judges(ROOT / "assets" / "weights" / "puppets_judges")
        spec = load_registry().get("fit_direction")
        generator, _ref = Context(nets=spec.nets).load_generator("puppets")
        seen = read(judges, pictures(generator, codes(generator, range(SEEDS), 0.8)) * 2 - 1)
        values = seen.controls[:, list(judges.config.controls).index(control)]
        yes = values > values.median()
        return {"yes": np.flatnonzero(yes.numpy()).tolist(), "no": np.flatnonzero(~yes.numpy()).tolist()}

    return samples
