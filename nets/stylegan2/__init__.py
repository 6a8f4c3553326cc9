"""StyleGAN2 (Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN"): both networks."""

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.discriminator import Discriminator
from nets.stylegan2.generator import Generator

__all__ = ["Discriminator", "Generator", "GeneratorConfig"]
