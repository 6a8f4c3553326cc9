"""Generators: which there are, and the network that a latent code belongs to."""

from registry.generators.catalogue import GeneratorEntry, entry_of, generator_entry, generators, w_space
from registry.generators.classes import OWN_CLASS, class_of
from registry.generators.declared import ADAPTED, EMBEDDED, adapted_from, generator_nets
from registry.generators.resolving import network_of, own_id, remember, true_ref

__all__ = [
    "ADAPTED",
    "EMBEDDED",
    "GeneratorEntry",
    "OWN_CLASS",
    "adapted_from",
    "class_of",
    "entry_of",
    "generator_entry",
    "generator_nets",
    "generators",
    "network_of",
    "own_id",
    "remember",
    "true_ref",
    "w_space",
]
