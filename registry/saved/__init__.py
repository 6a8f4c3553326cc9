"""What Facet writes into files and reads out of them again: lineages, latent codes, deltas."""

from registry.saved.carried import beside, delta_beside
from registry.saved.first import First, first_of
from registry.saved.lineage import (
    FORMAT,
    film_bytes,
    png_bytes,
    read_lineage,
    source_mark,
    subject_png,
    subject_with_lineage,
)

__all__ = [
    "FORMAT",
    "First",
    "beside",
    "delta_beside",
    "film_bytes",
    "first_of",
    "png_bytes",
    "read_lineage",
    "source_mark",
    "subject_png",
    "subject_with_lineage",
]
