"""The network that paints in several styles in one pass."""
