"""A style as numbers that can be taken out of a network and put into another one of its shape.

Every parameter of a fast style network has a row for each style: its kernels, scales and shifts, and its palette.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from nets.fast_style.network import FastStyle
from nets.fast_style.packed import COLOURS, PLACES, packed, unpacked
from nets.fast_style.paint import LAID

Rows = Mapping[str, Tensor]
"""Name of a parameter → its part of one style."""


def parameters_by_style(net: FastStyle) -> Iterator[tuple[str, nn.Parameter]]:
    """The parameters; the first axis of each is that of the styles."""
    yield from net.named_parameters()


def rows_of(net: FastStyle, style: str) -> dict[str, Tensor]:
    """The rows of one of its styles. Raises ValueError for one that it has not."""
    number = net.config.styles.index(style)
    return {name: value.detach()[number].clone() for name, value in parameters_by_style(net)}


@torch.inference_mode(False)
def with_styles(net: FastStyle, styles: Mapping[str, Rows], alone: bool = False) -> FastStyle:
    """A copy of a network with further styles; `alone`: with these only.

    Raises:
        ValueError: the rows are of another network, or not finite.
    """
    known = () if alone else net.config.styles
    with torch.no_grad():
        made = copy.deepcopy(net).requires_grad_(False)
        made.config = replace(net.config, styles=(*known, *styles))
        given = [with_paint(each, net) for each in styles.values()]
        for name, value in parameters_by_style(made):
            rows = [] if alone else list(value)
            for each in given:
                row = each.get(name)
                if row is None or row.shape != value.shape[1:] or not bool(torch.isfinite(row).all()):
                    raise ValueError(f"it is a style of another network: {name} does not fit")
                rows.append(row.to(value))
            value.data = torch.stack(rows)
    return made


def with_paint(rows: Rows, net: FastStyle) -> Rows:
    """Rows as this network has them, of a style as it is kept.

    One that was learned before networks had paint gets none of it; one from before paint lay in patches has it laid as
    it was. Each paints what it did.

    Raises:
        ValueError: its paint is none.
    """
    given = dict(rows)
    if not set(LAID) <= given.keys():
        blank = FastStyle(replace(net.config, styles=("blank",)))
        given = {name: blank.get_parameter(name)[0] for name in LAID} | given
    if PLACES in given and COLOURS in given:
        given["paint"] = unpacked(given)
    return {name: row for name, row in given.items() if name not in (PLACES, COLOURS)}


def rounded(rows: Rows) -> dict[str, Tensor]:
    """Rows as they are kept: in half precision, paint in bytes."""
    kept = {name: row.half() if row.is_floating_point() else row for name, row in rows.items()}
    parts = packed(kept["paint"])
    if parts:
        del kept["paint"]
    return kept | (parts or {})
