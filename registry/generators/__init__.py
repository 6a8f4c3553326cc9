"""Generators: which there are, and the network that a latent code belongs to."""

from registry.generators.classes import OWN_CLASS, class_of
from registry.generators.declared import EMBEDDED, generator_nets
from registry.generators.owners import generator_of, remember, true_ref

__all__ = [
    "EMBEDDED",
    "OWN_CLASS",
    "class_of",
    "generator_nets",
    "generator_of",
    "remember",
    "true_ref",
]
