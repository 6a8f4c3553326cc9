"""The synthesis network as training wants it: the same function, written so that a compiler can fuse it.

`nets.stylegan2` is written for editing, where one w at a time is drawn and only w takes a gradient. In training most of
the time went into passing over maps. Here every layer is a convolution and one pass: enlarging convolutions become
ordinary ones at the smaller size with four times the outputs (polyphase form: the filter is folded into the weights),
whose shuffling to the larger size joins the scaling, the bias and the leaky ReLU.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from nets.stylegan2 import Generator
from nets.stylegan2.layers import SLOPE, SQRT2
from nets.stylegan2.modconv import demodulation, energy
from nets.stylegan2.styled import StyledConv
from nets.stylegan2.synthesis import Synthesis
from nets.stylegan2.upfirdn import Taps, upsample_conv2d


@lru_cache(maxsize=4)
def polyphase(taps: Taps) -> Tensor:
    """How the 9 taps of an enlarging convolution spread over 3 x 3 taps of its 4 phases, [9, 4, 3, 3].

    Found by asking the convolution itself: one input pixel, every tap in turn.
    """
    x = torch.zeros(1, 1, 5, 5)
    x[..., 2, 2] = 1
    weight = torch.eye(9).view(1, 9, 3, 3)
    answer = upsample_conv2d(x, weight, taps)[0].unflatten(2, (5, 2)).unflatten(1, (5, 2))  # [9, 5, 2, 5, 2]
    spread = answer.permute(0, 2, 4, 1, 3).flatten(1, 2)
    if not torch.equal(spread.abs().sum((0, 1))[1:4, 1:4].sum(), spread.abs().sum()):
        raise ValueError(f"taps: {taps} reach further than the neighbouring pixels")
    return spread[..., 1:4, 1:4].flip(-1, -2).contiguous()  # flipped, for convolutions here correlate


def styled(conv: StyledConv, x: Tensor, w: Tensor, spread: Tensor | None) -> Tensor:
    """One modulated convolution with its constant noise: x [N, I, h, w] in bfloat16 or float32 → [N, O, h', w']."""
    style = conv.style(w)
    demod = (demodulation(energy(conv.weight), style) * SQRT2).to(x.dtype)[:, None, None]
    bias = (conv.bias * SQRT2).to(x.dtype)
    x = x * style.to(x.dtype)[:, :, None, None]
    if spread is None:
        y = functional.conv2d(x, conv.weight.to(x.dtype), padding=1).permute(0, 2, 3, 1)
    else:
        outputs, inputs = conv.weight.shape[:2]
        kernel = (conv.weight.flatten(2) @ spread.flatten(1)).view(outputs, inputs, 4, 3, 3)
        kernel = kernel.permute(2, 0, 1, 3, 4).flatten(0, 1).to(x.dtype)
        y = functional.conv2d(x, kernel, padding=1).permute(0, 2, 3, 1)
        y = y.unflatten(3, (2, 2, outputs)).permute(0, 1, 3, 2, 4, 5).flatten(3, 4).flatten(1, 2)
    y = y * demod + bias
    if conv.noise is not None:
        y = y + (conv.noise * (conv.noise_strength * SQRT2)).to(x.dtype)[..., None]
    return functional.leaky_relu(y, SLOPE).permute(0, 3, 1, 2)


def doubled(x: Tensor) -> Tensor:
    """`upsample2d` with the filter 1, 3, 3, 1, along each axis in turn: x [n, c, h, w] → [n, c, 2h, 2w]."""
    for axis in (2, 3):
        length = x.shape[axis]
        padded = functional.pad(x, [0, 0, 1, 1] if axis == 2 else [1, 1])
        before, after = padded.narrow(axis, 0, length), padded.narrow(axis, 2, length)
        x = torch.stack([before + 3 * x, 3 * x + after], axis + 1).flatten(axis, axis + 1) / 4
    return x


def paint(synthesis: Synthesis, w: Tensor, size: int, dtype: torch.dtype, spread: Tensor) -> Tensor:
    """w [n, w_dim] for all rows, or w_plus [n, rows, w_dim] → pictures [n, 3, size, size], noise as it is kept.

    ``spread`` is `polyphase` of the filter 1, 3, 3, 1, the one that training knows.
    """
    rows = w[:, None].expand(-1, synthesis.num_ws, -1) if w.ndim == 2 else w
    x = synthesis.const.to(dtype).expand(len(w), -1, -1, -1).contiguous(memory_format=torch.channels_last)
    image, row = None, 0
    for name, block in synthesis.blocks.items():
        if block.conv0 is not None:
            x = styled(block.conv0, x, rows[:, row], spread)
            row += 1
        x = styled(block.conv1, x, rows[:, row], None)
        row += 1  # the next block's first convolution reads the row of this block's RGB layer
        rgb = block.rgb
        weight = (rgb.weight.flatten(1) * (rgb.style(rows[:, row]) * rgb.gain)[:, None]).to(dtype)
        added = torch.einsum("nchw,nrc->nrhw", x, weight).float() + rgb.bias[:, None, None]
        image = added if image is None else doubled(image) + added
        if int(name) == size:
            return image
    raise ValueError(f"size: {size} is not a block of this generator")


def drawing(generator: Generator) -> Callable[[Tensor], Tensor]:
    """A function from w_plus to pictures in bfloat16, ready to be compiled."""
    size, spread = generator.config.resolution[0], polyphase(generator.config.resample_filter)

    def draw(w_plus: Tensor) -> Tensor:
        return paint(generator.synthesis, w_plus, size, torch.bfloat16, spread)

    return draw
