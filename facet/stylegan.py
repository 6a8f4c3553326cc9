"""For editors of generated pictures: generators, latent codes, directions in W, and what is kept of them."""

from registry.directions import (
    BroughtIn,
    Direction,
    First,
    brought_in,
    check_free,
    codes_of,
    direction_artifact,
    directions_of,
    explained_by,
    first_of,
    first_picture,
    with_rows,
)
from registry.film import MOST_FRAMES
from registry.generators import (
    OWN_CLASS,
    GeneratorEntry,
    adapted_from,
    class_of,
    entry_of,
    generator_entry,
    generator_nets,
    w_space,
)
from registry.inputs import DirectionNames, GeneratorChoice, Labels, Samples, Seeds, Strengths, seeds_in
from registry.subjects import GeneratorRef

__all__ = [
    "Direction",
    "BroughtIn",
    "DirectionNames",
    "First",
    "GeneratorChoice",
    "GeneratorEntry",
    "GeneratorRef",
    "Labels",
    "MOST_FRAMES",
    "OWN_CLASS",
    "Samples",
    "Seeds",
    "Strengths",
    "adapted_from",
    "brought_in",
    "check_free",
    "class_of",
    "codes_of",
    "direction_artifact",
    "directions_of",
    "entry_of",
    "explained_by",
    "first_of",
    "first_picture",
    "generator_entry",
    "generator_nets",
    "seeds_in",
    "w_space",
    "with_rows",
]


def __getattr__(name: str) -> object:
    """Say what has taken a name's place. Raises ImportError."""
    if name == "keep_direction":
        raise ImportError("handlers keep nothing: yield Step(…, artifacts=(direction_artifact(direction),))")
    raise AttributeError(f"module 'facet.stylegan' has no attribute {name!r}")
