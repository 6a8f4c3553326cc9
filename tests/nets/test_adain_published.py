"""AdaIN with files in the published layout is the published formula."""

import pytest
import torch
from torch import nn

from editors.one_pass.adain import Networks, exchanged, style_moments
from editors.one_pass.look import Look
from nets.adain import DECODER, ENCODER, decoder_from_contents, encoder_from_contents
from nets.features.pieces import Pieces


class Contents:
    def __init__(self, state):
        self.tensors = {"": state}


def published():
    """The encoder up to relu4_1 and the decoder, as sequences of layers; weights are random, and keep their size."""
    pad, relu = lambda: nn.ReflectionPad2d(1), nn.ReLU
    pool, up = lambda: nn.MaxPool2d(2, 2, ceil_mode=True), lambda: nn.Upsample(scale_factor=2, mode="nearest")
    encoder = [nn.Conv2d(3, 3, 1)]
    for before, *convs in ((None, (3, 64), (64, 64)), (pool, (64, 128), (128, 128)),
                           (pool, (128, 256), (256, 256), (256, 256), (256, 256)), (pool, (256, 512))):  # fmt: skip
        encoder += [before()] if before else []
        for inputs, outputs in convs:
            encoder += [pad(), nn.Conv2d(inputs, outputs, 3), relu()]
    decoder = []
    for after, *convs in ((up, (512, 256)), (up, (256, 256), (256, 256), (256, 256), (256, 128)),
                          (up, (128, 128), (128, 64)), (None, (64, 64), (64, 3))):  # fmt: skip
        for inputs, outputs in convs:
            decoder += [pad(), nn.Conv2d(inputs, outputs, 3), *([relu()] if outputs > 3 else [])]
        decoder += [after()] if after else []
    torch.manual_seed(3)
    nets = nn.Sequential(*encoder), nn.Sequential(*decoder)
    for layer in (*nets[0], *nets[1]):
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return tuple(net.eval().requires_grad_(False) for net in nets)


def test_random_weights_give_the_formula():
    encoder, decoder = published()
    assert [int(name.split(".")[0]) for name in encoder.state_dict() if "weight" in name] == [n for n, _, _ in ENCODER]
    assert [int(name.split(".")[0]) for name in decoder.state_dict() if "weight" in name] == [n for n, _, _ in DECODER]
    content, style = torch.rand(1, 3, 64, 48), torch.rand(1, 3, 40, 56) ** 2
    ours = Networks(
        encoder_from_contents(Contents(encoder.state_dict() | {"31.extra": torch.zeros(1)})),
        decoder_from_contents(Contents(decoder.state_dict())),
        1e-5,
    )

    def statistics(features):
        flat = features.flatten(2)
        return flat.mean(2)[..., None, None], (flat.var(2, correction=0) + 1e-5).sqrt()[..., None, None]

    f, (style_mean, style_deviation) = encoder(content), statistics(encoder(style))
    mean, deviation = statistics(f)
    for strength in (1.0, 0.4):
        target = strength * ((f - mean) / deviation * style_deviation + style_mean) + (1 - strength) * f
        wanted = decoder(target)
        pieces = Pieces(ours.trunk, content, 4)
        affine = exchanged(ours, pieces.moments()[0], [(1.0, style_moments(ours, Look(style)))], strength)
        [(_, made)] = pieces.mapped(ours.decoder, [(affine, None)])
        scale = wanted.abs().max().clamp(min=1)
        assert ((made + 1) / 2 - wanted).abs().max() < 1e-5 * scale


def test_other_files_are_refused():
    encoder, decoder = published()
    with pytest.raises(ValueError, match="no AdaIN encoder"):
        encoder_from_contents(Contents(decoder.state_dict()))
    with pytest.raises(ValueError, match="no AdaIN decoder"):
        decoder_from_contents(Contents(encoder.state_dict()))
