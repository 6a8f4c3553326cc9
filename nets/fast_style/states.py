"""Fast style networks from tensors, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nets.contents import Contents
from nets.fast_style.config import FastStyleConfig
from nets.fast_style.network import FastStyle
from nets.fast_style.packed import COLOURS, PLACES, packed
from nets.fast_style.paint import KNOWN, STROKES, is_some
from nets.fast_style.rows import with_paint
from nets.own_layout import restored, stored

PAINT = ("paint", PLACES, COLOURS)
OF_ALL = (*(name for name in KNOWN if name != "paint"), "detail")
"""Names of what every style has rows of in a file."""


def from_state(state: Mapping[str, Any], metadata: Mapping[str, Any]) -> FastStyle:
    """The network in `state`, frozen.

    Args:
        state: tensors by name. Paint has rows of the styles that have some, and need not be there; kernels, scales and
            shifts have rows of those that draw strokes, and the others get those of the first of them, but draw none.
        metadata: `config`, the JSON of a `FastStyleConfig`; `painted` and `drawing`, the JSON of the names of those
            styles. Without `drawing` all have rows.

    Raises:
        ValueError: as `restored`; or tensors and the names of their styles do not fit each other.
    """

    def build(text: str) -> FastStyle:
        return FastStyle(FastStyleConfig.from_json(text))

    whole = state
    if isinstance(metadata.get("config"), str):
        net = build(metadata["config"])
        rows = [with_paint(each, net) for each in _by_style(net.config.styles, state, metadata)]
        whole = {name: torch.stack([each[name] for each in rows]) for name in rows[0]}
    return restored(build, "no fast style network", whole, metadata)


def _by_style(
    styles: Sequence[str], state: Mapping[str, Tensor], metadata: Mapping[str, Any]
) -> Iterator[dict[str, Tensor]]:
    """The rows of each style, as they are kept."""
    painted, drawing = _names(metadata, "painted"), _names(metadata, "drawing") or list(styles)
    owners = dict[str, Sequence[str]]()
    for name, value in state.items():
        owners[name] = painted if name in PAINT else styles if name in OF_ALL else drawing
        if not set(owners[name]) <= set(styles) or not value.ndim or len(value) != len(owners[name]):
            raise ValueError(f"{name} is not that of {list(owners[name])}; this is no fast style network")
    for style in styles:
        own = {name: value[owners[name].index(style)] for name, value in state.items() if style in owners[name]}
        if style not in drawing:
            others = {name: value[0] for name, value in state.items() if name not in PAINT and name not in OF_ALL}
            own |= others | {name: torch.zeros_like(others[name]) for name in STROKES if name in others}
        yield own


def _names(metadata: Mapping[str, Any], kind: str) -> list[str]:
    names = json.loads(metadata.get(kind, "[]"))
    if not isinstance(names, list):
        raise ValueError(f"{kind} names no styles: {str(names)[:80]}")
    return [str(name) for name in names]


def to_state(net: FastStyle) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors in half precision, and the metadata beside them.

    Paint is packed, and that of the styles that have some; kernels, scales and shifts are those of the styles that draw
    strokes, or of the first style, where none does.
    """
    tensors, metadata = stored(net, net.config)
    styles = net.config.styles
    painted = [n for n, row in enumerate(net.paint) if is_some(row)]
    drawing = [n for n in range(len(styles)) if any(net.get_parameter(name)[n].any() for name in STROKES)] or [0]
    kept = {name: value if name in OF_ALL else value[drawing].contiguous() for name, value in tensors.items()}
    kept["paint"] = net.paint.detach()[painted].contiguous()
    parts = [part for part in (packed(row) for row in kept["paint"]) if part]
    if parts and len(parts) == len(painted):
        del kept["paint"]
        kept |= {name: torch.stack([part[name] for part in parts]) for name in (PLACES, COLOURS)}
    named = {"painted": painted, "drawing": drawing}
    return kept, metadata | {kind: json.dumps([styles[n] for n in each]) for kind, each in named.items()}


def from_contents(contents: Contents) -> FastStyle:
    """The network in a file that has been read. Raises ValueError when it holds none."""
    return from_state(contents.tensors.get("", {}), contents.plain)
