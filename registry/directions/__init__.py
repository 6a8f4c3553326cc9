"""Directions in the W spaces of generators: what they are, where they come from, and the inputs that name them."""

from registry.directions.catalogue import (
    directions_of,
    find,
    generator_sha256,
    own_directions,
    own_files,
    own_folder,
    passed_over,
)
from registry.directions.codes import codes_of, with_rows
from registry.directions.direction import Direction, checked_vector
from registry.directions.explained import explained_by
from registry.directions.first import BroughtIn, First, brought_in, first_of, first_picture
from registry.directions.keeping import check_free, direction_artifact, keep, may_keep
from registry.directions.published import PUBLISHED
from registry.directions.reading import read_foreign, read_own
from registry.generators import w_space

__all__ = [
    "BroughtIn",
    "brought_in",
    "First",
    "first_of",
    "first_picture",
    "Direction",
    "PUBLISHED",
    "check_free",
    "checked_vector",
    "codes_of",
    "direction_artifact",
    "directions_of",
    "explained_by",
    "find",
    "generator_sha256",
    "keep",
    "may_keep",
    "own_directions",
    "own_files",
    "own_folder",
    "passed_over",
    "read_foreign",
    "read_own",
    "w_space",
    "with_rows",
]
