"""The feature network: a small VGG-shaped trunk, decoders that invert it, and what style and perception take from it.

``net(pictures)`` gives relu1_1 … relu5_1 of pictures of any size; ``decoders.plain[k - 1]`` turns relu`k`_1 back into a
picture, ``decoders.styled`` a relu4_1 whose statistics were exchanged with `adain`; `PerceptualDistance` compares two
pictures.
"""

from nets.features.coloured import Coloured
from nets.features.config import FeaturesConfig
from nets.features.decoder import Decoder, Decoders
from nets.features.distance import PerceptualDistance
from nets.features.network import FeatureNet
from nets.features.states import decoders_from_contents, from_contents, from_state, to_state
from nets.features.statistics import adain, exchange, frechet, gram, mean_std, whiten_colour

__all__ = [
    "Coloured",
    "Decoder",
    "Decoders",
    "FeatureNet",
    "FeaturesConfig",
    "PerceptualDistance",
    "adain",
    "decoders_from_contents",
    "exchange",
    "frechet",
    "from_contents",
    "from_state",
    "gram",
    "mean_std",
    "to_state",
    "whiten_colour",
]
