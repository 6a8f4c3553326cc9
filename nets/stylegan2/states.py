"""A generator from somebody's tensors, and back: sizes are read from the tensors' shapes, never from a file's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.cost import affordable
from nets.stylegan2.detect import find, outline
from nets.stylegan2.facts import FILTERS, clamp_of, facts_of, labels_kept, taps_of
from nets.stylegan2.generator import Generator
from nets.stylegan2.keymaps import TABLES, TO_OURS, TO_THEIRS, KeyMapError, Kind, Layout, Outline

COUNTERS = ("lod", "pl_mean")  # states of training


@torch.inference_mode(False)  # a network loaded during inference must still take gradients later
def from_state(
    state: Mapping[str, Any], metadata: Mapping[str, Any] | None = None, free_bytes: int | None = None
) -> Generator:
    """The generator in `state`, in evaluation mode, float32, its weights frozen (they are copies).

    state: name → tensor, or nested as in a checkpoint (`g_ema`, `G_ema`, `state_dict` …); any `Layout`.
    metadata: what the file says besides: `config` (our own JSON), or a network's `init_kwargs`, under its name or not.
        Only facts that no tensor shows are taken from it: clamp, learning-rate multiplier, filter taps.
    free_bytes: memory that is free; a generator whose pictures would take more than half of it is refused.
    Where the mean of w is not stored it is measured; where no noise is stored it is drawn from a fixed seed.
    Raises KeyMapError when there is no such generator, or several that could be meant, when tensors are missing, left
    over or of a wrong shape, or when it cannot be afforded.
    """
    found = find(state)
    plan = outline(found.layout, found.tensors)
    ours = _rename(found.layout, plan, found.tensors)
    config = _config(found.layout, plan, ours, found.tensors, facts_of(metadata or {}, found.prefix))
    try:
        affordable(config, free_bytes)
    except ValueError as error:
        raise KeyMapError(f"{error}.") from error
    with torch.device("meta"):
        net = Generator(config)
    averaged = "mapping.w_avg" in ours
    _complete(net, ours)
    net.load_state_dict(ours, assign=True)
    if not averaged:
        net.mapping.w_avg = net.mapping.measure()
    return net.eval().requires_grad_(False)


def to_state(net: Generator, layout: Layout = Layout.FACET) -> dict[str, Tensor]:
    """The generator's tensors under the names of a layout (unnested), contiguous, with the constants that it stores.

    Raises KeyMapError when the layout has no names for this architecture. The clamp is a fact that only `Layout.FACET`
    keeps, in `config.to_json()` beside the tensors.
    """
    ours, plan, theirs = net.state_dict(), Outline.of(net.config), {}
    if layout in (Layout.ROSINALITY, Layout.PSP) and net.config.z_dim != net.config.w_dim:
        raise KeyMapError(f"{layout.value}'s layout has one width for z and w")
    for entry in TABLES[layout](plan):
        if entry.kind is Kind.ROWS:
            rows = 1 if layout is Layout.ROSINALITY else net.config.num_ws
            theirs[entry.theirs] = ours[entry.ours].repeat(rows, 1)
        else:
            theirs[entry.theirs] = TO_THEIRS[entry.kind](ours[entry.ours]).contiguous()
    taps = torch.tensor(net.config.resample_filter)
    kernel = torch.outer(taps, taps) / taps.sum() ** 2
    if layout is Layout.NVLABS:
        for height, conv in plan.convolutions():
            theirs[f"synthesis.b{height}.resample_filter"] = kernel.clone()
            theirs[f"synthesis.b{height}.{conv}.resample_filter"] = kernel.clone()
        theirs.update({f"synthesis.b{h}.skip.resample_filter": kernel.clone() for h in plan.skip_heights()})
    elif layout in (Layout.ROSINALITY, Layout.PSP):  # here the gain of enlarging is in the kernel
        inner = "decoder." if layout is Layout.PSP else ""
        for n in range(len(plan.heights) - 1):
            theirs[f"{inner}convs.{2 * n}.conv.blur.kernel"] = kernel * 4
            theirs[f"{inner}to_rgbs.{n}.upsample.kernel"] = kernel * 4
    return theirs


def _rename(layout: Layout, plan: Outline, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Their tensors under our names, float32 copies. Raises KeyMapError for missing and unknown names."""
    table = list(TABLES[layout](plan))
    optional = {"mapping.w_avg"}
    noises = {entry.ours for entry in table if entry.ours.endswith(".noise")}
    if not any(entry.theirs in tensors for entry in table if entry.ours in noises):
        optional |= noises
    missing = [e.theirs for e in table if e.theirs not in tensors and e.ours not in optional]
    known = {entry.theirs for entry in table}
    left = [name for name in tensors if name not in known and not name.endswith((*FILTERS, *COUNTERS))]
    if layout is Layout.PSP:
        left = [name for name in left if name.startswith("decoder.")]  # the encoder is no part of this
    if missing or left:
        raise KeyMapError(
            f"This looks like a StyleGAN2 generator in {layout.value} layout, but {_listed('are missing', missing)}"
            f"{' and ' if missing and left else ''}{_listed('are unknown', left)}."
        )
    ours = {}
    for entry in table:
        if entry.theirs in tensors:
            try:
                ours[entry.ours] = TO_OURS[entry.kind](tensors[entry.theirs]).detach().to(torch.float32, copy=True)
            except (RuntimeError, IndexError):
                shape = list(tensors[entry.theirs].shape)
                raise KeyMapError(f"{entry.theirs}: shape {shape} is not {entry.kind.value}") from None
    if broken := [name for name, tensor in ours.items() if not bool(tensor.isfinite().all())]:
        raise KeyMapError(f"This generator is broken: {_listed('hold what is no finite number', broken)}.")
    return {name: tensor.contiguous() for name, tensor in ours.items()}


