"""The picture that is edited: pixels, bundled samples, where it was cut from."""

from registry.subjects.label_maps import LabelMap, Palette, as_label_map
from registry.subjects.layers import Alpha, Layers, Pixels, with_alpha
from registry.subjects.limits import MOST_PARTS
from registry.subjects.masks import Mask, read_mask
from registry.subjects.pixels import MOST_PIXELS, alpha_of, jpeg_bytes, pixels_sha256, read_layers, to_pixels
from registry.subjects.placement import Placement, placement_of
from registry.subjects.png_chunks import chunk_heads, is_png, read_content
from registry.subjects.png_text import text_of
from registry.subjects.samples import COLLECTIONS, collection, sample
from registry.subjects.subject import GeneratorRef, Subject

__all__ = [
    "Alpha",
    "COLLECTIONS",
    "GeneratorRef",
    "LabelMap",
    "Layers",
    "MOST_PARTS",
    "MOST_PIXELS",
    "Mask",
    "Palette",
    "Pixels",
    "Placement",
    "Subject",
    "alpha_of",
    "as_label_map",
    "chunk_heads",
    "collection",
    "is_png",
    "jpeg_bytes",
    "pixels_sha256",
    "placement_of",
    "read_content",
    "read_layers",
    "read_mask",
    "sample",
    "text_of",
    "to_pixels",
    "with_alpha",
]
