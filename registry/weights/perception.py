"""The embedded networks that read puppets: judges and inversion encoder. Their cards have the sha256."""

from __future__ import annotations

from registry.weights.declare import Weights

PUPPETS_JUDGES = Weights(
    "", "puppets_judges/judges.safetensors", licence="Apache-2.0", layout="facet", title="Puppet judges (embedded)"
)
"""Landmarks, parts, controls and identity of a puppet; build with `nets.judges.from_contents`."""

PUPPETS_ENCODER = Weights(
    "", "puppets_encoder/encoder.safetensors", licence="Apache-2.0", layout="facet", title="Puppet encoder (embedded)"
)
"""From a picture to w_plus of the embedded generator; build with `nets.encoder.from_contents`."""
