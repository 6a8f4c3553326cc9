"""Writes small generators in every published layout, from the layouts' own descriptions and none of our tables.

`values(shape)` gives different numbers for every tensor, so that two tensors that change places are noticed. Each
builder returns the state as its authors would save it, and what `Generator.state_dict()` must then hold.
"""

from __future__ import annotations

import numpy as np
import torch

Z, W, WIDTHS = 7, 6, {4: 5, 8: 4, 16: 3}


class Values:
    """Different numbers for every tensor asked for."""

    def __init__(self):
        self.random = torch.Generator().manual_seed(11)

    def __call__(self, *shape):
        return torch.randn(shape, generator=self.random)


def nvlabs(architecture="skip", c_dim=0, noise=True, tall=False, depth=2, z=Z):
    """stylegan2-ada-pytorch: blocks named by resolution, convolutions inside them."""
    t, theirs, ours = Values(), {}, {}

    def put(mine, name, tensor):
        theirs[name], ours[mine] = tensor, tensor

    put("mapping.w_avg", "mapping.w_avg", t(W))
    inputs = z
    if c_dim:
        put("mapping.embed.weight", "mapping.embed.weight", t(W, c_dim))
        put("mapping.embed.bias", "mapping.embed.bias", t(W))
        inputs += W
    for i in range(depth):
        put(f"mapping.layers.{i}.weight", f"mapping.fc{i}.weight", t(W, W if i else inputs))
        put(f"mapping.layers.{i}.bias", f"mapping.fc{i}.bias", t(W))
    put("synthesis.const", "synthesis.b4.const", t(WIDTHS[4], 4, 2 if tall else 4))
    line = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = torch.outer(line, line) / 64

    def layer(height, mine, name, inputs, outputs, size):
        us, them = f"synthesis.blocks.{height}.{mine}", f"synthesis.b{height}.{name}"
        put(f"{us}.weight", f"{them}.weight", t(outputs, inputs, size, size))
        put(f"{us}.bias", f"{them}.bias", t(outputs))
        put(f"{us}.style.weight", f"{them}.affine.weight", t(inputs, W))
        put(f"{us}.style.bias", f"{them}.affine.bias", t(inputs))
        if size == 3:
            theirs[f"{them}.resample_filter"] = kernel
            if noise:
                put(f"{us}.noise_strength", f"{them}.noise_strength", t())
                put(f"{us}.noise", f"{them}.noise_const", t(height, height // (2 if tall else 1)))

    for height, outputs in WIDTHS.items():
        inputs = WIDTHS.get(height // 2)
        theirs[f"synthesis.b{height}.resample_filter"] = kernel
        if inputs:
            layer(height, "conv0", "conv0", inputs, outputs, 3)
        layer(height, "conv1", "conv1", outputs, outputs, 3)
        if architecture == "skip" or height == 16:
            layer(height, "rgb", "torgb", outputs, 3, 1)
        if architecture == "resnet" and inputs:
            put(f"synthesis.blocks.{height}.skip.weight", f"synthesis.b{height}.skip.weight", t(outputs, inputs, 1, 1))
            theirs[f"synthesis.b{height}.skip.resample_filter"] = kernel
    return theirs, ours


def rosinality(depth=3):
    """stylegan2-pytorch: conv1 and to_rgb1, then convs.0 and .1 (8 px), convs.2 and .3 (16 px), to_rgbs.0 and .1."""
    t, theirs, ours = Values(), {}, {}
    for i in range(depth):
        for leaf, shape in (("weight", (W, W)), ("bias", (W,))):
            ours[f"mapping.layers.{i}.{leaf}"] = theirs[f"style.{i + 1}.{leaf}"] = t(*shape)
    theirs["input.input"] = t(1, 5, 4, 4)
    ours["synthesis.const"] = theirs["input.input"][0]
    line = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = torch.outer(line, line) / 16

    def modulated(us, them, inputs, outputs, size):
        theirs[f"{them}.conv.weight"] = t(1, outputs, inputs, size, size)
        ours[f"{us}.weight"] = theirs[f"{them}.conv.weight"][0]
        theirs[f"{them}.conv.modulation.weight"] = ours[f"{us}.style.weight"] = t(inputs, W)
        theirs[f"{them}.conv.modulation.bias"] = ours[f"{us}.style.bias"] = t(inputs)

    layers = [("4.conv1", "conv1", 5, 5), ("8.conv0", "convs.0", 5, 4), ("8.conv1", "convs.1", 4, 4)]
    layers += [("16.conv0", "convs.2", 4, 3), ("16.conv1", "convs.3", 3, 3)]
    for n, (us, them, inputs, outputs) in enumerate(layers):
        us = f"synthesis.blocks.{us}"
        modulated(us, them, inputs, outputs, 3)
        theirs[f"{them}.noise.weight"] = t(1)
        ours[f"{us}.noise_strength"] = theirs[f"{them}.noise.weight"][0]
        theirs[f"{them}.activate.bias"] = ours[f"{us}.bias"] = t(outputs)
        side = (4, 8, 8, 16, 16)[n]
        theirs[f"noises.noise_{n}"] = t(1, 1, side, side)
        ours[f"{us}.noise"] = theirs[f"noises.noise_{n}"][0, 0]
        if "conv0" in us:
            theirs[f"{them}.conv.blur.kernel"] = kernel * 4 / 4
    for us, them, inputs in (("4", "to_rgb1", 5), ("8", "to_rgbs.0", 4), ("16", "to_rgbs.1", 3)):
        us = f"synthesis.blocks.{us}.rgb"
        modulated(us, them, inputs, 3, 1)
        theirs[f"{them}.bias"] = t(1, 3, 1, 1)
        ours[f"{us}.bias"] = theirs[f"{them}.bias"][0, :, 0, 0]
        if them != "to_rgb1":
            theirs[f"{them}.upsample.kernel"] = kernel
    ours["mapping.w_avg"] = t(W)
    return theirs, ours


def psp(depth=3):
    """pSp and e4e: {state_dict: {encoder.…, decoder.…}, latent_avg, opts}."""
    inner, ours = rosinality(depth)
    network = {f"decoder.{name}": tensor for name, tensor in inner.items()}
    network["encoder.input_layer.0.weight"] = torch.zeros(64, 3, 3, 3)
    network["encoder.styles.0.linear.weight"] = torch.zeros(W, W)
    rows = ours["mapping.w_avg"].repeat(6, 1)
    return {"state_dict": network, "latent_avg": rows, "opts": {"output_size": 16}}, ours


def tensorflow(architecture="skip", c_dim=0):
    """The pickles before PyTorch: arrays [k, k, in, out] and [in, out], style biases less 1, noise numbered."""
    state, ours = nvlabs(architecture, c_dim)
    theirs = {"dlatent_avg": ours["mapping.w_avg"], "synthesis/lod": torch.zeros(())}
    numbers = {"4.conv1": 0, "8.conv0": 1, "8.conv1": 2, "16.conv0": 3, "16.conv1": 4}
    names = {"conv0": "Conv0_up", "conv1": "Conv1", "torgb": "ToRGB", "skip": "Skip"}
    for name, tensor in state.items():
        part = name.split(".")
        value = tensor.numpy()
        if "embed" in name or "fc" in name:
            layer = "LabelEmbed" if "embed" in name else f"Dense{part[1][2:]}"
            theirs[f"mapping/{layer}/{part[2]}"] = torch.tensor(np.ascontiguousarray(value.T))
        elif part[-1] == "const":
            theirs["synthesis/4x4/Const/const"] = tensor[None]
        elif part[0] == "synthesis" and part[-1] != "resample_filter":
            height = part[1][1:]
            them = "Conv" if height == "4" and part[2] == "conv1" else names[part[2]]
            key = f"synthesis/{height}x{height}/{them}"
            if part[3] == "affine":
                theirs[f"{key}/mod_{part[4]}"] = torch.tensor(value.T.copy() if value.ndim == 2 else value - 1)
            elif part[3] == "noise_const":
                theirs[f"synthesis/noise{numbers[f'{height}.{part[2]}']}"] = tensor[None, None]
            elif part[3] == "weight":
                turned = value[:, :, ::-1, ::-1] if part[2] in ("conv0", "skip") else value
                theirs[f"{key}/weight"] = torch.tensor(turned.transpose(2, 3, 1, 0).copy())
            else:
                theirs[f"{key}/{part[3]}"] = tensor
    return theirs, ours
