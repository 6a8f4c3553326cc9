"""StyleGAN2 (Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN"): both networks.

Start with `Generator(GeneratorConfig(...))`, or with `from_state(tensors)` for a generator that somebody has trained.
"""

from nets.stylegan2.config import GeneratorConfig, default_channels
from nets.stylegan2.detect import detect
from nets.stylegan2.discriminator import Discriminator
from nets.stylegan2.generator import Generator
from nets.stylegan2.keymaps import KeyMapError, Layout
from nets.stylegan2.states import from_state, to_state

__all__ = [
    "Discriminator",
    "Generator",
    "GeneratorConfig",
    "KeyMapError",
    "Layout",
    "default_channels",
    "detect",
    "from_state",
    "to_state",
]