def _config(
    layout: Layout, plan: Outline, ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor], facts: Mapping[str, Any]
) -> GeneratorConfig:
    """Sizes from shapes, the rest from the facts."""
    if isinstance(facts.get("config"), str):
        try:
            config = GeneratorConfig.from_json(facts["config"])
        except (ValueError, TypeError, AttributeError) as error:
            raise KeyMapError(f"the config beside these tensors cannot be used: {error}") from error
        if (config.heights, config.mapping_layers) != (list(plan.heights), plan.mapping_layers):
            raise KeyMapError("the config beside these tensors is that of another generator")
        return config

    def size(name: str, axis: int, axes: int) -> int:
        if name not in ours or ours[name].ndim != axes:
            raise KeyMapError(f"{name}: expected a tensor with {axes} axes")
        return ours[name].shape[axis]

    first, last = plan.heights[0], plan.heights[-1]
    if size("synthesis.const", 1, 3) != first:
        raise KeyMapError(f"the constant is {size('synthesis.const', 1, 3)} high, but the first block is {first}")
    embed_dim, c_dim = (size("mapping.embed.weight", axis, 2) if plan.conditional else 0 for axis in (0, 1))
    w_dim = size(f"synthesis.blocks.{first}.conv1.style.weight", 1, 2)
    inputs, hidden = size("mapping.layers.0.weight", 1, 2), size("mapping.layers.0.weight", 0, 2)
    labels_kept(layout, inputs - embed_dim, w_dim, c_dim, facts)
    try:
        return GeneratorConfig(
            resolution=(last, size("synthesis.const", 2, 3) * last // first),
            channels={height: size(f"synthesis.blocks.{height}.conv1.weight", 0, 4) for height in plan.heights},
            z_dim=inputs - embed_dim,
            c_dim=c_dim,
            w_dim=w_dim,
            mapping_layers=plan.mapping_layers,
            mapping_width=None if hidden == w_dim else hidden,
            embed_dim=None if embed_dim in (0, w_dim) else embed_dim,
            mapping_lr=float(facts.get("lr_multiplier", facts.get("mapping_lrmul", 0.01))),
            img_channels=size(f"synthesis.blocks.{last}.rgb.weight", 0, 4),
            architecture=plan.architecture,
            resample_filter=taps_of(theirs, facts),
            conv_clamp=clamp_of(facts),
            use_noise=plan.noise,
        )
    except (ValueError, TypeError) as error:
        raise KeyMapError(f"the sizes of this generator do not fit together: {error}") from error


def _complete(net: Generator, ours: dict[str, Tensor]) -> None:
    """Fill in what may be absent, and check every name and shape against the network's."""
    random = torch.Generator().manual_seed(0)
    wanted = net.state_dict()
    for name, tensor in wanted.items():
        if name not in ours and name == "mapping.w_avg":
            ours[name] = torch.zeros(tensor.shape)
        elif name not in ours and name.endswith(".noise"):
            ours[name] = torch.randn(tensor.shape, generator=random)
    wrong = sorted(ours.keys() ^ wanted.keys())
    for name in sorted(ours.keys() & wanted.keys()):
        if ours[name].shape != wanted[name].shape:
            wrong.append(f"{name} {list(ours[name].shape)}, not {list(wanted[name].shape)}")
    if wrong:
        raise KeyMapError(f"This generator's sizes do not fit together: {_listed('misfit', wrong)}.")


def _listed(word: str, names: list[str]) -> str:
    if not names:
        return ""
    return f"{len(names)} tensors {word} ({', '.join(names[:6])}{', …' if len(names) > 6 else ''})"
