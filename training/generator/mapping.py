"""Fits the mapping network z → w to a finished student, without renders.

The synthesis network learned from w = E(controls); the map from latents to controls is a fixed function, so the mapping
network imitates their composition by regression on fresh latents. What counts as near is in
`training.generator.code_metric`.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import torch
from torch import Tensor

from nets.stylegan2.mapping import Mapping
from training.controls import features
from training.generator.code_metric import metric
from training.generator.mapping_start import begin_at_knees
from training.generator.student import Student
from training.optimiser import Optimisers
from training.puppets import Z_DIM, from_latent

RATE, LATER = 0.01, 0.004
"""Learning rate at weights of unit variance, for a network that begins and for one that learns on."""


def latents_and_features(count: int, seed: int, cache: Path | None = None) -> tuple[Tensor, Tensor]:
    """z [count, Z_DIM] and the features of their puppets; kept in ``cache``, since landmarks take a while."""
    z = torch.randn(count, Z_DIM, generator=torch.Generator().manual_seed(seed))
    if cache is not None and cache.exists():
        seen = torch.load(cache, weights_only=True)
        if len(seen) == count:
            return z, seen
    seen = features(from_latent(z))
    if cache is not None:
        torch.save(seen, cache)
    return z, seen


def fit(
    student: Student, z: Tensor, seen: Tensor, seconds: float, anew: bool = True, batch: int = 512, held_out: int = 1024
) -> float:
    """Trains a mapping for ``seconds`` of processor time; returns R² of w on held-out latents. Sets the mean of w.

    It begins ``anew``, or learns on; with no time the student keeps the mapping that it has.
    """
    mapping = student.generator.mapping
    with torch.no_grad():
        wanted = student.controls(seen)
    if seconds and anew:
        mapping.load_state_dict(Mapping(mapping.config).state_dict())
        begin_at_knees(mapping, z[held_out:], wanted[held_out:])
    centre = wanted.mean(0)
    far = metric(student, wanted[held_out:], seen[held_out:]) if seconds else None
    mapping.requires_grad_(True)
    # stored weights are larger by 1 / mapping_lr (equalised learning rate), so must be the steps
    rate = (RATE if anew else LATER) / student.generator.config.mapping_lr
    optimiser = Optimisers(mapping.parameters(), rate)
    random = torch.Generator().manual_seed(0)
    begun = time.process_time()
    while (elapsed := time.process_time() - begun) < seconds:
        share = elapsed / seconds
        index = torch.randint(held_out, len(z), (batch,), generator=random)
        loss = ((mapping.w(z[index]) - wanted[index]) @ far).square().sum(1).mean()
        loss.backward()
        optimiser.step(rate * (0.5 + 0.5 * math.cos(math.pi * share)))
    with torch.no_grad():
        error = (mapping.w(z[:held_out]) - wanted[:held_out]).square().sum()
        mapping.w_avg.copy_(centre)
        return 1 - (error / (wanted[:held_out] - centre).square().sum()).item()
