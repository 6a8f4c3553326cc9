"""Makes the embedded weights: renders the portrait world, trains on it, exports.

Nothing in the product imports this.
"""
