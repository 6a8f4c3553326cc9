"""What the procedural painters share: noise, scenes to paint, and brushes. All deterministic for a given generator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Array = NDArray[np.float64]
Rng = np.random.Generator


def colour(code: str) -> Array:
    """``"#rrggbb"`` as three numbers in 0..1."""
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def palette(*codes: str) -> Array:
    """Several colours [K, 3]."""
    return np.array([colour(code) for code in codes])


def grid(n: int) -> tuple[Array, Array]:
    """x (right) and y (down) in 0..1, each [n, n]."""
    ramp = (np.arange(n) + 0.5) / n
    x, y = np.meshgrid(ramp, ramp)
    return x, y


def noise(n: int, rng: Rng, cells: float = 4, octaves: int = 4, gain: float = 0.5, stretch: float = 1.0) -> Array:
    """Smooth fractal noise [n, n], scaled to 0..1; `stretch` > 1 makes it longer than high."""
    total = np.zeros((n, n))
    for octave in range(octaves):
        across, down = max(2, round(cells * 2**octave / stretch)) + 3, max(2, round(cells * 2**octave)) + 3
        coarse = Image.fromarray(rng.standard_normal((down, across)).astype(np.float32))
        total += gain**octave * np.asarray(coarse.resize((n, n), Image.Resampling.BICUBIC), dtype=np.float64)
    return (total - total.min()) / np.ptp(total)


def blur(a: Array, radius: float) -> Array:
    """Gaussian blur of [n, n] or [n, n, C] by three box passes, edges repeated."""
    r = max(1, round(radius))
    for axis in (0, 1):
        for _ in range(3):
            pad = [(0, 0)] * a.ndim
            pad[axis] = (r + 1, r)
            total = np.cumsum(np.pad(a, pad, mode="edge"), axis=axis)
            upper = np.take(total, range(2 * r + 1, total.shape[axis]), axis=axis)
            lower = np.take(total, range(total.shape[axis] - 2 * r - 1), axis=axis)
            a = (upper - lower) / (2 * r + 1)
    return a


def ramp(t: Array, colours: Array) -> Array:
    """Colours [K, 3] spread over t in 0..1, interpolated: [..., 3]."""
    knots = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(t, knots, colours[:, c]) for c in range(3)], -1)


def over(base: Array, top: Array, alpha: Array | float) -> Array:
    """Lay `top` over `base` [n, n, 3]; alpha [n, n] or a number."""
    a = np.asarray(alpha, dtype=np.float64)
    a = a[..., None] if a.ndim == 2 else a
    return base * (1 - a) + top * a


def step(x: Array, edge: Array | float, width: float) -> Array:
    """0 below the edge, 1 above it, smooth over `width`."""
    t = np.clip((x - edge) / width + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def relief(picture: Array, height: Array, strength: float = 1.0, angle: float = -2.2) -> Array:
    """Light a picture from the side, as paint lies thick on a canvas."""
    dy, dx = np.gradient(height)
    slope = dx * math.cos(angle) + dy * math.sin(angle)
    return picture * (1 + np.clip(strength * slope, -0.35, 0.45))[..., None]


def to_image(picture: Array, size: int = 512) -> Image.Image:
    """[n, n, 3] in 0..1 as an RGB picture of size x size."""
    full = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    return full if full.width == size else full.resize((size, size), Image.Resampling.LANCZOS)


def from_image(image: Image.Image) -> Array:
    """An RGB or grey picture in 0..1."""
    return np.asarray(image, dtype=np.float64) / 255


def ridge(n: int, rng: Rng, level: float, height: float, cells: float = 3, octaves: int = 6) -> Array:
    """The skyline of a mountain chain: y in 0..1 for every column [n]."""
    line = np.zeros(n)
    x = np.linspace(0, 1, n)
    for octave in range(octaves):
        k = int(cells * 2**octave) + 2
        line += 0.5**octave * np.interp(x, np.linspace(0, 1, k), rng.uniform(-1, 1, k))
    return level - height * line


def landscape(
    n: int,
    rng: Rng,
    sky: Array,
    land: Array,
    sun: tuple[float, float, float],
    glow: Array,
    layers: int = 4,
    horizon: float = 0.45,
    rough: float = 0.12,
) -> Array:
    """A view to paint from: sky, sun, and `layers` ridges from far to near [n, n, 3].

    Args:
        sky: colours from the zenith to the horizon; land: from the farthest ridge to the nearest.
        sun: x, y, radius; glow: its colour.
        horizon: height of the farthest ridge; rough: how high the ridges rise.
    """
    x, y = grid(n)
    view = ramp(np.clip(y / (horizon + 0.1), 0, 1), sky)
    clouds = noise(n, rng, 3, 5, stretch=2.5)
    view = over(view, ramp(np.clip(y * 1.6, 0, 1), sky[::-1]), 0.55 * step(clouds, 0.6, 0.3))
    distance = np.hypot(x - sun[0], y - sun[1])
    view = over(view, glow, 0.6 * np.exp(-((distance / (3.2 * sun[2])) ** 2)))
    view = over(view, glow, 1 - step(distance, sun[2], 0.01))
    for k in range(layers):
        near = k / max(1, layers - 1)
        line = ridge(n, rng, horizon + near * (0.92 - horizon), rough * (1 - 0.45 * near), 2 + 2 * near)
        inside = step(y, line[None, :], 3 / n)
        depth = np.clip((y - line[None, :]) / 0.25, 0, 1)
        body = ramp(np.full_like(y, near), land)
        shade = noise(n, rng, 8, 4, stretch=1.5)
        view = over(view, np.clip(body * (1.18 - 0.35 * depth + 0.35 * (shade - 0.5))[..., None], 0, 1), inside)
    return view


def still_life(n: int, rng: Rng, wall: Array, table: Array, fruit: Array) -> Array:
    """A table with a vase and fruit, lit from the left [n, n, 3]."""
    x, y = grid(n)
    view = ramp(np.clip(0.7 * x + 0.5 * y + 0.2 * noise(n, rng, 3, 3), 0, 1), wall)
    top = ramp(np.clip(1.2 * y - 0.3 + 0.15 * noise(n, rng, 3, 4, stretch=4), 0, 1), table)
    view = over(view, top, step(y, 0.66 + 0.03 * x, 0.008))
    half = 0.055 + 0.1 * np.exp(-(((y - 0.52) / 0.14) ** 2)) + 0.03 * np.exp(-(((y - 0.2) / 0.05) ** 2))
    across = (x - 0.36) / half
    inside = (1 - step(np.abs(across), 1, 0.05)) * step(y, 0.2, 0.01) * (1 - step(y, 0.76, 0.012))
    view = over(
        view, ramp(np.clip(0.5 + 0.5 * across, 0, 1), np.stack([fruit[0] * 1.25, fruit[0], fruit[0] * 0.35])), inside
    )
    places = [
        (0.62, 0.66, 0.1),
        (0.78, 0.72, 0.095),
        (0.53, 0.77, 0.085),
        (0.68, 0.81, 0.09),
        (0.2, 0.8, 0.085),
        (0.86, 0.85, 0.07),
    ]
    for k, (cx, cy, r) in enumerate(places):
        u, v = (x - cx) / r, (y - cy) / r
        round_ = np.hypot(u, v)
        view = view * (1 - 0.45 * np.exp(-(((u - 0.45) / 1.2) ** 2) - ((v - 0.85) / 0.4) ** 2))[..., None]
        light = np.clip(0.72 - 0.38 * u - 0.38 * v, 0, 1.35)
        body = fruit[1 + k % (len(fruit) - 1)] * light[..., None]
        view = over(view, np.clip(body, 0, 1), 1 - step(round_, 1, 0.03))
        view = over(view, np.ones(3), 0.6 * np.exp(-(((u + 0.4) / 0.16) ** 2) - ((v + 0.42) / 0.16) ** 2))
    return np.clip(view, 0, 1)


def follow(angle: Array, x: float, y: float, length: float, pace: float = 3.0) -> list[tuple[float, float, float]]:
    """Points (x, y, direction) along a field of angles [n, n], starting at x, y in pixels."""
    n = len(angle)
    path = []
    for _ in range(max(2, int(length / pace))):
        if not (0 <= x < n and 0 <= y < n):
            break
        a = float(angle[int(y), int(x)])
        path.append((x, y, a))
        x, y = x + pace * math.cos(a), y + pace * math.sin(a)
    return path


def brush(
    view: Array,
    angle: Array,
    rng: Rng,
    coats: Sequence[tuple[int, float, float]],
    jitter: float = 0.06,
    bristle: float = 0.05,
    tint: Callable[[Array], Array] | None = None,
) -> tuple[Array, Array]:
    """Paint a view with strokes along a field of angles, coat over coat (Hertzmann 1998 without the error map).

    Args:
        view: what to paint [n, n, 3]; angle: directions of the strokes in radians [n, n].
        coats: (strokes, length, width) in pixels, coarse ones first.
        jitter: how much the colour of a stroke strays; bristle: and of a hair within it.
        tint: changes a stroke's colour, e.g. to the nearest of a palette.

    Returns:
        The painting [n, n, 3] and the thickness of its paint [n, n].
    """
    n = len(view)
    canvas, thick = to_image(blur(view, n / 60), n), Image.new("L", (n, n), 90)
    draw, lay = ImageDraw.Draw(canvas), ImageDraw.Draw(thick)
    for strokes, length, width in coats:
        for x, y in rng.uniform(0, n, (strokes, 2)):
            paint = view[int(y), int(x)] + rng.normal(0, jitter) + rng.normal(0, jitter / 2, 3)
            paint = tint(paint) if tint else paint
            size = width * rng.uniform(0.6, 1.2)
            path = follow(angle, x, y, length * rng.uniform(0.5, 1.3))
            if len(path) < 2:
                continue
            hairs = max(2, round(size / 2.5))
            for k in range(hairs):
                offset = (k / (hairs - 1) - 0.5) * size
                line = [(px - offset * math.sin(a), py + offset * math.cos(a)) for px, py, a in path]
                shade = paint + rng.normal(0, bristle)
                rim = 1 - abs(2 * k / (hairs - 1) - 1) ** 4
                hair = max(2, round(size / hairs + 1))
                draw.line(line, fill=tuple(int(v) for v in np.clip(shade * 255, 0, 255)), width=hair)
                lay.line(line, fill=int(np.clip(70 + 110 * rim + rng.normal(0, 30), 0, 255)), width=hair)
    return from_image(canvas), from_image(thick.filter(ImageFilter.GaussianBlur(n / 900)))
