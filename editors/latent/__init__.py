"""Portraits (and lions, cars, churches) from numbers, and play with their codes: mixing, arithmetic, units."""

from __future__ import annotations

from collections.abc import Iterable

from editors.latent.arithmetic import latent_arithmetic
from editors.latent.latent import GENERATORS, latent
from editors.latent.mix import latent_mix
from editors.latent.nearest import nearest_seed
from editors.latent.units import units
from facet import hookimpl
from facet.app import EditorSpec

__all__ = ["GENERATORS", "latent", "latent_arithmetic", "latent_mix", "nearest_seed", "register_editors", "units"]


@hookimpl
def register_editors() -> Iterable[EditorSpec]:
    """The editors of this family."""
    return [latent, latent_mix, latent_arithmetic, nearest_seed, units]
