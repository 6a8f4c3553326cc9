"""Facet's public face: what the author of an editor needs. Plugins import this package and nothing else of Facet.

from facet import Slider, Step, Subject, editor, hookimpl

`facet.testing` has the conformance kit, `facet.weights` the networks that are there already and what can be wrong with
their files, `facet.stylegan` what belongs to seeds, codes and W spaces, and `facet.app` what runs and replays editors
from a program.
"""

import warnings
from importlib import import_module

from registry.artifacts import Artifact
from registry.errors import BadInput, EditorError, Moved, NoFace
from registry.execution import Context
from registry.film import Film
from registry.inputs import (
    Choice,
    FilmFormat,
    InPhotograph,
    KeptChoice,
    Kind,
    LabelMapInput,
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
from registry.subjects import LabelMap, Palette, Placement, Subject, placement_of
from registry.weights import Net, OwnFile, Weights

__all__ = [
    "Artifact",
    "BadInput",
    "Choice",
    "Context",
    "EditorError",
    "Film",
    "FilmFormat",
    "InPhotograph",
    "KeptChoice",
    "Kind",
    "LabelMap",
    "LabelMapInput",
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
    "Palette",
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

_MOVED = {"typing": ("Annotated",), "collections.abc": ("Iterator",)}
_SUBMODULES = ("facet.app", "facet.stylegan", "facet.testing", "facet.weights")
_RENAMED = {"Paint": "MaskInput", "Origin": "SourcePicture"}


def __getattr__(name: str) -> object:
    """Say where a name is that plugins written for an earlier Facet import from here. Raises Moved."""
    if name in _RENAMED:
        warnings.warn(f"{name} is called {_RENAMED[name]} now", DeprecationWarning, stacklevel=2)
        return globals()[_RENAMED[name]]
    homes = [module for module, names in _MOVED.items() if name in names]
    if not homes and not name.startswith("_"):  # no import for what Python itself asks about
        homes = [module for module in _SUBMODULES if name in import_module(module).__all__]
    if homes:
        raise Moved(f"{name} is no longer in facet: write “from {homes[0]} import {name}”")
    raise AttributeError(f"module 'facet' has no attribute {name!r}")
