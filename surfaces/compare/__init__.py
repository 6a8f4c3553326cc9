"""Several methods of one task on the same picture, side by side, with the time each took and what it measures."""

from surfaces.compare.columns import Column, compare, read_methods, shared_inputs
from surfaces.compare.halt import Halt

__all__ = ["Column", "Halt", "compare", "read_methods", "shared_inputs"]
