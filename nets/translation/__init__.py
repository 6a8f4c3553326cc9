"""Networks that translate pictures into pictures, and readers of the files their authors published."""

from nets.translation.patches import PatchGan, Scales
from nets.translation.resnet import Resnet, ResnetConfig
from nets.translation.unet import Unet, UnetConfig

__all__ = ["PatchGan", "Resnet", "ResnetConfig", "Scales", "Unet", "UnetConfig"]
