"""What an edit leaves of a picture's transparency: it is kept where it still fits, and otherwise its loss is said.

So is the loss of pixels in a photograph that was made smaller when it was read.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from registry.execution.job import Job, Outcome
from registry.plugins import EditorSpec
from registry.subjects import Alpha, Subject

FACT = "transparency"
SCALED = "scaled"
_ANEW = "not kept: the picture was made anew by a generator"
_SIZE = "not kept: the result has another size"


def settled(spec: EditorSpec, job: Job, outcome: Outcome) -> Outcome:
    """The end of a run with its coverage: the step's own, else that of the picture that was edited if it still fits.

    What is clear shows the paper, whatever was drawn there. A coverage that is lost is told as one of the facts.
    """
    sources = _edited(spec, job)
    if told := next((source.scaled for source in sources if source.scaled), ""):
        outcome = replace(outcome, facts={**outcome.facts, SCALED: told})
    alpha = outcome.alpha if outcome.alpha is not None else _inherited(sources, outcome)
    if alpha is not None:
        if alpha.min() == 255:
            return replace(outcome, alpha=None)
        shown = np.maximum(outcome.pixels, 255 - alpha[..., None])
        shown.setflags(write=False)
        return replace(outcome, pixels=shown, alpha=alpha)
    if any(source.alpha is not None for source in sources):
        why = _SIZE if outcome.latent is None else _ANEW
        return replace(outcome, facts={**outcome.facts, FACT: why})
    return outcome


def _inherited(sources: list[Subject], outcome: Outcome) -> Alpha | None:
    if outcome.latent is not None:
        return None
    known = (source.alpha for source in sources)
    return next((alpha for alpha in known if alpha is not None and alpha.shape == outcome.pixels.shape[:2]), None)


def _edited(spec: EditorSpec, job: Job) -> list[Subject]:
    """The picture that is edited, and the one that it was cut from and goes back into."""
    names = [entry.name for entry in spec.inputs if entry.name == "subject" or entry.kind.cut_from]
    return [value for name in names if isinstance(value := job.values.get(name), Subject)]
