"""Weights: declared by editors, found in the cache, on the Hub or in the distribution, and verified."""

from registry.weights.card import card
from registry.weights.declare import Net, Weights
from registry.weights.download_errors import size_text
from registry.weights.downloads_needed import is_here, need, needs
from registry.weights.fetch import fetch
from registry.weights.hub_check import Answer, ask_live
from registry.weights.loaded import Loaded, load_local, load_net, nets
from registry.weights.local import Local, cached_path, embedded, embedded_sha256, file_sha256
from registry.weights.locations import embedded_path
from registry.weights.lock import known_pin, pin_of
from registry.weights.manifest import Entry, entries, get
from registry.weights.memory import NetCache, net_budget_bytes
from registry.weights.own_file import OwnFile
from registry.weights.perception import (
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
)
from registry.weights.progress import Progress, in_flight, listen
from registry.weights.prune import leftovers, remove

__all__ = [
    "Answer",
    "COLOURIST",
    "DIRECT_PORTRAIT",
    "DOUBLING",
    "Entry",
    "FAST_STYLE",
    "LABEL_ENCODER",
    "Loaded",
    "Local",
    "MTCNN",
    "Net",
    "NetCache",
    "OwnFile",
    "PORTRAIT_INK",
    "PUPPETS_CRITIC",
    "PUPPETS_DECODERS",
    "PUPPETS_DRAG_FLOW",
    "PUPPETS_ENCODER",
    "PUPPETS_FEATURES",
    "PORTRAIT_INK",
    "PUPPETS_JUDGES",
    "Progress",
    "VGG16_EDGES",
    "VGG16_EDGES_DECODERS",
    "Weights",
    "ask_live",
    "cached_path",
    "card",
    "embedded",
    "embedded_path",
    "embedded_sha256",
    "entries",
    "fetch",
    "file_sha256",
    "get",
    "in_flight",
    "known_pin",
    "leftovers",
    "listen",
    "load_local",
    "load_net",
    "need",
    "is_here",
    "needs",
    "net_budget_bytes",
    "nets",
    "pin_of",
    "remove",
    "size_text",
]
