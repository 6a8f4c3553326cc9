"""A generator from somebody's tensors, and back: sizes are read from the tensors' shapes, never from a file's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nets.stylegan2.config import GeneratorConfig
from nets.stylegan2.detect import find, outline
from nets.stylegan2.generator import Generator
from nets.stylegan2.keymaps import TABLES, TO_OURS, TO_THEIRS, KeyMapError, Kind, Layout, Outline

FILTERS = ("resample_filter", "blur.kernel", "upsample.kernel")  # constants that some layouts store with the weights
COUNTERS = ("lod", "pl_mean")  # states of training


@torch.inference_mode(False)  # a network loaded during inference must still take gradients later
def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> Generator:
    """The generator in `state`, in evaluation mode, float32, its weights frozen (they are copies).

    state: name → tensor, or nested as in a checkpoint (`g_ema`, `G_ema`, `state_dict` …); any `Layout`.
    metadata: what the file says besides: `config` (our own JSON), or a network's `init_kwargs`, under its name or not.
        Only facts that no tensor shows are taken from it: clamp, learning-rate multiplier, filter taps.
    Where the mean of w is not stored it is measured; where no noise is stored it is drawn from a fixed seed.
    Raises KeyMapError when there is no such generator, or when tensors are missing, left over or of a wrong shape.
    """
    found = find(state)
    plan = outline(found.layout, found.tensors)
    ours = _rename(found.layout, plan, found.tensors)
    config = _config(plan, ours, found.tensors, _facts(metadata or {}, found.prefix))
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
    return {name: tensor.contiguous() for name, tensor in ours.items()}


def _config(
    plan: Outline, ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor], facts: Mapping[str, Any]
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
    clamp = facts.get("conv_clamp")
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
            resample_filter=_taps(theirs, facts),
            conv_clamp=None if clamp is None else float(clamp),
            use_noise=plan.noise,
        )
    except (ValueError, TypeError) as error:
        raise KeyMapError(f"the sizes of this generator do not fit together: {error}") from error


def _facts(metadata: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Every plain fact of the metadata, those of the network itself and of its parts, under one roof."""
    facts: dict[str, Any] = {}
    own = metadata.get(prefix.split(".")[0], metadata.get("module"))
    for level in (metadata, own):
        if isinstance(level, Mapping):
            kwargs = level.get("init_kwargs")
            kwargs = kwargs if isinstance(kwargs, Mapping) else {}
            for part in (level, kwargs, kwargs.get("mapping_kwargs"), kwargs.get("synthesis_kwargs")):
                if isinstance(part, Mapping):
                    facts.update({k: v for k, v in part.items() if isinstance(v, (str, int, float, list, tuple))})
    return facts


def _taps(theirs: Mapping[str, Tensor], facts: Mapping[str, Any]) -> tuple[float, ...]:
    """The 1-D filter whose outer product a stored kernel is."""
    stored = next((theirs[name] for name in theirs if name.endswith(FILTERS)), None)
    if stored is None:
        taps = facts.get("resample_filter", facts.get("resample_kernel")) or (1, 3, 3, 1)
        return tuple(float(tap) for tap in taps)
    kernel = stored.double()
    line = kernel if kernel.ndim == 1 else kernel.sum(0)
    line = line / line.sum()
    if kernel.ndim == 2 and not torch.allclose(torch.outer(line, line), kernel / kernel.sum(), atol=1e-5):
        raise KeyMapError("the resampling filter of this generator is not separable")
    scaled = line / line.abs().min().clamp_min(1e-6)
    tidy = scaled.round() if torch.allclose(scaled, scaled.round(), atol=1e-4) else line
    return tuple(tidy.tolist())


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
