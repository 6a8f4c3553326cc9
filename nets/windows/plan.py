"""Which windows each layer computes, so that some windows of the features come out exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nets.windows.fields import Windows, whole
from nets.windows.layers import WindowedLayer


class Stop(NamedTuple):
    """One layer's part of a plan: the windows that it reads, and those that it gives."""

    reads: Windows
    gives: Windows


def plan(layers: Sequence[WindowedLayer], features: Windows, tap: int | None = None) -> list[Stop]:
    """Backwards from the windows wanted of the last layer, through one receptive field after another.

    On the way down the windows grow together. As soon as the rectangle around all of them is no more work than they
    are one by one, it takes their place, in this block and all below; a whole map is the largest such rectangle. Layer
    number `tap` and those below give whole maps.
    """
    stops, gives = [], features
    for number in range(len(layers) - 1, -1, -1):
        layer = layers[number]
        if tap is not None and number <= tap:
            gives = whole(*layer.size)
        elif layer.taps is None or len(gives.places) == 1:  # a block's two layers share the choice
            hull = gives.hull(*layer.size)
            gives = hull if hull.area <= gives.area or len(gives.places) == 1 else gives
        stops.append(Stop(layer.field(gives), gives))
        gives = stops[-1].reads
    return stops[::-1]
