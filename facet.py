"""Facet's public face: everything an editor, or a test of one, needs. Plugin authors import this module and no other.

from facet import Annotated, Iterator, Slider, Step, Subject, editor, hookimpl
"""

from collections.abc import Iterator
from typing import Annotated

from registry.context import Context
from registry.directions import Direction, DirectionNames, Strengths
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
from registry.files import OwnFile, WeightsFile
from registry.film import MOST_FRAMES, Film, FilmFile, FilmFormat
from registry.hookspecs import hookimpl
from registry.inputs import Choice, Kind, Latent, Picture, Seed, Slider, Switch, Text
from registry.loader import PluginRow, Registry, load_registry
from registry.marks import Mask, Paint, Pair, Points
from registry.replay import replay
from registry.run import finish, run
from registry.seeds import Seeds, seeds_in
from registry.signature import Input
from registry.spec import API_VERSION, EditorSpec, editor
from registry.steps import Preview, Result, Step
from registry.stop import Stop
from registry.subject import GeneratorRef, Subject, codes_of
from registry.testing import Conformance
from registry.weights import Net, Weights
from registry.weights.card import card
from registry.weights.generators import generator_nets

__all__ = [
    "API_VERSION",
    "MOST_FRAMES",
    "Annotated",
    "BadInput",
    "BadSpec",
    "Choice",
    "Conformance",
    "Context",
    "Direction",
    "DirectionNames",
    "EditorError",
    "EditorFailed",
    "EditorSpec",
    "Film",
    "FilmFile",
    "FilmFormat",
    "GeneratorRef",
    "Input",
    "Iterator",
    "Kind",
    "Latent",
    "LicenceNeeded",
    "Mask",
    "Net",
    "NoFace",
    "OutOfMemory",
    "OwnFile",
    "Paint",
    "Pair",
    "Picture",
    "PluginRow",
    "Points",
    "Preview",
    "Registry",
    "Result",
    "Seed",
    "Seeds",
    "Slider",
    "Step",
    "Stop",
    "Stopped",
    "Strengths",
    "Subject",
    "Switch",
    "Text",
    "Weights",
    "WeightsCorrupt",
    "WeightsFile",
    "WeightsMissing",
    "card",
    "codes_of",
    "editor",
    "finish",
    "generator_nets",
    "hookimpl",
    "load_registry",
    "replay",
    "run",
    "seeds_in",
]
