"""What Facet writes into files and reads out of them again: lineages, latent codes, deltas."""

from registry.saved.lineage import (
    FORMAT,
    as_lineage,
    film_bytes,
    png_bytes,
    read_lineage,
    source_mark,
    subject_png,
    subject_with_lineage,
)
from registry.saved.png_payload import MOST_VALUE, MOST_W_DIM, MOST_WS, beside, delta_beside

__all__ = [
    "MOST_VALUE",
    "MOST_WS",
    "MOST_W_DIM",
    "FORMAT",
    "as_lineage",
    "beside",
    "delta_beside",
    "film_bytes",
    "png_bytes",
    "read_lineage",
    "source_mark",
    "subject_png",
    "subject_with_lineage",
]
