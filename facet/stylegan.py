"""For editors of generated pictures: generators, latent codes, directions in W, and what is kept of them."""

from registry.directions import Direction, First, check_free, codes_of, directions_of, first_of, first_picture, w_space
from registry.directions import keep as keep_direction
from registry.film import MOST_FRAMES
from registry.generators import OWN_CLASS, class_of, generator_nets
from registry.inputs import DirectionNames, Labels, Samples, Seeds, Strengths, seeds_in
from registry.subjects import GeneratorRef

__all__ = [
    "Direction",
    "DirectionNames",
    "First",
    "GeneratorRef",
    "Labels",
    "MOST_FRAMES",
    "OWN_CLASS",
    "Samples",
    "Seeds",
    "Strengths",
    "check_free",
    "class_of",
    "codes_of",
    "directions_of",
    "first_of",
    "first_picture",
    "generator_nets",
    "keep_direction",
    "seeds_in",
    "w_space",
]
