"""The networks of this family."""

from __future__ import annotations

from facet import Net
from facet.stylegan import generator_nets
from facet.weights import COLOURIST, DIRECT_PORTRAIT, LABEL_ENCODER, PORTRAIT_INK, PUPPETS_JUDGES, VGG16_EDGES
from nets import colourise, features, judges, label_encoder
from nets.stylegan2.contents import from_contents
from nets.translation import label_unet, pair

PUPPETS = generator_nets(from_contents)
ENCODER = Net("label_encoder", label_encoder.from_contents, (LABEL_ENCODER,), "From labels or lines to a code.")
JUDGES = Net("puppets_judges", judges.from_contents, (PUPPETS_JUDGES,), "Which part of a puppet is where.")
TRUNK = Net("vgg16_edges", features.from_contents, (VGG16_EDGES,), "What is in a photograph.")
COLOURS = Net("colourist", colourise.from_contents, (COLOURIST,), "How likely each colour is at each place.")
INK = Net("portrait_ink", pair.from_contents, (PORTRAIT_INK,), "From portraits to ink sketches.")
DIRECT = Net(
    "direct_portrait", label_unet.from_contents, (DIRECT_PORTRAIT,), "From labels to a picture without a code."
)
