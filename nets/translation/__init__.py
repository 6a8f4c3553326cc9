"""Networks that translate pictures into pictures, and readers of the files their authors published."""

from nets.translation.animegan import AnimeGan
from nets.translation.enlarging import Compact, Rrdb
from nets.translation.official import Misread
from nets.translation.patches import PatchGan, Scales
from nets.translation.pix2pixhd import Enhanced, EnhancedConfig, instance_means
from nets.translation.reading import ENLARGERS, GENERATORS, from_contents, per_pixel
from nets.translation.resnet import Resnet, ResnetConfig
from nets.translation.spade import SpadeConfig, SpadeGenerator
from nets.translation.style_encoder import StyleEncoder, drawn
from nets.translation.unet import Unet, UnetConfig

__all__ = [
    "ENLARGERS",
    "GENERATORS",
    "AnimeGan",
    "Compact",
    "Enhanced",
    "EnhancedConfig",
    "Misread",
    "PatchGan",
    "Resnet",
    "ResnetConfig",
    "Rrdb",
    "Scales",
    "SpadeConfig",
    "SpadeGenerator",
    "StyleEncoder",
    "Unet",
    "UnetConfig",
    "drawn",
    "from_contents",
    "instance_means",
    "per_pixel",
]
