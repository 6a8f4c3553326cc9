"""Facet's public face: what the author of an editor needs. Plugins import this package and nothing else of Facet.

from facet import Slider, Step, Subject, editor, hookimpl

`facet.testing` has the conformance kit, `facet.weights` the networks that are there already and what can be wrong with
their files, `facet.stylegan` what belongs to seeds, codes and W spaces, and `facet.app` what runs and replays editors
from a program.
"""

import warnings

from registry.artifacts import Artifact
from registry.errors import BadInput, EditorError, Moved, NoFace
from registry.execution import Context
from registry.film import Film
from registry.inputs import (
    Choice,
    FilmFormat,
    KeptChoice,
    Kind,
    Latent,
    Mask,
    MaskInput,
    Option,
    Pair,
    Picture,
    Points,
    Seed,
    Slider,
    SourcePicture,
    Switch,
    Text,
    WeightsFile,
)
from registry.plugins import PageWidget, Step, Variant, editor, hookimpl
from registry.subjects import Placement, Subject, placement_of
from registry.weights import Net, OwnFile, Weights

__all__ = [
    "Artifact",
    "BadInput",
    "Choice",
    "Context",
    "EditorError",
    "Film",
    "FilmFormat",
    "KeptChoice",
    "Kind",
    "Latent",
    "Mask",
    "Net",
    "NoFace",
    "Option",
    "SourcePicture",
    "OwnFile",
    "PageWidget",
    "MaskInput",
    "Pair",
    "Picture",
    "Placement",
    "Points",
    "Seed",
    "Slider",
    "Step",
    "Subject",
    "Switch",
    "Text",
    "Variant",
    "Weights",
    "WeightsFile",
    "editor",
    "hookimpl",
    "placement_of",
]

_MOVED = {
    "typing": ("Annotated",),
    "collections.abc": ("Iterator",),
    "facet.app": (
        "API_VERSION",
        "BadSpec",
        "EditorFailed",
        "EditorSpec",
        "FilmFile",
        "Input",
        "LicenceNeeded",
        "OutOfMemory",
        "PluginRow",
        "Preview",
        "Registry",
        "Result",
        "Stop",
        "Stopped",
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
        "Seeds",
        "Strengths",
        "check_free",
        "class_of",
        "codes_of",
        "directions_of",
        "first_of",
        "generator_nets",
        "seeds_in",
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
        "WeightsCorrupt",
        "WeightsMissing",
        "card",
        "keep_table",
        "load_table",
        "manifest_weights",
        "need",
    ),
}


_RENAMED = {
    "Paint": "MaskInput",
    "Origin": "SourcePicture",
}


def __getattr__(name: str) -> object:
    """Say where a name is that plugins written for an earlier Facet import from here. Raises Moved."""
    if name in _RENAMED:
        warnings.warn(f"{name} is called {_RENAMED[name]} now", DeprecationWarning, stacklevel=2)
        return globals()[_RENAMED[name]]
    for module, names in _MOVED.items():
        if name in names:
            raise Moved(f"{name} is no longer in facet: write “from {module} import {name}”")
    raise AttributeError(f"module 'facet' has no attribute {name!r}")
