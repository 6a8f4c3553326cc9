"""What every way of fitting a direction ends with: a sheet of faces that move along it, figures, a slider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from editors.attributes.fitting import fit, nearest
from editors.attributes.sheets import sheet
from facet import Artifact, BadInput, Choice, Context, Slider, Step, Switch, Text
from facet.stylegan import Direction, check_free, direction_artifact, directions_of, generator_entry, w_space
from nets.stylegan2 import Generator
from nets.stylegan2.sampling import pictures

METHODS = {
    "ridge": "ridge: least squares on all labels",
    "logistic": "logistic regression",
    "mean": "difference of means",
    "svm": "SVM of the highest against the lowest scores, as published (needs scikit-learn)",
    "svm_middle": "SVM of the same, marked by the middle of all scores",
}
REACH = 3.0  # standard deviations: what the published demos offer
SHOWN = (-REACH, -REACH / 2, 0.0, REACH / 2, REACH)


Name = Annotated[str, Text(40, doc="What the slider is called, in small letters, e.g. big_grin; empty keeps nothing.")]
Method = Annotated[str, Choice(METHODS, doc="How the boundary between yes and no is found.", advanced=True)]
Follow = Annotated[
    bool, Switch(label="Follow the spread of W", doc="Move along Σ·normal, not the bare normal.", advanced=True)
]
Psi = Annotated[
    float, Slider(0.1, 1.5, step=0.05, label="Truncation ψ", doc="What the seeds are drawn with.", advanced=True)
]


@dataclass(frozen=True)
class Lesson:
    """How a direction is fitted and what it is called; an empty name keeps nothing. `facts` go onto its card."""

    model: str
    name: str
    method: str
    follow: bool
    title: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def space(self) -> str:
        """The W space that the direction belongs to."""
        return w_space(self.model)

    def check_name(self) -> None:
        """Raise BadInput for a name that cannot be kept, before anything is computed."""
        if self.name:
            Direction(self.name, self.space, np.ones(8, np.float32))
            check_free(self.space, self.name)


def generator_for(ctx: Context, model: str) -> Generator:
    """The generator itself: a direction fitted to another one's pictures would mean nothing in its W."""
    generator: Generator
    generator, _ = ctx.load_generator(model)
    if missing := [row["notice"] for row in ctx.weights_used if row["net"] == _source(model) and "notice" in row]:
        raise BadInput("model", f"cannot be had now ({missing[0].partition(':')[0]})", "Choose another generator.")
    return generator


def learn(ctx: Context, generator: Generator, w: Tensor, labels: Tensor, lesson: Lesson) -> Iterator[Step]:
    """Fit a direction to codes w [n, w_dim] and labels [n]; show three of them moved along it; keep it if it is named.

    Three steps and a last one with figures, whose `image` is the sheet.
    """
    fitted = fit(generator, w, labels, lesson.method, lesson.follow)
    ctx.check_stop()
    rows = []
    for number, code in enumerate(w[_examples(labels)], 1):
        w_plus = torch.stack([code + by * fitted.vector for by in SHOWN])
        rows.append(list(pictures(generator, generator.mapping.rows(w_plus))))
        yield Step(padded(rows), done=0.3 * number, note=f"face {number} of 3")
    offered = {key: each for key, each in directions_of(lesson.space).items() if key != lesson.name}
    close, cosine = nearest(fitted.vector, offered)
    figures = fitted.figures | ({f"cosine_with_{close}": cosine} if close else {})
    left = (_direction(ctx, fitted.vector, figures["held_out_accuracy"], len(w), lesson),) if lesson.name else ()
    note = f"kept as {lesson.name}" if lesson.name else ""
    yield Step(padded(rows), done=1, note=note, metrics=figures, artifacts=left)


def _direction(ctx: Context, vector: Tensor, accuracy: float, samples: int, lesson: Lesson) -> Artifact:
    facts = {"method": lesson.method, "accuracy": accuracy, "samples": samples, "follow": lesson.follow, **lesson.facts}
    about: dict[str, Any] = {
        "low": -REACH,
        "high": REACH,
        "step": 0.05,
        "unit": "σ",
        "group": "fitted here",
        "title": lesson.title,
    }
    made = Direction(lesson.name, lesson.space, vector.numpy(), facts=facts, **about)
    source = _source(lesson.model)
    return direction_artifact(made, next(row["sha256"] for row in ctx.weights_used if row["net"] == source))


def _source(model: str) -> str:
    """The net whose weights a generator has, before anything was added to them."""
    entry = generator_entry(model)
    return entry.ref.id if entry is not None else model


def _examples(labels: Tensor) -> list[int]:
    """The samples with the lowest, the middle and the highest label."""
    order = torch.argsort(labels, stable=True)
    return [int(order[0]), int(order[len(order) // 2]), int(order[-1])]


def padded(rows: Sequence[Sequence[Tensor]], count: int = 3) -> Tensor:
    """A sheet of `count` rows of pictures; those that are not there yet are paper, so that it keeps its size."""
    blank = [torch.full_like(rows[0][0], 0.98)] * len(rows[0])
    return sheet([*rows, *[blank] * (count - len(rows))])
