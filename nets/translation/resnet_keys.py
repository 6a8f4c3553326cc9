"""ResNet generators from the names of CycleGAN's, CUT's and pix2pixHD's files: sizes and kinds from numbers and shapes.

Layers of those files are numbered, and what they are follows from the order: convolutions have weights of four
dimensions, in ascending order the first layer, halvings, blocks (``conv_block``), doublings and the last layer. Dropout
and padding only move the numbers; instance normalisation may have left running statistics, which nobody used.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nets.translation.official import Misread, filled
from nets.translation.pix2pixhd import Enhanced, EnhancedConfig
from nets.translation.resnet import Resnet, ResnetConfig

_NAME = re.compile(r"(\d+)\.(?:(?:conv_block\.)(\d+)\.)?(\w+)")
_RUNNING = ("running_mean", "running_var")
Place = tuple[int, int]


@dataclass
class Chain:
    """The numbered layers of one sequence.

    Attributes:
        convs: place → names of weight and bias.
        norms: place → names of what a normalisation has.
        filters: places of CUT's fixed filters.
        unknown: names that belong to none of these.
    """

    convs: dict[Place, dict[str, str]] = field(default_factory=dict)
    norms: dict[Place, dict[str, str]] = field(default_factory=dict)
    filters: dict[Place, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, state: Mapping[str, Tensor], prefix: str) -> Chain:
        """The layers whose names begin with that prefix."""
        made, places = cls(), dict[Place, dict[str, str]]()
        for name in state:
            if name.startswith(prefix) and (match := _NAME.fullmatch(name[len(prefix) :])):
                inner = -1 if match[2] is None else int(match[2])
                places.setdefault((int(match[1]), inner), {})[match[3]] = name
            elif name.startswith(prefix):
                made.unknown.append(name)
        for place, parts in sorted(places.items()):
            if set(parts) == {"filt"}:
                made.filters[place] = parts["filt"]
            elif "weight" in parts and state[parts["weight"]].ndim == 4 and set(parts) <= {"weight", "bias"}:
                made.convs[place] = parts
            elif set(parts) <= {"weight", "bias", *_RUNNING}:
                made.norms[place] = parts
            else:
                made.unknown += parts.values()
        behind = {_behind(place) for place in made.convs}
        made.unknown += [name for place in made.norms if place not in behind for name in made.norms[place].values()]
        return made

    def outer(self) -> list[Place]:
        """Convolutions outside blocks."""
        return [place for place in self.convs if place[1] < 0]

    def blocks(self) -> list[int]:
        """Numbers of the blocks, in order."""
        return sorted({place[0] for place in self.convs if place[1] >= 0})

    def norm_after(self, conv: Place) -> dict[str, str]:
        """Names of the normalisation behind a convolution, or nothing."""
        return self.norms.get(_behind(conv), {})


def _behind(conv: Place) -> Place:
    """The next place in the same sequence."""
    return (conv[0] + 1, -1) if conv[1] < 0 else (conv[0], conv[1] + 1)


def resnet_config(state: Mapping[str, Tensor], chain: Chain, headless: bool = False) -> ResnetConfig:
    """Sizes and kinds of the generator in a chain; `headless` ones have no last layer. Raises Misread."""
    outer, blocks = chain.outer(), chain.blocks()
    count = len(outer) - (1 if headless else 2)
    if count < 0 or count % 2:
        raise Misread(f"{len(outer)} convolutions outside its blocks cannot be halvings and as many doublings.")
    first, norms = state[chain.convs[outer[0]]["weight"]], list(chain.norms.values())
    scaled = [parts for parts in norms if "weight" in parts]
    running = any(_RUNNING[0] in parts for parts in scaled)
    middle = outer[count // 2]
    padding, dropout = _inside(chain, blocks)
    filters = [place < (blocks[0] if blocks else middle[0] + 2, -1) for place in chain.filters]
    return ResnetConfig(
        inputs=first.shape[1],
        outputs=first.shape[0] if headless else state[chain.convs[outer[-1]]["weight"]].shape[0],
        width=first.shape[0],
        blocks=len(blocks),
        downs=count // 2,
        norm="batch" if running else "instance",
        affine=bool(scaled),
        bias="bias" in chain.convs[outer[0]],
        padding=padding,
        dropout=dropout,
        down="antialias" if any(filters) else "strided",
        up="antialias" if not all(filters) else "transposed",
    )


def _inside(chain: Chain, blocks: list[int]) -> tuple[str, bool]:
    """Padding and dropout of the blocks: a layer for padding begins at 1, and dropout moves the second by one."""
    if not blocks:
        return "reflect", False
    inner = [place[1] for place in chain.convs if place[0] == blocks[0] and place[1] >= 0]
    if len(inner) != 2:
        raise Misread(f"a block of {len(inner)} convolutions instead of two is none of CycleGAN's or pix2pixHD's.")
    padding = "zero" if inner[0] == 0 else "reflect"
    return padding, inner[1] - inner[0] > (3 if padding == "zero" else 4)


def chain_tensors(
    state: Mapping[str, Tensor], chain: Chain, names: Iterator[tuple[str, str]], batch: bool
) -> dict[str, Tensor]:
    """Tensors by our names: convolutions in order take `names`, each of a convolution and its normalisation.

    Running statistics of instance normalisation are dropped; CUT's filters are compared with what they should be.
    """
    found: dict[str, Tensor] = {}
    for place, parts in sorted(chain.convs.items()):
        conv, norm = next(names, ("", ""))
        if not conv:
            chain.unknown += parts.values()
            continue
        found |= {f"{conv}.{part}": state[name] for part, name in parts.items()}
        behind = chain.norm_after(place)
        found |= {f"{norm}.{part}": state[name] for part, name in behind.items() if batch or part not in _RUNNING}
    for name in chain.filters.values():
        _check_filter(name, state[name])
    return found


def _check_filter(name: str, value: Tensor) -> None:
    taps = {3: [0.25, 0.5, 0.25], 4: [0.25, 0.75, 0.75, 0.25]}.get(value.shape[-1])
    if taps is None or value.ndim != 4 or not torch.allclose(value.float(), torch.outer(*[torch.tensor(taps)] * 2)):
        raise Misread(f"its filter {name} is not CUT's binomial one, so its pictures would come out wrong.")


def resnet_names(config: ResnetConfig, prefix: str = "", last: bool = True) -> Iterator[tuple[str, str]]:
    """Our names of convolutions and their normalisations, in the order of the layers."""
    yield f"{prefix}first.conv", f"{prefix}first.norm"
    for n in range(config.downs):
        yield f"{prefix}down.{n}.conv", f"{prefix}down.{n}.norm"
    for n in range(config.blocks):
        yield f"{prefix}blocks.{n}.first", f"{prefix}blocks.{n}.first_norm"
        yield f"{prefix}blocks.{n}.second", f"{prefix}blocks.{n}.second_norm"
    for n in range(config.downs):
        yield f"{prefix}up.{n}.up.conv", f"{prefix}up.{n}.norm"
    if last:
        yield f"{prefix}last", f"{prefix}nothing"


def resnet_from_state(state: Mapping[str, Tensor]) -> Resnet:
    """A ResNet generator (CycleGAN, CUT, pix2pixHD's global one or its encoder) in cleaned tensors. Raises Misread."""
    chain = Chain.of(state, "model.")
    config = resnet_config(state, chain)
    tensors = chain_tensors(state, chain, resnet_names(config), config.norm == "batch")
    left = [*chain.unknown, *(name for name in state if not name.startswith("model."))]
    return filled(lambda: Resnet(config), tensors, left, f"a ResNet generator of {config.blocks} blocks")


def enhanced_from_state(state: Mapping[str, Tensor]) -> Enhanced:
    """pix2pixHD's generator with local enhancers in cleaned tensors. Raises Misread."""
    base = Chain.of(state, "model.")
    config = resnet_config(state, base, headless=True)
    tensors = chain_tensors(state, base, resnet_names(config, "base.", last=False), config.norm == "batch")
    count = max(int(name[5]) for name in state if re.match(r"model\d_\d\.", name))
    left, blocks = list(base.unknown), 0
    for n in range(count):
        start, rest = Chain.of(state, f"model{n + 1}_1."), Chain.of(state, f"model{n + 1}_2.")
        inner = [
            (f"blocks.{n}.{k}.{w}", f"blocks.{n}.{k}.{w}_norm") for k in rest.blocks() for w in ("first", "second")
        ]
        ends = [(f"up.{n}.up.conv", f"up.{n}.norm"), ("last", "nothing")]
        begin = [(f"down.{n}.{k}.conv", f"down.{n}.{k}.norm") for k in range(2)]
        tensors |= chain_tensors(state, start, iter(begin), config.norm == "batch")
        tensors |= chain_tensors(state, rest, iter([*inner, *ends]), config.norm == "batch")
        left, blocks = [*left, *start.unknown, *rest.unknown], len(rest.blocks())
    known = re.compile(r"model(\d_\d)?\.")
    left += [name for name in state if not known.match(name)]
    if not rest.convs or not blocks:
        raise Misread("its last enhancer has no layers.")
    outputs = state[max(rest.convs.items())[1]["weight"]].shape[0]
    whole = EnhancedConfig(dataclasses.replace(config, outputs=outputs), count, blocks)
    return filled(lambda: Enhanced(whole), tensors, left, "pix2pixHD's generator with enhancers")
