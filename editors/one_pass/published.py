"""Which networks AdaIN uses: the embedded ones, or a published pair of files."""

from __future__ import annotations

from editors.one_pass.adain import Networks
from facet import BadInput, Context, OwnFile
from nets.adain import decoder_from_contents, encoder_from_contents
from nets.features import Coloured, Decoders
from nets.features.bases import Trunk

EPS = 1e-5
"""Variance that the published AdaIN adds to both sides."""


def embedded(ctx: Context) -> tuple[Trunk, Decoders]:
    """The embedded trunk as the decoders want it, and the decoders."""
    trunk, decoders = ctx.net("trunk"), ctx.net("decoders")
    return (Coloured(trunk) if decoders.config.coloured else trunk), decoders


def networks_of(ctx: Context, encoder: OwnFile | None, decoder: OwnFile | None) -> Networks:
    """The networks of a run.

    Raises:
        BadInput: only one of the two files was given.
        WeightsCorrupt: one of them is no such network.
    """
    if (encoder is None) != (decoder is None):
        missing, there = ("own_encoder", "decoder") if encoder is None else ("own_decoder", "encoder")
        raise BadInput(missing, f"is missing beside the {there} file", "Give both files, or none.")
    if encoder is None or decoder is None:
        trunk, decoders = embedded(ctx)
        return Networks(trunk, decoders.styled)
    return Networks(ctx.own_net(encoder, encoder_from_contents), ctx.own_net(decoder, decoder_from_contents), EPS)
