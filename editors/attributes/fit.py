"""Fitting a direction of one's own, to become a slider of the attributes editor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import torch

from editors.attributes.fit_report import Follow, Lesson, Method, Name, Psi, generator_for, learn
from editors.attributes.fitting import codes_of
from facet import BadInput, Context, Step, editor
from facet.stylegan import GeneratorChoice, Labels, Samples, generator_nets
from nets.stylegan2.contents import from_contents

GENERATORS = generator_nets(from_contents)
TRIAL = {"yes": [0, 2, 4, 6, 8], "no": [1, 3, 5, 7, 9]}


@editor(
    "fit_direction",
    "Fit a direction",
    task="train",
    gpu_seconds=10,
    nets=GENERATORS,
    tags=("InterFaceGAN", "SVM", "slider", "attribute"),
    trial={"model": "puppets", "samples": TRIAL},
    version="2.0",
)
def fit_direction(
    ctx: Context,
    *,
    samples: Annotated[Samples, Labels(doc="Which pictures have it and which have not; 20 of each is a good start.")],
    model: Annotated[str, GeneratorChoice(doc="Whose pictures are marked.")] = "puppets",
    name: Name = "",
    method: Method = "ridge",
    follow: Follow = True,
    truncation_psi: Psi = 0.8,
) -> Iterator[Step]:
    """Teach Facet a slider of your own from pictures that you mark yes or no.

    A linear boundary is fitted to the codes of the marked pictures (Shen et al. 2020, InterFaceGAN), and scored on
    those it has not seen. The sheet shows three of them moved by -3 to +3 standard deviations. With a name, it becomes
    a slider of Attributes for every picture of that generator.
    """
    lesson = Lesson(model, name, method, follow)
    if samples.generator and samples.generator != lesson.space:
        raise BadInput("samples", f"are pictures of {samples.generator}, not of {model}", "Choose their generator.")
    lesson.check_name()
    generator = generator_for(ctx, model)
    w, labels = codes_of(generator, samples, truncation_psi), torch.from_numpy(samples.labels)
    yield from learn(ctx, generator, w, labels, lesson)
