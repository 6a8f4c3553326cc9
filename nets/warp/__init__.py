"""Moving a picture's own pixels: where each one came from (a field of displacements), and the picture moved by it.

Fields are backward: for a pixel of the new picture they say how far away in the old one it was, so nothing tears.
"""

from nets.warp.as_rigid_as_possible import as_rigid_as_possible
from nets.warp.field import Grid, folded, grid_of, moved
from nets.warp.moving_least_squares import KINDS, moving_least_squares
from nets.warp.thin_plate import thin_plate, thin_plates

__all__ = [
    "KINDS",
    "Grid",
    "as_rigid_as_possible",
    "folded",
    "grid_of",
    "moved",
    "moving_least_squares",
    "thin_plate",
    "thin_plates",
]
