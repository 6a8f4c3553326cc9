"""The networks that help with inversion: generators, encoders, and the judges that find faces and score results."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from facet import BadInput, Context, Net, OwnFile, Weights
from facet.stylegan import generator_entry, generator_nets, w_space
from facet.weights import (
    MTCNN,
    PUPPETS_ENCODER,
    PUPPETS_JUDGES,
    VGG16_EDGES,
    WeightsCorrupt,
    WeightsMissing,
    card,
    manifest_weights,
    need,
)
from nets import encoder as puppet_encoder
from nets import features, mtcnn, psp, yunet
from nets import judges as puppet_judges
from nets.align import FFHQ, PUPPETS, Framing
from nets.features import FeatureNet
from nets.inversion import PublishedTuning
from nets.judges import Judges
from nets.lpips import Lpips, heads_of_package, vgg16_from_contents
from nets.stylegan2 import Generator
from nets.stylegan2.contents import from_contents
from nets.yunet import YuNet

GENERATORS = generator_nets(from_contents)
JUDGES = Net("puppets_judges", puppet_judges.from_contents, (PUPPETS_JUDGES,), "Finds and scores puppets.")
ENCODER = Net("puppets_encoder", puppet_encoder.from_contents, (PUPPETS_ENCODER,), "From a puppet to its code.")
DETECTOR = Net("mtcnn", mtcnn.from_contents, (MTCNN,), "Finds faces in photographs.")
YUNET = Net("yunet", yunet.from_contents, (manifest_weights("yunet"),), "Finds faces in photographs; 233 kB.", True)
TRUNK = Net("vgg16_edges", features.from_contents, (VGG16_EDGES,), "How far the result is from the photograph.")
E4E = Net("e4e_ffhq", psp.from_contents, (manifest_weights("e4e_ffhq"),), "From a photograph to FFHQ's code.", True)


def _shipped(net: Net) -> bool:
    source: Weights = net.sources[0]
    return bool(card(source))


AIDS = tuple(net for net in (JUDGES, ENCODER, DETECTOR, TRUNK) if _shipped(net))
VGG16 = Net("vgg16", vgg16_from_contents, (manifest_weights("vgg16"),), "LPIPS' trunk, for PTI's own loss.", True)
NETS = (*GENERATORS, *AIDS, YUNET, E4E, VGG16)
BACK_AIDS = tuple(net for net in AIDS if net is JUDGES)
"""What helps to put an edit back: landmarks for large movements."""

_FFHQ = "ffhq_1024"
"""Generators of its W space are fine-tuned from one another, so that an encoder of one serves all."""
_FRAMINGS = {"puppets": PUPPETS, "ffhq": FFHQ}

Encode = Callable[[Tensor], Tensor]
"""Pictures [N, 3, h, w] in -1..1 → w_plus [N, num_ws, w_dim]."""


def framing_of(generator: str) -> Framing | None:
    """How a generator's pictures frame a face; None for one that makes none. Files of the user's own count as faces."""
    entry = generator_entry(generator)
    return _FRAMINGS.get(entry.framing) if entry is not None else None


def trunk_of(ctx: Context) -> FeatureNet | None:
    """Features that know photographs, where they come with this installation."""
    trunk: FeatureNet | None = ctx.net(TRUNK.name) if TRUNK in AIDS else None
    return trunk


def judges_of(ctx: Context) -> Judges | None:
    """The puppets' judges, where they come with this installation."""
    judges: Judges | None = ctx.net(JUDGES.name) if JUDGES in AIDS else None
    return judges


def mtcnn_of(ctx: Context) -> mtcnn.Mtcnn | None:
    """MTCNN, where it comes with this installation."""
    found: mtcnn.Mtcnn | None = ctx.net(DETECTOR.name) if DETECTOR in AIDS else None
    return found


def yunet_is_here() -> bool:
    """Whether YuNet can be had without a request."""
    return not need(YUNET)


def yunet_of(ctx: Context) -> tuple[YuNet | None, str]:
    """YuNet, from the Hub at its first use; or None, and why it cannot be had. It is no reason to give up."""
    try:
        found: YuNet = ctx.net(YUNET.name)
    except (WeightsMissing, WeightsCorrupt) as problem:
        return None, str(problem).rstrip(".")
    return found, ""


def published_loss(ctx: Context) -> PublishedTuning:
    """PTI's own loss, with LPIPS of VGG-16.

    Raises:
        BadInput: the channel weights of LPIPS are not installed, or damaged. WeightsMissing: its VGG-16 cannot be had.
    """
    fix = "“pip install lpips”, or choose our own loss."
    try:
        heads = heads_of_package()
    except ValueError as problem:
        raise BadInput("loss", f"cannot be had: {problem}", fix) from None
    if heads is None:
        raise BadInput("loss", "needs LPIPS, whose channel weights the Python package lpips brings along", fix)
    return PublishedTuning(Lpips(ctx.net(VGG16.name), heads))


def encoder_of(ctx: Context, name: str, generator: Generator, own: OwnFile | None, download: bool) -> Encode | None:
    """An encoder for a generator: the user's own file, the embedded one, or (with `download`) e4e from the Hub.

    Raises:
        BadInput: the own file's encoder makes codes of another shape.
    """
    if own is None and w_space(name) == "puppets" and ENCODER in AIDS:
        net = ctx.net(ENCODER.name)
        return lambda pictures: puppet_encoder.encode(net, pictures, generator.config.num_ws)
    if own is not None:
        found = ctx.own_net(own, psp.from_contents)
    elif download and w_space(name) == _FFHQ:
        found = ctx.net(E4E.name)
    else:
        return None
    made, wanted = (found.config.rows, found.config.width), (generator.config.num_ws, generator.config.w_dim)
    if made != wanted:
        sizes = "makes codes of {} × {}, but this generator takes {} × {}".format(*made, *wanted)
        raise BadInput("own_encoder", sizes, "Choose the encoder that was trained for it.")
    mean = generator.mapping.w_avg if psp.needs_mean(found) else 0.0
    return lambda pictures: found(pictures) + mean
