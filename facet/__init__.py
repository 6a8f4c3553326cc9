"""Facet's public face: what the author of an editor needs. Plugins import this package and nothing else of Facet.

from facet import Slider, Step, Subject, editor, hookimpl

`facet.testing` has the conformance kit, `facet.weights` the networks that are there already, `facet.stylegan` what
belongs to W spaces, and `facet.app` what runs and replays editors from a program.
"""

from registry.artifacts import Artifact
from registry.errors import (
    BadInput,
    BadSpec,
    EditorError,
    EditorFailed,
    LicenceNeeded,
    NoFace,
    OutOfMemory,
    Stopped,
    WeightsCorrupt,
    WeightsMissing,
)
from registry.execution import Context
from registry.film import Film
from registry.generators import class_of
from registry.inputs import (
    Choice,
    FilmFormat,
    Kind,
    Latent,
    Mask,
    Option,
    Origin,
    Paint,
    Pair,
    Picture,
    Points,
    Seed,
    Seeds,
    Slider,
    Switch,
    Text,
    WeightsFile,
    seeds_in,
)
from registry.plugins import PageWidget, Step, Variant, editor, hookimpl
from registry.saved import first_of
from registry.subjects import Placement, Subject, placement_of
from registry.weights import Net, OwnFile, Weights

__all__ = [
    "Artifact",
    "BadInput",
    "BadSpec",
    "Choice",
    "Context",
    "EditorError",
    "EditorFailed",
    "Film",
    "FilmFormat",
    "Kind",
    "Latent",
    "LicenceNeeded",
    "Mask",
    "Net",
    "NoFace",
    "Option",
    "Origin",
    "OutOfMemory",
    "OwnFile",
    "PageWidget",
    "Paint",
    "Pair",
    "Picture",
    "Placement",
    "Points",
    "Seed",
    "Seeds",
    "Slider",
    "Step",
    "Stopped",
    "Subject",
    "Switch",
    "Text",
    "Variant",
    "Weights",
    "WeightsCorrupt",
    "WeightsFile",
    "WeightsMissing",
    "class_of",
    "editor",
    "first_of",
    "hookimpl",
    "placement_of",
    "seeds_in",
]

_MOVED = {
    "typing": ("Annotated",),
    "collections.abc": ("Iterator",),
    "facet.app": (
        "API_VERSION",
        "EditorSpec",
        "FilmFile",
        "Input",
        "PluginRow",
        "Preview",
        "Registry",
        "Result",
        "Stop",
        "finish",
        "load_registry",
        "replay",
        "run",
    ),
    "facet.stylegan": (
        "Direction",
        "DirectionNames",
        "First",
        "GeneratorRef",
        "Labels",
        "MOST_FRAMES",
        "OWN_CLASS",
        "Samples",
        "Strengths",
        "check_free",
        "codes_of",
        "directions_of",
        "generator_nets",
        "w_space",
    ),
    "facet.testing": ("Conformance",),
    "facet.weights": (
        "FAST_STYLE",
        "MTCNN",
        "PUPPETS_DECODERS",
        "PUPPETS_DRAG_FLOW",
        "PUPPETS_ENCODER",
        "PUPPETS_FEATURES",
        "PUPPETS_JUDGES",
        "VGG16_EDGES",
        "VGG16_EDGES_DECODERS",
        "card",
        "keep_table",
        "load_table",
        "manifest_weights",
        "need",
    ),
}


def __getattr__(name: str) -> object:
    """Say where a name is that plugins written for an earlier Facet import from here. Raises ImportError."""
    for module, names in _MOVED.items():
        if name in names:
            raise ImportError(f"{name} is no longer in facet: write “from {module} import {name}”")
    raise AttributeError(f"module 'facet' has no attribute {name!r}")
