"""From labelled samples to a direction: codes, a normal, its held-out figures, a vector in units of its spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from editors.attributes.svm import svm, svm_by_middle
from facet import BadInput
from facet.stylegan import Direction, Samples
from nets.directions import (
    Fit,
    balanced_accuracy,
    held_out,
    logistic,
    mean_difference,
    per_deviation,
    rank_correlation,
    ridge,
    spread,
)
from nets.stylegan2 import Generator

PENALTY = 10.0
FITS: Mapping[str, Fit] = {
    "ridge": ridge(PENALTY),
    "logistic": logistic(PENALTY),
    "mean": mean_difference,
    "svm": svm,
    "svm_middle": svm_by_middle,
}
FOLDS = 5
SPREAD_SAMPLES = 4096


@dataclass(frozen=True)
class Fitted:
    """A direction's vector [w_dim] per standard deviation, and figures for its card and the result."""

    vector: Tensor
    figures: dict[str, float]


@torch.no_grad()
def codes_of(generator: Generator, samples: Samples, truncation_psi: float) -> Tensor:
    """w of every sample, [n, w_dim]: of its seed, truncated, or of its picture.

    Raises:
        BadInput: the codes belong to a generator of another width.
    """
    config = generator.config
    if samples.codes is None:
        return drawn_codes(generator, samples.seeds, truncation_psi)
    if samples.codes.shape[1] != config.w_dim:
        widths = f"{samples.codes.shape[1]} numbers a row, but the generator takes {config.w_dim}"
        raise BadInput("samples", f"have codes of {widths}", "Choose their generator.")
    return torch.from_numpy(samples.codes)


@torch.no_grad()
def drawn_codes(generator: Generator, seeds: Sequence[int], truncation_psi: float) -> Tensor:
    """w of seeds, [n, w_dim], truncated; of the classes in turn where there are any."""
    pieces = [seeds[at : at + 512] for at in range(0, len(seeds), 512)]
    c_dim = generator.config.c_dim
    w = [generator.mapping(generator.z(piece), _labels(c_dim, len(piece)), truncation_psi) for piece in pieces]
    return torch.cat(w)[:, 0].cpu()


def fit(generator: Generator, w: Tensor, labels: Tensor, method: str, follow: bool) -> Fitted:
    """Fit a boundary to codes [n, w_dim] and labels [n]."""
    learn = FITS[method]
    scores = held_out(learn, w, labels, min(FOLDS, len(w)))
    _, covariance = spread(_typical(generator))
    vector = per_deviation(learn(w, labels).double(), covariance, follow)
    figures = {"samples": float(len(w)), "held_out_accuracy": balanced_accuracy(scores, labels)}
    if len(labels.unique()) > 2:
        figures["held_out_rank_correlation"] = rank_correlation(scores, labels)
    return Fitted(vector, figures)


def nearest(vector: Tensor, offered: Mapping[str, Direction]) -> tuple[str, float]:
    """The direction that points most nearly the same way or the opposite one, and the cosine; ("", 0) if none."""
    others = {name: each.vector.reshape(-1, each.w_dim).mean(0) for name, each in offered.items()}
    cosines = {
        name: float(torch.cosine_similarity(vector, torch.from_numpy(other.copy()), 0))
        for name, other in others.items()
        if len(other) == len(vector)
    }
    name = max(cosines, key=lambda key: abs(cosines[key]), default="")
    return name, cosines.get(name, 0.0)


@torch.no_grad()
def _typical(generator: Generator) -> Tensor:
    c_dim = generator.config.c_dim
    return generator.mapping.w(generator.z(range(SPREAD_SAMPLES)), _labels(c_dim, SPREAD_SAMPLES)).cpu()


def _labels(c_dim: int, count: int) -> Tensor | None:
    return torch.eye(c_dim)[torch.arange(count) % c_dim] if c_dim else None
