"""The kinds of input that an editor can declare."""

from registry.inputs.directions import DirectionNames, Strengths, generator_id
from registry.inputs.files import WeightsFile
from registry.inputs.films import FilmFormat, InPhotograph
from registry.inputs.generators import GeneratorChoice, grouped
from registry.inputs.kept import YOURS, KeptChoice
from registry.inputs.kind import Kind, Option, as_number
from registry.inputs.label_maps import LabelMapInput
from registry.inputs.labels import Labels
from registry.inputs.marks import Mask, MaskInput, Pair, Points
from registry.inputs.numbers import Seed, Slider
from registry.inputs.pictures import NO_LATENT, Latent, Picture, SourcePicture
from registry.inputs.plain import Choice, Switch, Text
from registry.inputs.samples import Samples
from registry.inputs.seeds import Seeds, seeds_in

__all__ = [
    "Choice",
    "DirectionNames",
    "FilmFormat",
    "GeneratorChoice",
    "KeptChoice",
    "InPhotograph",
    "Kind",
    "LabelMapInput",
    "Labels",
    "Latent",
    "Mask",
    "NO_LATENT",
    "Option",
    "SourcePicture",
    "MaskInput",
    "Pair",
    "Picture",
    "Points",
    "Samples",
    "Seed",
    "Seeds",
    "Slider",
    "Strengths",
    "Switch",
    "Text",
    "WeightsFile",
    "YOURS",
    "generator_id",
    "grouped",
    "seeds_in",
    "as_number",
]
