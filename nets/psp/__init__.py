"""pSp and e4e: encoders from a face to w_plus, for checkpoints that others have trained.

Richardson et al. 2021, "Encoding in Style" (pSp); Tov et al. 2021, "Designing an Encoder for StyleGAN Image
Manipulation" (e4e). `from_contents` makes the encoder out of what a reader found in a checkpoint.
"""

from nets.psp.encoder import PspConfig, PspEncoder
from nets.psp.states import PspError, from_contents, from_state, needs_mean

__all__ = ["PspConfig", "PspEncoder", "PspError", "from_contents", "from_state", "needs_mean"]
