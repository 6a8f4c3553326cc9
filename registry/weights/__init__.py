"""Weights: declared by editors, found in the cache, on the Hub or in the distribution, and verified."""

from registry.weights.declare import Net, Weights

__all__ = ["Net", "Weights"]
