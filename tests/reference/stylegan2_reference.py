"""StyleGAN2 written out from the paper with nothing spared: the oracle for the fast generator, and its baseline.

Every sample gets its own modulated and demodulated weights, enlarging really writes the zeros between the pixels and
really filters them, gains and noise are applied one by one. It computes in the precision of the tensors it is given.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F


def zeros_between(x):
    """[N, C, H, W] → [N, C, 2H, 2W]: every pixel followed by a zero, on both axes."""
    y = x.new_zeros(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3])
    y[:, :, ::2, ::2] = x
    return y


def fir(x, taps, before, after, gain):
    """Pad with zeros, then convolve each channel with the normalised outer product of the taps."""
    line = torch.tensor(taps, dtype=torch.float64)
    kernel = torch.outer(line, line) / line.sum() ** 2 * gain
    kernel = kernel.flip(0, 1).to(x.dtype)[None, None].repeat(x.shape[1], 1, 1, 1)
    return F.conv2d(F.pad(x, (before, after, before, after)), kernel, groups=x.shape[1])


def upsample(x, taps):
    k = len(taps)
    return fir(zeros_between(x), taps, (k + 1) // 2, (k - 2) // 2, 4.0)


def leaky(x):
    return torch.where(x > 0, x, 0.2 * x)


def dense(state, name, x, lr=1.0):
    weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
    return x @ (weight * lr / math.sqrt(weight.shape[1])).t() + bias * lr


def mapping(config, state, z, c=None, psi=1.0, cutoff=None):
    """z [N, z_dim] → w_plus [N, num_ws, w_dim]."""

    def norm(x):
        return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()

    x = norm(z)
    if config.c_dim:
        x = torch.cat([x, norm(dense(state, "mapping.embed", c))], 1)
    for i in range(config.mapping_layers):
        x = leaky(dense(state, f"mapping.layers.{i}", x, config.mapping_lr)) * math.sqrt(2)
    rows = []
    for row in range(2 * len(config.channels)):
        truncated = cutoff is None or row < cutoff
        rows.append(state["mapping.w_avg"] + psi * (x - state["mapping.w_avg"]) if truncated else x)
    return torch.stack(rows, 1)


def modulated(x, weight, style, demodulate, up_taps=None):
    """Equations 1–3, one sample after the other. `up_taps`: enlarge with this filter, then a true convolution."""
    results = []
    for sample, s in zip(x, style, strict=True):
        w = weight * s[None, :, None, None]
        if demodulate:
            w = w / (w.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if up_taps is None:
            results.append(F.conv2d(sample[None], w, padding=w.shape[-1] // 2))
        else:
            k = len(up_taps)
            wide = fir(zeros_between(sample[None]), up_taps, (k + 1) // 2 + 1, (k - 2) // 2 + 1, 4.0)
            results.append(F.conv2d(wide, w.flip(2, 3)))
    return torch.cat(results)


def styled_conv(config, state, name, x, w, noise, up, gain=1.0):
    y = modulated(
        x, state[f"{name}.weight"], dense(state, f"{name}.style", w), True, config.resample_filter if up else None
    )
    if noise and config.use_noise:
        y = y + state[f"{name}.noise"] * state[f"{name}.noise_strength"]
    y = leaky(y + state[f"{name}.bias"][None, :, None, None]) * math.sqrt(2) * gain
    return y if config.conv_clamp is None else y.clamp(-config.conv_clamp * gain, config.conv_clamp * gain)


def to_rgb(config, state, name, x, w):
    style = dense(state, f"{name}.style", w) / math.sqrt(x.shape[1])
    y = modulated(x, state[f"{name}.weight"], style, False) + state[f"{name}.bias"][None, :, None, None]
    return y if config.conv_clamp is None else y.clamp(-config.conv_clamp, config.conv_clamp)


def synthesis(config, state, w_plus, noise=True):
    """w_plus → (image, {height: features after that block}). Noise is the stored one, or none."""
    taps, image, row, features = config.resample_filter, None, 0, {}
    x = state["synthesis.const"][None].repeat(len(w_plus), 1, 1, 1)
    for height in config.heights:
        name = f"synthesis.blocks.{height}"
        if height == config.heights[0]:
            x = styled_conv(config, state, f"{name}.conv1", x, w_plus[:, row], noise, up=False)
            row += 1
        else:
            before, gain = x, math.sqrt(0.5) if config.architecture == "resnet" else 1.0
            x = styled_conv(config, state, f"{name}.conv0", x, w_plus[:, row], noise, up=True)
            x = styled_conv(config, state, f"{name}.conv1", x, w_plus[:, row + 1], noise, up=False, gain=gain)
            if config.architecture == "resnet":
                weight = state[f"{name}.skip.weight"]
                y = upsample(F.conv2d(before, weight / math.sqrt(weight.shape[1])), taps) * gain
                x = x + (
                    y if config.conv_clamp is None else y.clamp(-config.conv_clamp * gain, config.conv_clamp * gain)
                )
            row += 2
        features[height] = x
        if image is not None:
            image = upsample(image, taps)
        if config.architecture == "skip" or height == config.heights[-1]:
            added = to_rgb(config, state, f"{name}.rgb", x, w_plus[:, row])
            image = added if image is None else image + added
    return image, features
