"""Fitting a direction of one's own, to become a slider of the attributes editor."""

from __future__ import annotations

import numpy as np
import torch

from editors.attributes.fitting import codes_of, fit, nearest
from editors.attributes.method import picture
from editors.attributes.sheets import sheet
from facet import (
    Annotated,
    BadInput,
    Choice,
    Context,
    Direction,
    Iterator,
    Labels,
    Samples,
    Slider,
    Step,
    Switch,
    Text,
    check_free,
    directions_of,
    editor,
    generator_nets,
    keep_direction,
    w_space,
)
from nets.stylegan2.contents import from_contents

GENERATORS = generator_nets(from_contents)
METHODS = {
    "ridge": "ridge: least squares on all labels",
    "logistic": "logistic regression",
    "mean": "difference of means",
    "svm": "SVM, as published (needs scikit-learn)",
}
REACH = 3.0  # standard deviations: what the published demos offer
SHOWN = (-REACH, -REACH / 2, 0.0, REACH / 2, REACH)
TRIAL = {"yes": [0, 2, 4, 6, 8], "no": [1, 3, 5, 7, 9]}


@editor(
    "fit_direction",
    "Fit a direction",
    task="train",
    gpu_seconds=10,
    nets=GENERATORS,
    tags=("InterFaceGAN", "SVM", "slider", "attribute"),
    trial={"model": "puppets", "samples": TRIAL},
)
def fit_direction(
    ctx: Context,
    *,
    samples: Annotated[Samples, Labels(doc="Which pictures have it and which have not; 20 of each is a good start.")],
    model: Annotated[
        str, Choice({net.name: net.doc for net in GENERATORS}, doc="Whose pictures are marked.")
    ] = "puppets",
    name: Annotated[
        str, Text(40, doc="What the slider is called, in small letters, e.g. big_grin; empty keeps nothing.")
    ] = "",
    method: Annotated[
        str, Choice(METHODS, doc="How the boundary between yes and no is found.", advanced=True)
    ] = "ridge",
    follow: Annotated[
        bool, Switch(label="Follow the spread of W", doc="Move along Σ·normal, not the bare normal.", advanced=True)
    ] = True,
    truncation_psi: Annotated[
        float, Slider(0.1, 1.5, step=0.05, label="Truncation ψ", doc="What the seeds were drawn with.", advanced=True)
    ] = 0.8,
) -> Iterator[Step]:
    """Teach Facet a slider of your own from pictures that you mark yes or no.

    A linear boundary is fitted to the codes of the marked pictures (Shen et al. 2020, InterFaceGAN), and scored on
    those it has not seen. The sheet shows three of them moved by -3 to +3 standard deviations. With a name, it becomes
    a slider of Attributes for every picture of that generator.
    """
    space = w_space(model)
    if samples.generator and samples.generator != space:
        raise BadInput("samples", f"are pictures of {samples.generator}, not of {model}", "Choose their generator.")
    if name:
        Direction(name, space, np.ones(8, np.float32))  # judges the name before anything is computed
        check_free(space, name)
    generator = ctx.net(model)
    if missing := [row["notice"] for row in ctx.weights_used if "notice" in row]:
        raise BadInput("model", f"cannot be had now ({missing[0].partition(':')[0]})", "Choose another generator.")
    w, labels = codes_of(generator, samples, truncation_psi), torch.from_numpy(samples.labels)
    fitted = fit(generator, w, labels, method, follow)
    ctx.check_stop()
    rows = []
    for number, code in enumerate(w[_examples(labels)], 1):
        w_plus = torch.stack([code + by * fitted.vector for by in SHOWN])
        rows.append(list(picture(generator, generator.mapping.rows(w_plus))))
        yield Step(_sheet(rows), done=0.3 * number, note=f"face {number} of 3")
    close, cosine = nearest(fitted.vector, {key: each for key, each in directions_of(space).items() if key != name})
    figures = fitted.figures | ({f"cosine_with_{close}": cosine} if close else {})
    note = ""
    if name:
        facts = {"method": method, "accuracy": figures["held_out_accuracy"], "samples": len(samples), "follow": follow}
        limits = {"low": -REACH, "high": REACH, "step": 0.05, "unit": "σ"}
        made = Direction(name, space, fitted.vector.numpy(), group="fitted here", facts=facts, **limits)
        keep_direction(made, next(row["sha256"] for row in ctx.weights_used if row["net"] == model))
        note = f"kept as {name}"
    yield Step(_sheet(rows), done=1, note=note, metrics=figures)


def _examples(labels: torch.Tensor) -> list[int]:
    """The samples with the lowest, the middle and the highest label."""
    order = torch.argsort(labels, stable=True)
    return [int(order[0]), int(order[len(order) // 2]), int(order[-1])]


def _sheet(rows: list[list[torch.Tensor]]) -> torch.Tensor:
    blank = [torch.full_like(rows[0][0], 0.98)] * len(rows[0])
    return sheet([*rows, *[blank] * (3 - len(rows))])
