"""Networks that come with Facet or that it knows by name, and tables that editors keep between runs."""

from registry.artifacts import keep_table, load_table
from registry.errors import StandIn, WeightsCorrupt, WeightsMissing
from registry.weights import (
    COLOURIST,
    DIRECT_PORTRAIT,
    DOUBLING,
    FAST_STYLE,
    LABEL_ENCODER,
    MTCNN,
    PORTRAIT_INK,
    PUPPETS_CRITIC,
    PUPPETS_DECODERS,
    PUPPETS_DRAG_FLOW,
    PUPPETS_ENCODER,
    PUPPETS_FEATURES,
    PUPPETS_JUDGES,
    VGG16_EDGES,
    VGG16_EDGES_DECODERS,
    card,
    need,
)
from registry.weights import get as manifest_weights

__all__ = [
    "COLOURIST",
    "DIRECT_PORTRAIT",
    "DOUBLING",
    "FAST_STYLE",
    "LABEL_ENCODER",
    "MTCNN",
    "PORTRAIT_INK",
    "PUPPETS_CRITIC",
    "PUPPETS_DECODERS",
    "PUPPETS_DRAG_FLOW",
    "PUPPETS_ENCODER",
    "PUPPETS_FEATURES",
    "PUPPETS_JUDGES",
    "VGG16_EDGES",
    "VGG16_EDGES_DECODERS",
    "StandIn",
    "WeightsCorrupt",
    "WeightsMissing",
    "card",
    "keep_table",
    "load_table",
    "manifest_weights",
    "need",
]
