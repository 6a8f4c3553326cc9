"""Which network a published file is, from names and shapes alone, and the network itself.

Nothing but tensors is read: no class of the file's own. A file that is another network than the one that is wanted is
refused by a sentence that names what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from nets.affordable import check
from nets.contents import Contents
from nets.translation.animegan_keys import animegan_from_graph, animegan_from_state, is_animegan_graph
from nets.translation.enlarging_keys import compact_from_state, rrdb_from_state
from nets.translation.official import Misread, cleaned
from nets.translation.resnet_keys import enhanced_from_state, resnet_from_state
from nets.translation.spade_keys import encoder_from_state, spade_from_state
from nets.translation.unet_keys import unet_from_state


@dataclass(frozen=True)
class Layout:
    """A kind of published file.

    Attributes:
        name: what code calls it.
        title: what people call it, with its article.
        reader: makes the network; None for what only is recognised.
        marks: parts of tensor names, all of which begin some name of such a file.
    """

    name: str
    title: str
    reader: Callable[[Mapping[str, Tensor]], nn.Module] | None
    marks: tuple[str, ...]


LAYOUTS = (
    Layout("enhanced", "pix2pixHD's generator with local enhancers", enhanced_from_state, ("model.1.", "model1_1.")),
    Layout("unet", "a U-Net of pix2pix", unet_from_state, ("model.model.0.",)),
    Layout("spade", "a SPADE or CLADE generator", spade_from_state, ("head_0.", "conv_img.")),
    Layout("style_encoder", "SPADE's encoder of styles", encoder_from_state, ("layer1.0.", "fc_mu.")),
    Layout("animegan", "AnimeGANv2", animegan_from_state, ("block_a.0.1.", "out_layer.0.")),
    Layout("rrdb", "Real-ESRGAN's RRDB network", rrdb_from_state, ("conv_first.", "conv_last.")),
    Layout("compact", "Real-ESRGAN's compact network", compact_from_state, ("body.0.weight", "body.1.weight")),
    Layout("scales", "pix2pixHD's or SPADE's discriminator", None, ("scale0_layer0.0.",)),
    Layout("scales", "pix2pixHD's discriminator", None, ("layer0.0.", "layer1.0.")),
    Layout("scales", "SPADE's discriminator", None, ("discriminator_0.",)),
    Layout("patches", "a discriminator of pix2pix or CycleGAN", None, ("model.0.weight", "model.2.weight")),
    Layout("contrast", "CUT's network of features (net_F)", None, ("mlp_0.0.",)),
    Layout("stylegan2", "a StyleGAN2", None, ("mapping.", "synthesis.")),
    Layout("stylegan2", "a StyleGAN2", None, ("style.", "convs.", "to_rgbs.")),
    Layout("fast_style", "a fast style network, which “Fast style” reads", None, ("conv1.conv2d.", "res1.")),
    Layout("vgg", "a VGG", None, ("features.0.", "features.2.")),
)
RESNET = Layout("resnet", "a ResNet generator of CycleGAN, CUT or pix2pixHD", resnet_from_state, ("model.1.",))
FEATURES = Layout("features", "pix2pixHD's encoder of instances", resnet_from_state, ("model.1.",))
GENERATORS = ("resnet", "unet", "enhanced", "spade", "animegan")
ENLARGERS = ("rrdb", "compact")
_WRAPPERS = ("netG.", "generator.", "params_ema.", "params.", "state_dict.")
_PREFERRED = ("params_ema", "netG_ema", "g_ema", "G_ema", "params", "netG", "state_dict", "")


def layout_of(state: Mapping[str, Tensor]) -> Layout | None:
    """What cleaned tensors are, or None for an unknown network."""
    for layout in LAYOUTS:
        if all(any(name.startswith(mark) for name in state) for mark in layout.marks):
            return layout
    first = state.get("model.1.weight")
    if first is None or first.ndim != 4 or first.shape[-1] != 7:
        return None
    return RESNET if any(".conv_block." in name for name in state) else FEATURES


def from_contents(contents: Contents, wanted: Sequence[str] = GENERATORS) -> nn.Module:
    """The network in a file that has been read, in evaluation mode, float32, frozen.

    It takes and gives pictures in -1..1, or 0..1 where it enlarges, and has `multiple` and `reach`, itself or in its
    `config`.

    Args:
        contents: the file.
        wanted: names of the layouts that will do.

    Raises:
        Misread: another network, two of them, tensors missing or left over, or one that cannot be afforded.
    """
    if "animegan" in wanted and is_animegan_graph(contents):
        return animegan_from_graph(contents)
    state, layout = _chosen(contents, wanted)
    if layout.name not in wanted or layout.reader is None:
        raise Misread(f"this is {layout.title}; {_titles(wanted)} is wanted.")
    net = layout.reader(state)
    check(*_cost(net), contents.free_bytes, "a picture of 256 × 256")
    return net


def _chosen(contents: Contents, wanted: Sequence[str]) -> tuple[dict[str, Tensor], Layout]:
    """The tensors of the group that is wanted, or else of one that is known."""
    known = dict[str, tuple[dict[str, Tensor], Layout]]()
    for name, group in contents.tensors.items():
        state = _unwrapped(cleaned(group))
        if (layout := layout_of(state)) is not None:
            known[name] = state, layout
    good = [name for name, (_, layout) in known.items() if layout.name in wanted]
    best = [name for name in _PREFERRED if name in good]
    if len(good) > 1 and not best:
        raise Misread(f"it holds several networks ({', '.join(good[:4])}). Save the one you want in a file of its own.")
    if good or known:
        return known[best[0] if best else good[0] if good else next(iter(known))]
    raise Misread(f"this is no network that is known here; {_titles(wanted)} is wanted.")


def _unwrapped(state: dict[str, Tensor]) -> dict[str, Tensor]:
    for wrapper in _WRAPPERS:
        if state and all(name.startswith(wrapper) for name in state):
            return {name.removeprefix(wrapper): value for name, value in state.items()}
    return state


def _titles(wanted: Sequence[str]) -> str:
    titles = {layout.name: layout.title for layout in (RESNET, *LAYOUTS, FEATURES) if layout.name in wanted}
    names = [titles[name] for name in wanted if name in titles]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def per_pixel(net: nn.Module) -> int:
    """About how many bytes a network works with at once for each pixel of its input."""
    widest = max((p.shape[0] for name, p in net.named_parameters() if p.ndim == 4 and "blocks" not in name), default=3)
    config = getattr(net, "config", None)
    if (labels := getattr(config, "labels", 0)) and config is not None:
        return 4 * (labels + 6 * config.width + 3 * config.hidden)
    width = getattr(config, "width", None) or getattr(getattr(config, "base", None), "width", None)
    if hasattr(net, "scale"):
        return 4 * 4 * widest * net.scale**2
    return 4 * 5 * (width or 64)


def _cost(net: nn.Module) -> tuple[int, int]:
    """Bytes of work for a picture of 256 × 256, and bytes of weights."""
    weights = sum(value.numel() * 4 for value in net.state_dict().values())
    return per_pixel(net) * 256 * 256, weights
