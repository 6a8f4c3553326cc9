"""Facet's public face: everything an editor, or a test of one, needs. Plugin authors import this module and no other.

from facet import Annotated, Iterator, Slider, Step, Subject, editor, hookimpl
"""

from collections.abc import Iterator
from typing import Annotated

from registry.context import Context
from registry.directions import (
    Direction,
    DirectionNames,
    Labels,
    Samples,
    Strengths,
    check_free,
    codes_of,
    directions_of,
    w_space,
)
from registry.directions import keep as keep_direction
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
from registry.first import First, first_of, first_picture
from registry.hookspecs import hookimpl
from registry.inputs import Choice, Kind, Latent, Origin, Picture, Seed, Slider, Switch, Text
from registry.loader import PluginRow, Registry, load_registry
from registry.marks import Mask, Paint, Pair, Points
from registry.placement import Placement, placement_of
from registry.replay import replay
from registry.run import finish, run
from registry.seeds import Seeds, seeds_in
from registry.signature import Input
from registry.spec import API_VERSION, EditorSpec, editor
from registry.steps import Preview, Result, Step
from registry.stop import Stop
from registry.subject import GeneratorRef, Subject
from registry.tables import keep_table, load_table
from registry.testing import Conformance
from registry.weights import Net, Weights
from registry.weights.card import card
from registry.weights.generators import generator_nets
from registry.weights.manifest import get as manifest_weights
from registry.weights.needs import need
from registry.weights.perception import (
    MTCNN,
    PUPPETS_DECODERS,
    PUPPETS_DRAG_FLOW,
    PUPPETS_ENCODER,
    PUPPETS_FEATURES,
    PUPPETS_JUDGES,
)

__all__ = [
    "API_VERSION",
    "MTCNN",
    "MOST_FRAMES",
    "PUPPETS_DECODERS",
    "PUPPETS_DRAG_FLOW",
    "PUPPETS_ENCODER",
    "PUPPETS_FEATURES",
    "PUPPETS_JUDGES",
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
    "First",
    "GeneratorRef",
    "Input",
    "Iterator",
    "Kind",
    "Labels",
    "Latent",
    "LicenceNeeded",
    "Mask",
    "Net",
    "NoFace",
    "Origin",
    "OutOfMemory",
    "OwnFile",
    "Paint",
    "Pair",
    "Picture",
    "Placement",
    "PluginRow",
    "Points",
    "Preview",
    "Registry",
    "Result",
    "Samples",
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
    "check_free",
    "codes_of",
    "directions_of",
    "editor",
    "finish",
    "first_of",
    "first_picture",
    "generator_nets",
    "hookimpl",
    "keep_direction",
    "keep_table",
    "load_registry",
    "load_table",
    "manifest_weights",
    "need",
    "placement_of",
    "replay",
    "run",
    "seeds_in",
    "w_space",
]
