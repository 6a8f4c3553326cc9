"""256 colours for some frames of a GIF, and each pixel's nearest one of them.

Pillow has both, but its median cut forgets small things such as lips and irises, and its mapping to a given palette
takes a near colour rather than the nearest: together they cost about as much as having half as many colours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from registry.subjects import Pixels

COLOURS = 256
_BITS = 7  # colours are told apart to two levels of 256
_ROUNDS = 8
_START = 512 * 512  # pixels that median cut starts from

Indices = NDArray[np.uint8]


def dithered(pixels: Pixels, amplitude: float = 2.0) -> Pixels:
    """The picture with Bayer's 8 × 8 threshold matrix added, from -amplitude to amplitude, on all channels alike.

    Ordered noise stands still, so that flat areas neither show bands nor flicker from frame to frame.
    """
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]] % 8
    noisy: Pixels = (pixels + amplitude * _BAYER[y, x][..., None]).round().clip(0, 255).astype(np.uint8)
    return noisy


def reduce(frames: Sequence[Pixels]) -> tuple[Pixels, list[Indices]]:
    """One palette [≤ 256, 3] for all of these frames, and every frame's indices [h, w] into it."""
    keys = [_cells(frame) for frame in frames]
    counts = np.zeros(1 << 3 * _BITS, np.int64)
    for key in keys:
        counts += np.bincount(key.ravel(), minlength=len(counts))
    used = np.flatnonzero(counts)
    half = (1 << (8 - _BITS)) / 2 - 0.5  # a cell's middle
    colours = np.stack([(used >> shift & _MASK) << 8 - _BITS for shift in (2 * _BITS, _BITS, 0)], axis=1) + half
    palette = _palette(colours, counts[used])
    table = np.zeros(len(counts), np.uint8)
    table[used] = _nearest(colours, palette.astype(np.float64))
    return palette, [table[key] for key in keys]


_MASK = (1 << _BITS) - 1


def _cells(frame: Pixels) -> NDArray[np.int32]:
    coarse = (frame >> (8 - _BITS)).astype(np.int32)
    cells: NDArray[np.int32] = coarse[..., 0] << 2 * _BITS | coarse[..., 1] << _BITS | coarse[..., 2]
    return cells


def _palette(colours: NDArray[np.float64], counts: NDArray[np.int64]) -> Pixels:
    """k-means from a median cut. A colour counts by the root of its area, so that small things keep theirs."""
    weights = np.sqrt(counts)
    repeats = np.ceil(weights * (_START / weights.sum())).astype(np.int64)
    start = np.repeat(colours.astype(np.uint8), repeats, axis=0)[None]
    cut = Image.fromarray(start).quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
    centres = np.asarray(cut.getpalette("RGB"), np.float64).reshape(-1, 3)
    for _ in range(_ROUNDS):
        nearest = _nearest(colours, centres)
        mass = np.bincount(nearest, weights, len(centres))
        for channel in range(3):
            total = np.bincount(nearest, weights * colours[:, channel], len(centres))
            centres[:, channel] = np.where(mass > 0, total / np.maximum(mass, 1e-9), centres[:, channel])
    palette: Pixels = centres.round().clip(0, 255).astype(np.uint8)
    return palette


def _nearest(colours: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each colour [N, 3] the index of its nearest centre, in parts that fit into a processor's cache."""
    square = (centres**2).sum(1)
    parts = [
        (square - 2 * colours[start : start + 4096] @ centres.T).argmin(1) for start in range(0, len(colours), 4096)
    ]
    return np.concatenate(parts)


def _bayer() -> NDArray[np.float64]:
    matrix = np.zeros((1, 1))
    for _ in range(3):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return ((matrix + 0.5) / 64 - 0.5) * 2


_BAYER = _bayer()
