"""Several methods of one task on the same picture, side by side, with the time each took and what it measures."""

from registry.execution import Halt
from surfaces.compare.columns import Column, compare, read_methods, shared_inputs

__all__ = ["Column", "Halt", "compare", "read_methods", "shared_inputs"]
