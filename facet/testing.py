"""The conformance kit: the tests that every editor has to pass."""

from registry.conformance import Conformance

__all__ = [
    "Conformance",
]
