"""AnimeGANv2 from PyTorch's names, or from an ONNX file, whose graph says which numbers belong to which layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from nets.contents import Contents
from nets.translation.animegan import AFTER, PLAN, WIDE, AnimeGan
from nets.translation.official import filled

_COUNTS = (("block_a", 3), ("block_b", 2), ("block_c", 1))
_ENDS = (("block_d", 2), ("block_e", 3))
_PASS_ON = ("Identity", "Unsqueeze", "Reshape", "Cast", "Squeeze")


def _ours() -> Iterator[tuple[str, str]]:
    """Our names of convolutions and the normalisations behind them, in the order in which they are computed."""
    yield from ((f"before.{n}.conv", f"before.{n}.norm") for n in range(len(PLAN)))
    for n in range(len(WIDE)):
        yield from ((f"middle.{n}.{part}.conv", f"middle.{n}.{part}.norm") for part in ("widen", "filter"))
        yield f"middle.{n}.narrow", f"middle.{n}.norm"
    yield from ((f"after.{n}.conv", f"after.{n}.norm") for n in range(len(AFTER)))
    yield "last", ""


def _theirs() -> Iterator[tuple[str, str]]:
    """The same in PyTorch's files."""
    yield from ((f"{block}.{n}.1", f"{block}.{n}.2") for block, count in _COUNTS for n in range(count))
    for n in range(1, 1 + len(WIDE)):
        stem = f"block_c.{n}.layers"
        yield from ((f"{stem}.{part}.1", f"{stem}.{part}.2") for part in (0, 1))
        yield f"{stem}.2", f"{stem}.3"
    yield "block_c.5.1", "block_c.5.2"
    yield from ((f"{block}.{n}.1", f"{block}.{n}.2") for block, count in _ENDS for n in range(count))
    yield "out_layer.0", ""


def animegan_from_state(state: Mapping[str, Tensor], corners: bool = True) -> AnimeGan:
    """AnimeGANv2 in cleaned tensors. Raises Misread."""
    names = dict[str, str]()
    for ours, theirs in zip(_ours(), _theirs(), strict=True):
        names |= {b: a for a, b in zip(ours, theirs, strict=True) if b}
    tensors, left = dict[str, Tensor](), list[str]()
    for name, value in state.items():
        layer, _, part = name.rpartition(".")
        if layer in names:
            tensors[f"{names[layer]}.{part}"] = value
        else:
            left.append(name)
    return filled(lambda: AnimeGan(corners), tensors, left, "AnimeGANv2")


def is_animegan_graph(contents: Contents) -> bool:
    """Whether an ONNX file's convolutions are as many and as wide as AnimeGANv2's."""
    nodes = contents.plain.get("nodes")
    if not isinstance(nodes, list):
        return False
    shapes = [tuple(row["conv"].shape) for row in _rows(nodes, contents.tensors.get("", {}))]
    begin = [size[:3] for size in PLAN]
    return len(shapes) == 25 and [(s[1], s[0], s[2]) for s in shapes[:6]] == begin


def animegan_from_graph(contents: Contents) -> AnimeGan:
    """AnimeGANv2 in an ONNX file, exported by PyTorch. Raises Misread."""
    nodes, state = contents.plain["nodes"], contents.tensors.get("", {})
    tensors = dict[str, Tensor]()
    for (conv, norm), row in zip(_ours(), _rows(nodes, state), strict=False):
        tensors[f"{conv}.weight"] = row["conv"]
        if "bias" in row and conv.endswith("filter.conv"):
            tensors[f"{conv}.bias"] = row["bias"]
        if norm:
            tensors |= {f"{norm}.{ours}": row[theirs] for ours, theirs in (("weight", "scale"), ("bias", "shift"))
                        if theirs in row}  # fmt: skip
    modes = [n["attributes"].get("coordinate_transformation_mode") for n in nodes if n["op"] in ("Resize", "Upsample")]
    return filled(lambda: AnimeGan("align_corners" in modes), tensors, [], "AnimeGANv2")


def _rows(nodes: Sequence[Mapping[str, Any]], state: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
    """Of every convolution, in the graph's order: ``conv``, ``bias``, and ``scale`` and ``shift`` behind it."""
    known, rows = dict(state), list[dict[str, Tensor]]()
    for node in nodes:
        inputs, kind = node["inputs"], node["op"]
        given = [known[name] for name in inputs if name in known]
        if kind in _PASS_ON and inputs and inputs[0] in known:
            known |= dict.fromkeys(node["outputs"], known[inputs[0]])
        elif kind == "Conv" and given:
            rows.append({"conv": given[0]} | ({"bias": given[1]} if len(given) > 1 else {}))
        elif rows and kind in ("Mul", "Add") and len(given) == 1 and given[0].numel() == len(rows[-1]["conv"]):
            rows[-1].setdefault("scale" if kind == "Mul" else "shift", given[0].flatten())
        elif rows and kind == "GroupNormalization" and len(given) == 2:
            rows[-1] |= {"scale": given[0].flatten(), "shift": given[1].flatten()}
    return rows
