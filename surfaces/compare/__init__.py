"""Several methods of one task on the same picture, side by side, with the time each took and what it measures."""

from registry.execution import Halt
from surfaces.compare.again import Saved, compare_again, read_saved, record
from surfaces.compare.columns import Column, compare, own_pictures, shared_inputs
from surfaces.compare.methods import MOST_COLUMNS, Method, read_column, read_methods, read_sweep

__all__ = [
    "MOST_COLUMNS",
    "Column",
    "Halt",
    "Method",
    "Saved",
    "compare",
    "compare_again",
    "own_pictures",
    "read_column",
    "read_methods",
    "read_saved",
    "read_sweep",
    "record",
    "shared_inputs",
]
